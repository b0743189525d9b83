"""Hostile browsers and posts: no session, nothing written but why, one page for all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User, UserSession
from saml_sso.models import (
    Arrival,
    AuthenticationRequest,
    Completion,
    IdentityProvider,
    RejectionCount,
    SeenAssertion,
)
from saml_sso.sign_in import rate
from saml_sso.sign_in.posted import LARGEST_BODY
from saml_sso.sign_in.rejections import MOST_OF_STRANGERS
from saml_sso.sign_in.tickets import new_ticket
from tests.conftest import signed_in
from tests.saml_sso.signing_in import (
    Entra,
    Visitor,
    refusal_after,
    refused_because,
    signer_of,
    written,
)

FORM = "application/x-www-form-urlencoded"


def assert_refused(response: Any, reason: str, before: dict[str, list[Any]]) -> None:
    assert response.status_code == 403
    assert "You could not be signed in" in response.text
    assert set(response.cookies) <= {"__Host-csrf"}  # of the choice of language
    assert written() == before
    assert refused_because()[-1] == reason
    event = AuditEvent.objects.order_by("id").last()
    assert event is not None
    assert event.reference in response.text
    assert event.context["address"] == "127.0.0.1"


# Replay


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


# The browser that started


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


@pytest.mark.parametrize("ticket", ["", "short", "A" * 44, "ä" * 43])
def test_a_planted_cookie_that_is_no_ticket_is_replaced(
    visitor: Visitor, ticket: str
) -> None:
    visitor.start()
    (name,) = visitor.client.cookies
    visitor.client.cookies[name] = ticket

    visitor.start()

    assert len(visitor.client.cookies[name].value) == 43
    assert visitor.client.cookies[name].value != ticket


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


# Hosts


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.test"},
        {"X-Forwarded-Proto": "http", "X-Forwarded-Port": "8443"},
        {"Forwarded": "host=evil.test;proto=http"},
        {"X-Original-URL": "/saml/evil/acs", "X-Rewrite-URL": "/saml/evil/acs"},
    ],
)
def test_forged_headers_change_nothing(
    visitor: Visitor, bob: User, headers: dict[str, str]
) -> None:
    plain = visitor.start().url.partition("SAMLRequest")[0]
    login = visitor.client.get(visitor.entra.address("login"), headers=headers)
    asked = visitor.start()
    saml_response = visitor.entra.answer(asked.request_id, bob)
    response = visitor.post(saml_response, asked.relay_state, headers=headers)

    assert login["Location"].startswith(plain)
    assert response["Location"].startswith(visitor.entra.address("complete"))


def test_a_response_minted_for_a_forged_host_is_refused(
    visitor: Visitor, bob: User, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    asked = visitor.start()
    acs = f"https://evil.test{visitor.entra.address('acs')}"
    saml_response = visitor.entra.answer(asked.request_id, bob, destination=acs)
    before = written()

    response = visitor.post(
        saml_response, asked.relay_state, headers={"Host": "evil.test"}
    )

    assert_refused(response, "wrong-destination", before)


# Forms


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        ("RelayState=x", FORM),
        ("SAMLResponse=a&SAMLResponse=b", FORM),
        ("SAMLResponse=a&RelayState=b&RelayState=c", FORM),
        ("SAMLResponse=" + "a" * LARGEST_BODY, FORM),
        ("&".join(f"a{each}=" for each in range(2000)), FORM),
        ("SAMLResponse=a", f"{FORM}; charset=utf-7"),
        ("SAMLResponse=a", "text/plain"),
        ('{"SAMLResponse": "a"}', "application/json"),
        ("--x\r\nbroken", "multipart/form-data; boundary=x"),
        ("--x\r\nbroken", "multipart/form-data"),
    ],
)
def test_a_form_that_is_none_is_refused(
    visitor: Visitor, body: str, content_type: str
) -> None:
    before = written()
    response = Client().post(
        visitor.entra.address("acs"), body, content_type=content_type
    )

    assert_refused(refusal_after(response), "form-malformed", before)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_only_a_post_is_an_answer(visitor: Visitor, method: str) -> None:
    response = getattr(visitor.client, method)(visitor.entra.address("acs"))

    assert response.status_code == 405


@pytest.mark.parametrize("name", ["login", "complete"])
def test_only_a_get_starts_and_ends(visitor: Visitor, name: str) -> None:
    assert visitor.client.post(visitor.entra.address(name)).status_code == 405


@pytest.mark.parametrize("name", ["login", "acs", "complete", "metadata"])
def test_an_organization_that_is_none_is_not_found(db: None, name: str) -> None:
    address = f"/saml/AAAAAAAAAAAAAAAAAAAAAA/{name}"
    answer = Client().post(address) if name == "acs" else Client().get(address)

    assert answer.status_code == 404


# Unasked


def test_an_answer_nobody_asked_for_is_refused(visitor: Visitor, bob: User) -> None:
    before = written()

    response = visitor.post(visitor.entra.answer("", bob), "")

    assert_refused(response, "unsolicited", before)


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ("garbage", "not-base64"),
        ("Z2FyYmFnZQ==", "not-xml"),
        ("PHg+PC94Pg==", "not-a-response"),
    ],
)
def test_what_cannot_be_read_was_not_started_at_the_identity_provider(
    visitor: Visitor, response: str, reason: str
) -> None:
    before = written()

    assert_refused(visitor.post(response, ""), reason, before)


def test_what_strangers_sign_was_not_started_at_the_identity_provider(
    visitor: Visitor, bob: User
) -> None:
    stranger = Entra(visitor.entra.organization, signer_of("stranger"))
    before = written()

    response = visitor.post(stranger.answer("", bob), "")

    assert_refused(response, "request-unknown", before)


def test_where_allowed_an_answer_nobody_asked_for_starts_a_sign_in_of_ours(
    visitor: Visitor, bob: User
) -> None:
    IdentityProvider.objects.update(allow_idp_initiated=True)
    before = written()

    response = visitor.post(visitor.entra.answer("", bob), "from my apps")

    assert response.status_code == 303
    assert response["Location"] == visitor.entra.address("login") + "?again"
    assert written() == before
    started = visitor.client.get(response["Location"])
    assert started.status_code == 302
    assert started["Location"].startswith(visitor.entra.signer.login_url)
    assert not visitor.is_signed_in


def test_an_identity_provider_that_never_answers_a_request_is_not_asked_for_ever(
    visitor: Visitor,
) -> None:
    IdentityProvider.objects.update(allow_idp_initiated=True)
    again = visitor.entra.address("login") + "?again"
    assert visitor.client.get(again).status_code == 302
    before = written()

    response = visitor.client.get(again)

    assert_refused(response, "started-again-in-vain", before)


# Noise


def test_too_many_requests_from_one_address_have_to_wait(
    visitor: Visitor, bob: User
) -> None:
    asked = visitor.start()
    soon = timezone.now() + timedelta(minutes=1)
    Arrival.objects.update(at=soon)
    before = written()

    response = visitor.answer(asked, bob)

    assert response.status_code == 429
    assert response["Retry-After"] == "1"
    assert "You could not be signed in" in response.text
    assert written() == before
    assert refused_because() == []
    other = Client(REMOTE_ADDR="192.0.2.7")
    assert other.get(visitor.entra.address("login")).status_code == 302


def test_noise_is_counted_but_fills_no_log(visitor: Visitor) -> None:
    this_hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    RejectionCount.objects.create(
        organization=visitor.entra.organization,
        hour=this_hour,
        reason="completion-unknown",
        count=MOST_OF_STRANGERS - 2,
    )
    for _ in range(4):
        visitor.client.get(visitor.entra.address("complete"))

    events = AuditEvent.objects.filter(action="login.failed").order_by("id")
    assert ["more" in event.context for event in events] == [False, True]
    assert RejectionCount.objects.get().count == MOST_OF_STRANGERS + 2


@pytest.mark.parametrize("name", ["acs", "logout"])
def test_whoever_sends_noise_has_to_wait(
    visitor: Visitor, bob: User, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = rate.Limit("r:", timedelta(hours=1), burst=MOST_OF_STRANGERS + 2)
    monkeypatch.setattr(rate, "REFUSED", slow)
    address, noise = visitor.entra.address(name), {"SAMLResponse": "x"}
    client = Client()

    answers = [
        client.post(address, noise) if name == "acs" else client.get(address, noise)
        for _ in range(slow.burst + 2)
    ]

    statuses = [each.status_code for each in answers]
    assert [each == 429 for each in statuses] == [False] * slow.burst + [True] * 2
    assert answers[-1]["Retry-After"] == "3600"
    events = AuditEvent.objects.filter(action__in=["login.failed", "logout.refused"])
    assert events.count() == MOST_OF_STRANGERS
    assert visitor.sign_in(bob).status_code == 302  # who signs in waits for nobody


def test_each_person_whom_the_identity_provider_names_is_recorded(
    visitor: Visitor, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    for _ in range(MOST_OF_STRANGERS + 2):
        visitor.answer(visitor.start(), bob)

    assert refused_because() == ["person-suspended"] * (MOST_OF_STRANGERS + 2)


def test_a_refusal_says_nothing_of_the_message_but_whom_it_named(
    visitor: Visitor, bob: User
) -> None:
    asked = visitor.start()
    visitor.answer(asked, bob, audience="https://elsewhere.test/")

    event = AuditEvent.objects.get(action="login.failed")
    assert event.context["code"] == "wrong-audience"
    assert event.context["name"] == "bob@acme.test"
    assert "elsewhere" not in str(event.context)
    assert event.target["kind"] == "organization"


def test_a_ticket_from_elsewhere_is_of_no_use(visitor: Visitor, bob: User) -> None:
    answered = visitor.answer(visitor.start(), bob)
    (name,) = visitor.client.cookies
    visitor.client.cookies[name] = new_ticket()
    before = written()

    assert_refused(visitor.follow(answered), "other-browser", before)
    assert not UserSession.objects.exists()
