from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider, LinkedIdentity
from tests.conftest import signed_in
from tests.saml_sso.test_modes import make_ready

PAGE = "/manage/security/login/"
OFF, OPTIONAL, REQUIRED = (f"{PAGE}{mode}/" for mode in ("off", "optional", "required"))


def mode() -> str:
    return IdentityProvider.objects.get().mode


def events() -> int:
    return AuditEvent.objects.filter(action="saml.mode_changed").count()


def test_the_way_from_off_to_required_and_back(
    as_alice: Client, alice: User, acme_idp: IdentityProvider
) -> None:
    make_ready(acme_idp, alice)
    for address, value, sentence in (
        (OPTIONAL, "optional", "SAML sign-in is optional."),
        (REQUIRED, "required", "SAML sign-in is required."),
        (OPTIONAL, "optional", "SAML sign-in is optional."),
        (OFF, "off", "SAML sign-in is off. The settings are kept."),
    ):
        assert "saml-mode-form" in as_alice.get(address).text
        page = as_alice.post(address, follow=True).text
        assert sentence in page
        assert mode() == value
    assert acme_idp.entity_id in page
    assert events() == 4


@pytest.mark.parametrize("present", ["off", "optional", "required"])
def test_the_page_shows_the_stage_and_offers_the_other_modes(
    as_alice: Client, acme_idp: IdentityProvider, present: str
) -> None:
    IdentityProvider.objects.update(mode=present)
    page = as_alice.get(PAGE).text

    offered = {each for each in ("off", "optional", "required") if each != present}
    assert {each for each in offered if f'id="choose-{each}"' in page} == offered
    assert f'id="choose-{present}"' not in page
    assert 'aria-current="step"' in page


def test_required_says_what_is_missing_before_and_after_the_click(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    shown = as_alice.get(REQUIRED)
    refused = as_alice.post(REQUIRED)

    assert (shown.status_code, refused.status_code) == (200, 422)
    for response in (shown, refused):
        for sentence in (
            "A test sign-in must pass",
            "Make SAML sign-in optional first",
            "Sign in with Entra ID yourself once",
            "Issue emergency codes",
            "Try emergency access out",
        ):
            assert sentence in response.text
        assert "saml-mode-form" not in response.text
    assert mode() == "off"
    assert not events()


def test_required_names_who_might_be_locked_out(
    as_alice: Client,
    alice: User,
    bob: User,
    carol: User,
    acme_idp: IdentityProvider,
) -> None:
    make_ready(acme_idp, alice)
    IdentityProvider.objects.update(mode="optional")
    LinkedIdentity.objects.update(name_id="alice@acme.onmicrosoft.com")
    page = as_alice.get(REQUIRED).text

    assert ">Carol<" in page
    assert ">Bob<" in page
    assert "alice@acme.onmicrosoft.com" in page
    assert "saml-mode-form" in page


def test_saml_stays_on_while_user_synchronization_needs_it(
    as_alice: Client, enabled_acme: Organization
) -> None:
    IdentityProvider.objects.update(mode="optional")
    shown = as_alice.get(OFF)
    refused = as_alice.post(OFF)
    japanese = as_alice.post(OFF, headers={"Accept-Language": "ja"})

    assert (shown.status_code, refused.status_code) == (200, 409)
    for response in (shown, refused, as_alice.get(PAGE)):
        assert "Disable user synchronization first." in response.text
        assert 'href="/manage/sync/stop/">Disable user' in response.text
        assert "saml-mode-form" not in response.text
    assert "先にユーザー同期を無効にしてください。" in japanese.text
    assert mode() == "optional"
    assert not events()


@pytest.mark.parametrize("address", [OFF, OPTIONAL, REQUIRED])
def test_a_user_manager_switches_nothing(
    as_carol: Client, acme_idp: IdentityProvider, address: str
) -> None:
    assert as_carol.get(address).status_code == 403
    assert as_carol.post(address).status_code == 403
    assert 'id="choose-' not in as_carol.get(PAGE).text
    assert mode() == "off"


def test_nothing_can_be_switched_without_settings(
    as_alice: Client, acme: Organization
) -> None:
    assert as_alice.get(OPTIONAL)["Location"] == PAGE
    response = as_alice.post(OPTIONAL)

    assert response.status_code == 409
    assert "There are no SAML login settings any more." in response.text


def test_settings_that_are_on_are_not_removed(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    IdentityProvider.objects.update(mode="optional")
    response = as_alice.post(f"{PAGE}remove/")

    assert response.status_code == 409
    assert "Switch SAML sign-in off first." in response.text
    assert "Remove…" not in as_alice.get(PAGE).text
    assert IdentityProvider.objects.exists()


def test_off_and_removal_name_who_cannot_get_in_and_refuse_the_last_way(
    as_alice: Client, alice: User, bob: User, carol: User, acme_idp: IdentityProvider
) -> None:
    IdentityProvider.objects.update(mode="optional")
    page = as_alice.get(OFF).text
    assert ">Bob<" in page
    assert ">Carol<" not in page
    assert "saml-mode-form" in page

    User.objects.exclude(pk=bob.pk).update(password="!unusable")
    as_alice = signed_in(alice)
    shown, refused = as_alice.get(OFF), as_alice.post(OFF)
    IdentityProvider.objects.update(mode="off")
    removal, kept = as_alice.get(f"{PAGE}remove/"), as_alice.post(f"{PAGE}remove/")

    assert [refused.status_code, kept.status_code] == [422, 409]
    for response in (shown, refused, removal, kept):
        assert "You could not get in without SAML" in response.text
        assert ">Alice<" in response.text
        assert ">Carol<" in response.text
        assert '-form" method="post"' not in response.text.split("<main")[1]
    assert IdentityProvider.objects.exists()
    assert not events()


def test_a_certificate_that_expired_comes_first(
    as_alice: Client, tested_idp: IdentityProvider
) -> None:
    tested_idp.certificates.update(not_after=timezone.now())

    page = as_alice.get(PAGE).text

    assert "Next: replace the certificate" in page
    assert "prepare emergency access (step 4)" not in page
