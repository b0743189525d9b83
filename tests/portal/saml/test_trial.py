from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.saml.entra_errors import BY_CODE, explain
from chatwork_admin.portal.saml.sign_in_reasons import FORM, REASONS, sentence
from saml_sso.messages.response_reasons import ResponseReason
from saml_sso.models import AuthenticationRequest, IdentityProvider, LinkedIdentity
from saml_sso.sign_in.login_reasons import LoginReason
from tests.saml_sso.signing_in import Asked, Entra, Visitor, asked_by, entra_of

PAGE = "/manage/security/login/test/"
PERSISTENT = IdentityProvider.NameIDFormat.PERSISTENT
START = f"{PAGE}start/"
OBJECT_ID = "4f2c7e10-33a1-4b7e-9a06-6d1d5f0b9c41"


@pytest.fixture
def entra(acme: Organization) -> Entra:
    draft = entra_of(acme)
    IdentityProvider.objects.update(mode="off", tested_version=None)
    return draft


def start(client: Client) -> Asked:
    response = client.get(START)
    assert response.status_code == 302
    return asked_by(response["Location"])


def answer(entra: Entra, asked: Asked, person: User, **changes: Any) -> None:
    response = Visitor(entra).answer(asked, person, **changes)
    assert response["Location"] == PAGE


