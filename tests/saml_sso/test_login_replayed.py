"""Answers that were given before, or to nothing that waits: nobody gets in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.organizations.models import User
from saml_sso.models import (
    AuthenticationRequest,
    Completion,
    SeenAssertion,
)
from tests.conftest import signed_in
from tests.saml_sso.refusing import assert_refused
from tests.saml_sso.signing_in import (
    Entra,
    Visitor,
    refused_because,
    written,
)


def test_an_answer_posted_twice_lets_in_once(visitor: Visitor, bob: User) -> None:
    asked = visitor.start()
    saml_response = visitor.entra.answer(asked.request_id, bob)
    visitor.follow(visitor.post(saml_response, asked.relay_state))
    before = written()

    again = visitor.post(saml_response, asked.relay_state)

    assert_refused(again, "request-answered", before)


def test_an_assertion_seen_before_is_refused_whatever_request_it_answers(
    visitor: Visitor, bob: User
) -> None:
    asked = visitor.start()
    saml_response = visitor.entra.answer(asked.request_id, bob)
    visitor.post(saml_response, asked.relay_state)
    # As if the row of the request had been lost.
    AuthenticationRequest.objects.update(consumed_at=None)
    Completion.objects.all().delete()
    before = written()

    assert_refused(
        visitor.post(saml_response, asked.relay_state), "assertion-replayed", before
    )


def test_an_assertion_is_remembered_until_it_is_worth_nothing(
    visitor: Visitor, bob: User
) -> None:
    visitor.answer(visitor.start(), bob)

    seen = SeenAssertion.objects.get()
    assert seen.expires_at > timezone.now() + timedelta(minutes=60)


def test_back_after_a_sign_in_leads_on_and_a_stranger_is_refused(
    visitor: Visitor, bob: User, mallory: User
) -> None:
    asked = visitor.start()
    saml_response = visitor.entra.answer(asked.request_id, bob)
    visitor.follow(visitor.post(saml_response, asked.relay_state))

    again = visitor.post_only(saml_response, asked.relay_state)

    assert again.status_code == 303
    assert not again.cookies
    assert visitor.client.get(again["Location"])["Location"] == "/"
    for stranger in (Client(), signed_in(mallory)):
        response = stranger.get(again["Location"])
        assert response.status_code == 403
        assert again["X-Request-Id"] in response.text
    assert refused_because() == ["request-answered"]


@pytest.mark.parametrize("said", ["", "<b>x</b>", "call 0120-000-000", "A" * 14])
def test_the_page_of_what_was_answered_shows_no_words_of_an_address(
    visitor: Visitor, said: str
) -> None:
    address = visitor.entra.address("answered")
    response = visitor.client.get(address, {"reference": said})

    assert response.status_code == 403
    assert response["X-Request-Id"] in response.text
    main = response.text.split("<main")[1].split("</main>")[0]
    assert not said or said not in main


# RelayState and requests


@pytest.mark.parametrize(
    ("relay_state", "reason"),
    [
        ("", "request-unknown"),
        ("https://evil.test/", "request-unknown"),
        ("x" * 80_000, "request-unknown"),
        ("\0", "request-unknown"),
        ("A" * 43, "request-unknown"),
    ],
)
def test_a_relay_state_that_is_not_ours_is_refused(
    visitor: Visitor, bob: User, relay_state: str, reason: str
) -> None:
    asked = visitor.start()
    before = written()
    saml_response = visitor.entra.answer(asked.request_id, bob)

    assert_refused(visitor.post(saml_response, relay_state), reason, before)


def test_the_relay_state_of_somebody_else_does_not_take_our_answer(
    visitor: Visitor, bob: User
) -> None:
    victim, thief = visitor.start(), Visitor(visitor.entra).start()
    before = written()
    saml_response = visitor.entra.answer(victim.request_id, bob)

    response = visitor.post(saml_response, thief.relay_state)

    assert_refused(response, "wrong-in-response-to", before)


def test_a_relay_state_of_the_neighbour_is_unknown_here(
    visitor: Visitor, globex_entra: Entra, bob: User
) -> None:
    asked = Visitor(globex_entra).start()
    before = written()
    saml_response = visitor.entra.answer(asked.request_id, bob)

    response = visitor.post(saml_response, asked.relay_state)

    assert_refused(response, "request-unknown", before)


def test_the_neighbours_answer_is_not_believed_here(
    visitor: Visitor, globex_entra: Entra, bob: User
) -> None:
    asked = visitor.start()
    before = written()
    saml_response = globex_entra.answer(asked.request_id, bob)

    response = visitor.post(saml_response, asked.relay_state)

    assert_refused(response, "certificate-unknown", before)


def test_a_request_older_than_ten_minutes_is_not_answered(
    visitor: Visitor, bob: User
) -> None:
    asked = visitor.start()
    long_ago = timezone.now() - timedelta(minutes=10, seconds=1)
    AuthenticationRequest.objects.update(created_at=long_ago)
    before = written()

    assert_refused(visitor.answer(asked, bob), "request-too-old", before)
