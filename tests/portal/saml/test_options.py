from __future__ import annotations

import pytest
from django.test import Client

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from saml_sso.identity_providers.configuration import options_of
from saml_sso.identity_providers.options import Options
from saml_sso.models import IdentityProvider
from tests.conftest import trust_an_identity_provider

PAGE = "/manage/security/login/"
SAVE = "/manage/security/login/options/"
EMAIL = IdentityProvider.NameIDFormat.EMAIL_ADDRESS
PERSISTENT = IdentityProvider.NameIDFormat.PERSISTENT


def stored() -> Options:
    return options_of(IdentityProvider.objects.get())


def chosen(**changes: str) -> dict[str, str]:
    return {"name_id_format": EMAIL, "sign_requests": "on", "version": "1"} | changes


def test_options_are_saved_and_shown(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    choice = chosen(name_id_format=PERSISTENT, allow_idp_initiated="on")
    del choice["sign_requests"]
    page = as_alice.post(SAVE, choice, follow=True).text

    assert "The options are saved." in page
    assert stored() == Options(
        PERSISTENT, sign_requests=False, allow_idp_initiated=True
    )
    assert f'value="{PERSISTENT}" selected' in page
    assert page.count(" checked") == 1


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ({"name_id_format": "urn:x"}, 422),
        ({"version": "0"}, 409),
        ({"version": ""}, 409),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    as_alice: Client, acme_idp: IdentityProvider, choice: dict[str, str], code: int
) -> None:
    events = AuditEvent.objects.count()
    response = as_alice.post(SAVE, chosen(require_signed_response="on") | choice)

    assert response.status_code == code
    assert 'role="alert"' in response.text
    assert stored() == Options()
    assert AuditEvent.objects.count() == events


def test_a_user_manager_reads_them(
    as_carol: Client, acme: Organization, acme_idp: IdentityProvider
) -> None:
    assert "<fieldset disabled>" in as_carol.get(PAGE).text
    assert as_carol.post(SAVE, chosen(name_id_format=PERSISTENT)).status_code == 403
    assert stored() == Options()


def test_there_is_nothing_to_choose_without_settings(
    as_alice: Client, acme: Organization
) -> None:
    assert "saml-options-form" not in as_alice.get(PAGE).text
    response = as_alice.post(SAVE, chosen())

    assert response.status_code == 409
    trust_an_identity_provider(acme)
    assert "saml-options-form" in as_alice.get(PAGE).text
