"""Sign-ins end in the browser that began them, and lead nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chatwork_admin.organizations.models import User, UserSession
from saml_sso.cookies import MOST_FLOWS
from saml_sso.models import (
    Completion,
)
from saml_sso.sign_in.tickets import new_ticket
from tests.saml_sso.refusing import assert_refused
from tests.saml_sso.signing_in import (
    Entra,
    Visitor,
    refused_because,
    written,
)


def test_another_browser_cannot_redeem_the_code(visitor: Visitor, bob: User) -> None:
    answered = visitor.answer(visitor.start(), bob)
    thief = Visitor(visitor.entra)
    before = written()

    without_ticket = thief.client.get(answered["Location"])
    thief.start()
    started = written()
    with_another_ticket = thief.client.get(answered["Location"])

    assert without_ticket.status_code == with_another_ticket.status_code == 403
    assert len(started["AuthenticationRequest"]) == 2
    assert started | {"AuthenticationRequest": []} == before | {
        "AuthenticationRequest": []
    }
    assert_refused(with_another_ticket, "other-browser", started)
    assert refused_because() == ["other-browser", "other-browser"]
    visitor.follow(answered)  # the thief has spoilt nothing
    assert visitor.is_signed_in


def test_a_victim_is_not_signed_in_as_the_attacker(
    visitor: Visitor, mallory: User, bob: User
) -> None:
    attacker = Visitor(visitor.entra)
    link = attacker.answer(attacker.start(), bob)["Location"]
    visitor.start()
    before = written()

    assert_refused(visitor.client.get(link), "other-browser", before)


def test_a_code_works_once(visitor: Visitor, bob: User) -> None:
    answered = visitor.answer(visitor.start(), bob)
    visitor.follow(answered)
    before = written()

    assert_refused(visitor.follow(answered), "completion-unknown", before)


def test_a_code_works_for_a_minute(visitor: Visitor, bob: User) -> None:
    answered = visitor.answer(visitor.start(), bob)
    Completion.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    before = written()

    assert_refused(visitor.follow(answered), "completion-too-old", before)


def test_a_code_of_the_neighbour_is_unknown_here(
    visitor: Visitor, globex_entra: Entra, mallory: User
) -> None:
    at_globex = Visitor(globex_entra, visitor.client)
    answered = at_globex.answer(at_globex.start(), mallory)
    _, _, query = answered["Location"].partition("?")
    before = written()

    response = visitor.client.get(f"{visitor.entra.address('complete')}?{query}")

    assert_refused(response, "completion-unknown", before)


@pytest.mark.parametrize("code", ["", "x", "\0", "A" * 43, "A" * 5000, "é" * 43])
def test_a_code_that_is_none_is_refused(visitor: Visitor, code: str) -> None:
    before = written()
    response = visitor.client.get(visitor.entra.address("complete"), {"c": code})

    assert_refused(response, "completion-unknown", before)


def test_a_browser_keeps_the_tickets_of_some_sign_ins_only(visitor: Visitor) -> None:
    for _ in range(MOST_FLOWS + 3):
        visitor.start()

    kept = [each for each in visitor.client.cookies.values() if each.value]
    assert len(kept) == MOST_FLOWS


@pytest.mark.parametrize("ticket", ["", "short", "A" * 44, "ä" * 43])
def test_a_planted_cookie_that_is_no_ticket_is_passed_over(
    visitor: Visitor, bob: User, ticket: str
) -> None:
    asked = visitor.start()
    (name,) = visitor.client.cookies
    visitor.client.cookies[f"{name}-planted"] = ticket

    visitor.follow(visitor.answer(asked, bob))

    assert visitor.is_signed_in


# Where to go


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.test/",
        "//evil.test/",
        "///evil.test/",
        "/\\evil.test/",
        "/\t/evil.test/",
        "javascript:alert(1)",
        "/manage/\r\nSet-Cookie: a=b",
        "manage/",
        "/" + "x" * 8192,
        "\0",
        "http://testserver/manage/",
    ],
)
def test_next_leads_nowhere_else(visitor: Visitor, alice: User, wanted: str) -> None:
    asked = visitor.start(next=wanted)

    response = visitor.follow(visitor.answer(asked, alice))

    assert response["Location"] == "/"
    assert "evil" not in asked.url


def test_a_ticket_from_elsewhere_is_of_no_use(visitor: Visitor, bob: User) -> None:
    answered = visitor.answer(visitor.start(), bob)
    (name,) = visitor.client.cookies
    visitor.client.cookies[name] = new_ticket()
    before = written()

    assert_refused(visitor.follow(answered), "other-browser", before)
    assert not UserSession.objects.exists()
