from __future__ import annotations

import pytest

from saml_sso.identity_providers.metadata_reasons import MetadataReason
from saml_sso.identity_providers.trusted_addresses import TrustReason
from tests.saml_sso.builders import LOGIN_URL, POST, Entity, endpoint
from tests.saml_sso.reading import refusal


@pytest.mark.parametrize(
    ("entity_id", "detail"),
    [
        ("", TrustReason.REQUIRED),
        ("https://sts.windows.net/{tenant}/", TrustReason.PLACEHOLDER),
        ("idp", TrustReason.NOT_A_URI),
        ("' or '1'='1", TrustReason.NOT_A_URI),
        ("https://idp.example.com/&quot;]|//*[&quot;", TrustReason.NOT_A_URI),
        ("https://idp.example.com/#x", TrustReason.HAS_FRAGMENT),
        ("javascript:alert(1)", TrustReason.FORBIDDEN_SCHEME),
        ("https://idp.example.com/" + "x" * 1001, TrustReason.TOO_LONG),
    ],
)
def test_an_entity_id_is_judged_as_in_the_form(
    entity_id: str, detail: TrustReason
) -> None:
    invalid = refusal(Entity(entity_id=entity_id))

    assert invalid.reason is MetadataReason.INVALID_ENTITY_ID
    assert invalid.detail is detail


BAD_ADDRESSES = [
    ("", TrustReason.REQUIRED),
    ("javascript:alert(1)", TrustReason.NOT_HTTPS),
    ("http://login.microsoftonline.com/x/saml2", TrustReason.NOT_HTTPS),
    ("https://169.254.169.254/latest/", TrustReason.HOST_NOT_PUBLIC),
    ("https://127.0.0.1/", TrustReason.HOST_NOT_PUBLIC),
    ("https://user:word@idp.example.com/", TrustReason.HAS_USER_INFORMATION),
    ("https://idp.example.com/#x", TrustReason.HAS_FRAGMENT),
    ("https://idp.example.com/" + "x" * 2048, TrustReason.TOO_LONG),
]


@pytest.mark.parametrize(("address", "detail"), BAD_ADDRESSES)
def test_a_sign_on_address_is_judged_as_in_the_form(
    address: str, detail: TrustReason
) -> None:
    invalid = refusal(Entity(sign_on=endpoint("SingleSignOnService", address)))

    assert invalid.reason is MetadataReason.INVALID_SINGLE_SIGN_ON_URL
    assert invalid.detail is detail


@pytest.mark.parametrize(("address", "detail"), BAD_ADDRESSES)
def test_a_logout_address_is_judged_as_in_the_form(
    address: str, detail: TrustReason
) -> None:
    invalid = refusal(Entity(logout=endpoint("SingleLogoutService", address)))

    assert invalid.reason is MetadataReason.INVALID_SINGLE_LOGOUT_URL
    assert invalid.detail is detail


@pytest.mark.parametrize(
    "sign_on",
    [
        "",
        endpoint("SingleSignOnService", LOGIN_URL, POST),
        endpoint("SingleLogoutService", LOGIN_URL),
        f"<Extensions>{endpoint('SingleSignOnService', LOGIN_URL)}</Extensions>",
    ],
    ids=range(4),
)
def test_a_sign_on_service_with_redirect_binding_is_required(sign_on: str) -> None:
    assert refusal(Entity(sign_on=sign_on)).reason is MetadataReason.NO_REDIRECT_BINDING
