from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from onelogin.saml2.settings import validate_url

from saml_sso.identity_providers.trusted_addresses import (
    LONGEST_ENTITY_ID,
    LONGEST_URL,
    TrustReason,
    objection_to_entity_id,
    objection_to_url,
    tenant_id_of,
)
from tests.saml_sso.builders import ENTITY_ID, LOGIN_URL, TENANT

# Entity IDs


@pytest.mark.parametrize(
    "entity_id",
    [
        ENTITY_ID,
        ENTITY_ID + "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "http://adfs.example.com/adfs/services/trust",
        "http://www.okta.com/exk1a2b3c",
        "https://accounts.google.com/o/saml2?idpid=C01",
        "https://keycloak/realms/acme",
        "urn:acme.eu.auth0.com",
        "tag:example.com,2026:idp",
        "https://idp.example.com/" + "x" * (LONGEST_ENTITY_ID - 24),
    ],
)
def test_an_absolute_uri_may_name_an_identity_provider(entity_id: str) -> None:
    assert objection_to_entity_id(entity_id) is None


@pytest.mark.parametrize(
    ("entity_id", "objection"),
    [
        ("", TrustReason.REQUIRED),
        ("https://idp.example.com/" + "x" * 1001, TrustReason.TOO_LONG),
        ("https://sts.windows.net/{tenant}/", TrustReason.PLACEHOLDER),
        ("https://sts.windows.net/{tenantid}/", TrustReason.PLACEHOLDER),
        ("idp.example.com", TrustReason.NOT_A_URI),
        ("/saml/metadata", TrustReason.NOT_A_URI),
        ("urn:", TrustReason.NOT_A_URI),
        ("1urn:x", TrustReason.NOT_A_URI),
        ("https://idp.example.com/a b", TrustReason.NOT_A_URI),
        ("https://idp.example.com/\n", TrustReason.NOT_A_URI),
        ("https://idp.example.com/\0", TrustReason.NOT_A_URI),
        ("https://idp.example.com/'\" or 1", TrustReason.NOT_A_URI),
        ("https://アクメ.example/", TrustReason.NOT_A_URI),
        ("https://idp.example.com/#idp", TrustReason.HAS_FRAGMENT),
        ("javascript:alert(1)", TrustReason.FORBIDDEN_SCHEME),
        ("JavaScript:alert(1)", TrustReason.FORBIDDEN_SCHEME),
        ("data:text/html,x", TrustReason.FORBIDDEN_SCHEME),
        ("file:///etc/passwd", TrustReason.FORBIDDEN_SCHEME),
    ],
)
def test_what_is_no_absolute_uri_names_no_identity_provider(
    entity_id: str, objection: TrustReason
) -> None:
    assert objection_to_entity_id(entity_id) is objection


@pytest.mark.parametrize(
    ("entity_id", "tenant"),
    [
        (f"https://sts.windows.net/{TENANT}/", TENANT),
        (f"https://sts.windows.net/{TENANT.upper()}/", TENANT),
        (f"https://sts.windows.net/{TENANT}/application", TENANT),
        (f"https://sts.windows.net/{TENANT}", None),
        (f"http://sts.windows.net/{TENANT}/", None),
        (f"https://sts.windows.net.example.com/{TENANT}/", None),
        (f"https://evil.example/https://sts.windows.net/{TENANT}/", None),
        ("https://sts.windows.net/common/", None),
        (f"https://sts.windows.net/{TENANT}0/", None),
        (f"https://stsxwindows.net/{TENANT}/", None),
        ("urn:idp", None),
    ],
)
def test_only_an_entra_entity_id_names_a_tenant(
    entity_id: str, tenant: str | None
) -> None:
    assert tenant_id_of(entity_id) == tenant


# Addresses a browser is sent to


@pytest.mark.parametrize(
    "url",
    [
        LOGIN_URL,
        "https://login.partner.microsoftonline.cn/x/saml2",
        "https://accounts.google.com/o/saml2/idp?idpid=C01&x=%20",
        "HTTPS://IDP.Example.COM/",
        "https://idp.example.com",
        "https://idp.example.com:8443/saml",
        "https://idp.xn--eckwd4c7c.xn--zckzah/",
        "https://adfs.corp.internal/adfs/ls/",
        "https://8.8.8.8/saml",
        "https://idp.example.com/" + "x" * (LONGEST_URL - 24),
    ],
)
def test_a_browser_may_be_sent_to_https_on_a_public_host(url: str) -> None:
    assert objection_to_url(url) is None


