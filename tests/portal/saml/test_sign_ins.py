from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from django.test import Client

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.paging import page_of
from saml_sso import addresses
from saml_sso.sign_in.rejections import MOST_OF_STRANGERS
from tests.entra_id.identity_provider import new_identity_provider
from tests.entra_id.saml_failures import NOT_ASSIGNED, FailedResponse
from tests.saml_sso.signing_in import Entra, Visitor, entra_of

PAGE = "/manage/security/login/sign-ins/"
STRANGER = "0f3c6a1e-2b4d-4c5e-8f60-718293a4b5c6"


@pytest.fixture
def entra(acme: Organization) -> Entra:
    return entra_of(acme)


def test_a_sign_in_is_listed_with_who(
    as_alice: Client, bob: User, entra: Entra
) -> None:
    assert "Nobody has signed in with Entra ID yet." in as_alice.get(PAGE).text
    Visitor(entra).sign_in(bob)
    page = as_alice.get(PAGE).text

    assert "bob@acme.test" in page
    assert "Signed in" in page


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_refusal_says_why_and_what_to_do(
    as_alice: Client, entra: Entra, bob: User, language: str
) -> None:
    visitor = Visitor(entra)
    visitor.answer(visitor.start(), bob, audience="https://other.test/")
    page = as_alice.get(PAGE, headers={"Accept-Language": language}).text

    words = {"en": "meant for another address", "ja": "別のアドレスまたは"}
    assert words[language] in page


def test_a_code_of_entra_is_explained(
    as_alice: Client, acme: Organization, entra: Entra
) -> None:
    visitor = Visitor(entra)
    asked = visitor.start()
    failed = FailedResponse(
        failure=NOT_ASSIGNED,
        issuer=entra.signer.entity_id,
        destination=addresses.acs_url(acme),
        in_response_to=asked.request_id,
    )
    visitor.post(base64.b64encode(str(failed).encode()).decode(), asked.relay_state)
    page = as_alice.get(PAGE).text

    assert "The person is not assigned to the application." in page
    assert "<code>AADSTS50105</code>" in page


def test_a_neighbours_sign_ins_are_not_listed(
    as_mallory: Client, bob: User, entra: Entra
) -> None:
    Visitor(entra).sign_in(bob)

    assert "bob@acme.test" not in as_mallory.get(PAGE).text


def test_a_user_manager_may_look(as_carol: Client, bob: User, entra: Entra) -> None:
    Visitor(entra).sign_in(bob)

    assert "bob@acme.test" in as_carol.get(PAGE).text


def test_what_strangers_repeat_is_one_line_with_a_count(
    as_alice: Client, entra: Entra
) -> None:
    for _ in range(MOST_OF_STRANGERS + 3):
        Client().post(entra.address("acs"), {"SAMLResponse": "garbage"})
    page = as_alice.get(PAGE).text

    assert page.count("Sign-in failed") == 1
    assert f"{MOST_OF_STRANGERS + 3} times in this hour" in page
    assert "cannot be read" in page
    assert "My Apps" not in page


def test_whom_a_refused_answer_named_is_listed_one_row_for_each(
    as_alice: Client, bob: User, entra: Entra
) -> None:
    visitor = Visitor(entra)
    for name in ("eve@acme.test", "eve@acme.test", "dan@acme.test"):
        visitor.answer(visitor.start(), bob, name_id=name, object_id=STRANGER)
    page = as_alice.get(PAGE, {"show": "refused"}).text

    assert page.count("Nobody here has this login e-mail") == 2
    assert "eve@acme.test" in page
    assert "dan@acme.test" in page
    assert "2 times in this hour" in page
    references = AuditEvent.objects.values_list("reference", flat=True)
    assert all(each in page for each in references.filter(action="login.failed"))


def test_refusals_of_people_are_listed_one_by_one(
    as_alice: Client, bob: User, entra: Entra
) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    visitor = Visitor(entra)
    for _ in range(2):
        visitor.answer(visitor.start(), bob)
    page = as_alice.get(PAGE).text

    assert page.count("This person is suspended.") == 2
    assert "in this hour" not in page


def test_an_answer_that_was_signed_and_not_asked_for_names_my_apps(
    as_alice: Client, bob: User, entra: Entra
) -> None:
    Visitor(entra).post(entra.answer("", bob), "")

    assert "My Apps" in as_alice.get(PAGE).text


def test_the_list_can_be_narrowed(as_alice: Client, bob: User, entra: Entra) -> None:
    Visitor(entra).sign_in(bob)
    Client().post(entra.address("acs"), {"SAMLResponse": "garbage"})

    refused = as_alice.get(PAGE, {"show": "refused"}).text
    succeeded = as_alice.get(PAGE, {"show": "succeeded"}).text

    assert "cannot be read" in refused
    assert "bob@acme.test" not in refused
    assert "bob@acme.test" in succeeded
    assert "cannot be read" not in succeeded
    assert "Nothing matches." in as_alice.get(PAGE, {"show": "around"}).text
    assert "bob@acme.test" in as_alice.get(PAGE, {"show": "nonsense"}).text


def test_the_list_has_pages(
    as_alice: Client, bob: User, entra: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(entra)
    for _ in range(3):
        visitor.sign_in(bob)
    monkeypatch.setattr(page_of, "__kwdefaults__", {"size": 2})

    first = as_alice.get(PAGE).text
    assert first.count("bob@acme.test") == 2
    after = first.split("?after=")[1].split('"')[0]
    assert as_alice.get(PAGE, {"after": after}).text.count("bob@acme.test") == 1


def test_new_metadata_is_advised_only_for_a_certificate_that_is_not_known(
    as_alice: Client, bob: User, entra: Entra
) -> None:
    visitor = Visitor(entra)
    asked = visitor.start()
    answer = base64.b64decode(entra.answer(asked.request_id, bob))
    changed = base64.b64encode(answer.replace(b"bob@acme.test", b"eve@acme.test"))
    visitor.post(changed.decode(), asked.relay_state)
    page = as_alice.get(PAGE).text
    assert "it was changed on its way, or made up" in page
    assert "bring the present metadata" not in page

    stranger = new_identity_provider(entra.signer.tenant_id)
    visitor = Visitor(replace(entra, signer=stranger))
    visitor.answer(visitor.start(), bob)
    page = as_alice.get(PAGE).text
    assert "Only if Entra ID shows its thumbprint as active" in page
    thumbprint = stranger.certificate.fingerprint(hashes.SHA1()).hex().upper()
    assert thumbprint in page
