from __future__ import annotations

import base64

import pytest
from django.test import Client

from chatwork_admin.organizations.models import Organization, User
from saml_sso import addresses
from tests.entra_id.saml_failures import NOT_ASSIGNED, FailedResponse
from tests.saml_sso.signing_in import Entra, Visitor, entra_of

PAGE = "/manage/security/login/sign-ins/"


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