@pytest.mark.parametrize(
    ("url", "objection"),
    [
        ("", TrustReason.REQUIRED),
        ("https://idp.example.com/" + "x" * (LONGEST_URL - 23), TrustReason.TOO_LONG),
        ("https://login.microsoftonline.com/{tenant}/saml2", TrustReason.PLACEHOLDER),
        ("login.microsoftonline.com/x/saml2", TrustReason.NOT_A_URI),
        ("//login.microsoftonline.com/x", TrustReason.NOT_A_URI),
        (" https://idp.example.com/", TrustReason.NOT_A_URI),
        ("https://idp.example.com/\r\nSet-Cookie:x", TrustReason.NOT_A_URI),
        ("https://idp.example.com\\@evil.example/", TrustReason.NOT_A_URI),
        ("https://idp.example.com/<script>", TrustReason.NOT_A_URI),
        ("https://アクメ.example/", TrustReason.NOT_A_URI),
        ("https://idp.example.com/#x", TrustReason.HAS_FRAGMENT),
        ("http://login.microsoftonline.com/x/saml2", TrustReason.NOT_HTTPS),
        ("javascript:alert(document.domain)", TrustReason.NOT_HTTPS),
        ("javascript://idp.example.com/%0aalert(1)", TrustReason.NOT_HTTPS),
        ("data:text/html,hello", TrustReason.NOT_HTTPS),
        ("file:///etc/passwd", TrustReason.NOT_HTTPS),
        ("ftp://idp.example.com/", TrustReason.NOT_HTTPS),
        ("idp.example.com:443/saml", TrustReason.NOT_HTTPS),
        ("https://user@idp.example.com/", TrustReason.HAS_USER_INFORMATION),
        ("https://idp.example.com@evil.example/", TrustReason.HAS_USER_INFORMATION),
        ("https://:@idp.example.com/", TrustReason.HAS_USER_INFORMATION),
        ("https:idp.example.com", TrustReason.INVALID_HOST),
        ("https:///saml", TrustReason.INVALID_HOST),
        ("https://?x", TrustReason.INVALID_HOST),
        ("https://adfs/adfs/ls/", TrustReason.INVALID_HOST),
        ("https://idp.example.com./", TrustReason.INVALID_HOST),
        ("https://-idp.example.com/", TrustReason.INVALID_HOST),
        ("https://idp..example.com/", TrustReason.INVALID_HOST),
        ("https://" + "a" * 64 + ".example.com/", TrustReason.INVALID_HOST),
        ("https://" + "a." * 127 + "com/", TrustReason.INVALID_HOST),
        ("https://idp%2eexample.com/", TrustReason.INVALID_HOST),
        ("https://idp.example.com:/", TrustReason.INVALID_HOST),
        ("https://idp.example.com:0/", TrustReason.INVALID_HOST),
        ("https://idp.example.com:65536/", TrustReason.INVALID_HOST),
        ("https://idp.example.com:x/", TrustReason.INVALID_HOST),
        ("https://[::1/", TrustReason.INVALID_HOST),
    ],
)
def test_a_browser_is_sent_nowhere_else(url: str, objection: TrustReason) -> None:
    assert objection_to_url(url) is objection


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "idp.localhost",
        "127.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
    ],
)
def test_an_address_inside_somebodys_network_is_not_public(host: str) -> None:
    assert objection_to_url(f"https://{host}/saml") is TrustReason.HOST_NOT_PUBLIC
    assert objection_to_url(f"https://{host}:8443/") is TrustReason.HOST_NOT_PUBLIC


@pytest.mark.parametrize(
    "host",
    ["127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "127.0.0.0x1", "010.0.0.1"],
)
def test_a_number_that_browsers_take_for_an_address_is_no_host_name(host: str) -> None:
    assert objection_to_url(f"https://{host}/") is TrustReason.INVALID_HOST


# What nobody thought of

URL_ALPHABET = "htps:/.@[]#?%&=-_~ab019\\{} \tｅ"


@given(st.one_of(st.text(), st.text(URL_ALPHABET).map("https://".__add__)))
@example("https://[v1.a]/")
@example("https://a.bc:99999999999999999999/")
@example("https://" + "a" * 100_000)
def test_any_text_is_judged_and_what_we_accept_the_library_accepts(text: str) -> None:
    objection_to_entity_id(text)
    if objection_to_url(text) is None:
        assert text.lower().startswith("https://")
        assert validate_url(text)


STAND_IN = "http://127.0.0.1:8443"


def test_a_stand_in_on_this_machine_may_be_allowed() -> None:
    url = f"{STAND_IN}/tenant/saml2"

    assert objection_to_url(url) is TrustReason.NOT_HTTPS
    assert objection_to_url(url, stand_ins=[STAND_IN]) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:84430/x",
        "http://127.0.0.1:8443",
        "http://127.0.0.1:8443@evil.test/x",
        "http://127.0.0.1:8443.evil.test/x",
        "http://127.0.0.1/x",
        "http://localhost:8443/x",
        "javascript://127.0.0.1:8443/%0aalert(1)",
    ],
)
def test_an_allowed_stand_in_allows_nothing_else(url: str) -> None:
    assert objection_to_url(url, stand_ins=[STAND_IN]) is not None