def test_a_passed_test_shows_every_check_and_claim(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    answer(entra, start(as_alice), alice)
    page = as_alice.get(PAGE).text

    assert "The test has passed." in page
    assert "It counts for the settings as they are now." in page
    assert page.count(">Passed<") == 16
    assert ">Failed<" not in page
    assert "objectidentifier" in page
    assert entra.provider.certificates.get().sha1 in page
    assert "user.mail" not in page
    assert "beside each check" not in page
    assert "no-store" in as_alice.get(PAGE)["Cache-Control"]
    assert "Passed" in as_alice.get("/manage/security/login/").text


def test_it_waits_until_the_answer_is_there(as_alice: Client, entra: Entra) -> None:
    assert 'http-equiv="refresh"' not in as_alice.get(PAGE).text
    start(as_alice)
    page = as_alice.get(PAGE).text

    assert "Waiting for the answer of Entra ID." in page
    assert 'http-equiv="refresh"' in page


def test_a_name_that_is_not_the_login_email_says_what_to_map(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    answer(entra, start(as_alice), alice, name_id="alice@acme.onmicrosoft.com")

    english = as_alice.get(PAGE).text
    assert "The test has not passed." in english
    assert "beside each check" not in english  # none has failed
    assert "the account it names is not known as yours" in english
    assert "Nobody here has this login e-mail or object id." in english
    assert english.count("user.mail") == 1  # advice comes once
    japanese = as_alice.get(PAGE, headers={"Accept-Language": "ja"}).text
    assert japanese.count("user.mail") == 1


def test_a_name_that_is_not_the_login_email_is_said_where_the_object_id_decides(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    LinkedIdentity.objects.create(
        organization=alice.organization,
        user=alice,
        issuer=entra.signer.entity_id,
        object_id=OBJECT_ID,
        name_id=alice.user_name,
    )
    answer(
        entra,
        start(as_alice),
        alice,
        name_id="alice@acme.onmicrosoft.com",
        object_id=OBJECT_ID,
    )

    english = as_alice.get(PAGE).text
    assert "The test has passed." in english
    assert "to user.mail." in english
    japanese = as_alice.get(PAGE, headers={"Accept-Language": "ja"}).text
    assert "を user.mail に変更してください。" in japanese

    IdentityProvider.objects.update(name_id_format=PERSISTENT)

    by_our_own_option = as_alice.get(PAGE).text
    assert "choose “E-mail address” in the options" in by_our_own_option
    assert "to user.mail." not in by_our_own_option


def test_times_are_said_as_everywhere_in_the_portal(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    now = timezone.now()
    answer(entra, start(as_alice), alice, now=now)
    said = strip_tags(as_alice.get(PAGE).text.split('id="claims-heading"')[1])

    assert f"{timezone.localtime(now):%Y-%m-%d %H:%M:%S}" in said
    assert f"{now:%Y-%m-%dT}" not in said


def test_somebody_else_is_recognised_and_said(
    as_alice: Client, bob: User, entra: Entra
) -> None:
    answer(entra, start(as_alice), bob)
    page = as_alice.get(PAGE).text

    assert "The test has not passed." in page
    assert "Somebody else than you" in page
    assert "Another person signed in at the identity provider" in page
    assert "user.mail" not in page
    assert "Link this account" not in page


def test_a_check_that_failed_says_what_to_do_and_the_rest_goes_on(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    answer(entra, start(as_alice), alice, audience="https://other.test/")
    page = as_alice.get(PAGE).text

    assert "What to do is said beside each check that failed." in page
    assert page.count(">Failed<") == 2  # the second implementation says so too
    assert "Copy the values of step 1 into Entra ID again" in page
    assert "Not believed" not in page


def test_what_anybody_may_have_written_is_escaped_and_said_to_be_so(
    as_alice: Client, entra: Entra
) -> None:
    asked = start(as_alice)
    Visitor(entra).post("PHhzcz4=", asked.relay_state)
    page = as_alice.get(PAGE).text

    assert "The answer names nobody." in page
    assert "<xss>" not in page


def test_only_the_tester_sees_the_result_and_for_ten_minutes(
    as_alice: Client, as_carol: Client, as_mallory: Client, alice: User, entra: Entra
) -> None:
    answer(entra, start(as_alice), alice)

    assert as_carol.get(PAGE).status_code == 403
    assert "alice@acme.test" not in as_mallory.get(PAGE).text
    late = timezone.now() - timedelta(minutes=11)
    AuthenticationRequest.objects.update(created_at=late, consumed_at=late)
    assert "The test has passed." not in as_alice.get(PAGE).text


def test_settings_changed_since_are_to_be_tested_again(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    answer(entra, start(as_alice), alice)
    IdentityProvider.objects.update(config_version=9)

    assert "The settings have changed since" in as_alice.get(PAGE).text
    assert "have changed since the last" in as_alice.get("/manage/security/login/").text


def test_a_user_manager_starts_no_test(as_carol: Client, entra: Entra) -> None:
    assert as_carol.get(START).status_code == 403
    assert not AuthenticationRequest.objects.exists()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("typed", ["AADSTS50105", "50105", "Error aadsts50105: …"])
def test_a_code_of_microsofts_page_is_explained(
    as_alice: Client, acme: Organization, typed: str, language: str
) -> None:
    page = as_alice.get(
        PAGE, {"code": typed}, headers={"Accept-Language": language}
    ).text

    words = {"en": "is not assigned to the application", "ja": "割り当てられていません"}
    assert words[language] in page


@pytest.mark.parametrize("typed", ["AADSTS1", "12345678", "<b>", "9" * 500, "\0"])
def test_a_code_nobody_knows_leads_to_microsoft(
    as_alice: Client, acme: Organization, typed: str
) -> None:
    page = as_alice.get(PAGE, {"code": typed}).text

    assert "https://login.microsoftonline.com/error" in page
    assert "<b>" not in page


def test_the_codes_of_the_specification_are_explained() -> None:
    for number in (50011, 700016, 650056, 50105, 75011, 75005, 75006):
        assert explain(f"AADSTS{number}") is BY_CODE[f"AADSTS{number}"]


def test_every_reason_has_a_sentence() -> None:
    for reason in (*ResponseReason, *LoginReason):
        assert sentence(reason.value)
    assert sentence("none-of-ours") == ""
    form = [each for each in LoginReason if sentence(each.value) is FORM]
    assert form == [LoginReason.FORM_MALFORMED]
    assert len(REASONS) > 40
