"""The silent question whether somebody is signed in still at the identity provider."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User
from chatwork_admin.organizations.models.sessions import Began, Why
from saml_sso import addresses
from saml_sso.models import AuthenticationRequest, IdentityProvider
from saml_sso.sign_in.recheck import CONFIRMED_AT
from tests.conftest import signed_in
from tests.entra_id.saml_failures import NOT_PASSIVE, FailedResponse
from tests.entra_id.saml_responses import form_value
from tests.saml_sso.logging_out import bring, told
from tests.saml_sso.signing_in import (
    Asked,
    Visitor,
    asked_by,
    refused_because,
)
from tests.saml_sso.test_step_up import request_of

PAGE, END_OTHERS = "/account/", "/account/sessions/others/end/"
LEADS_ON = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


def let_pass(visitor: Visitor, hours: float) -> None:
    """Let so much time pass since the identity provider has confirmed the session."""
    session = visitor.client.session
    session[CONFIRMED_AT] -= hours * 60 * 60
    session.save()


def is_asked(visitor: Visitor, path: str = PAGE, **request: Any) -> bool:
    return LEADS_ON.search(visitor.client.get(path, **request).text) is not None


def silently(visitor: Visitor, path: str = PAGE) -> Asked:
    """Open a page; return the silent question that comes instead."""
    page = visitor.client.get(path)
    led = LEADS_ON.search(page.text)
    assert page.status_code == 200
    assert led is not None
    return asked_by(unescape(led[1]))


@pytest.fixture
def bobs(visitor: Visitor, bob: User) -> Visitor:
    """Bob's browser, more than four hours after he has signed in."""
    visitor.sign_in(bob)
    let_pass(visitor, 4.01)
    return visitor


def failed(visitor: Visitor, asked: Asked) -> Any:
    response = FailedResponse(
        failure=NOT_PASSIVE,
        issuer=visitor.entra.signer.entity_id,
        destination=addresses.acs_url(visitor.entra.organization),
        in_response_to=asked.request_id,
    )
    return visitor.post(form_value(str(response)), asked.relay_state)


def test_a_confirmed_session_goes_on_where_it_was(bobs: Visitor, bob: User) -> None:
    session = bob.sessions.get()
    path = "/account/sessions/?x=%E3%81%82"
    asked = silently(bobs, path)
    assert 'IsPassive="true"' in request_of(asked)
    assert "ForceAuthn" not in request_of(asked)
    events = AuditEvent.objects.count()

    back = bobs.follow(bobs.answer(asked, bob))

    assert back["Location"] == path
    assert not is_asked(bobs, path)
    assert bob.sessions.get() == session
    assert AuditEvent.objects.count() == events


def test_a_confirmed_session_ends_by_its_new_index_too(
    bobs: Visitor, bob: User
) -> None:
    bobs.follow(bobs.answer(silently(bobs), bob))
    session = bob.sessions.get()
    (index,) = session.saml_later_indexes
    assert index != session.saml_session_index

    bring(bobs.entra, told(bobs.entra, bob.user_name, index))

    assert not bobs.is_signed_in


def test_nobody_is_asked_before_the_time(visitor: Visitor, bob: User) -> None:
    visitor.sign_in(bob)
    let_pass(visitor, 3.99)

    assert not is_asked(visitor)


@pytest.mark.parametrize("hours", [0, 6])
def test_an_installation_says_when(bobs: Visitor, settings: Any, hours: int) -> None:
    settings.SAML_RECHECK_HOURS = hours
    assert not is_asked(bobs)

    let_pass(bobs, 2)
    assert is_asked(bobs) == bool(hours)


def test_where_the_person_would_be_asked_they_sign_in_anew(
    bobs: Visitor, bob: User
) -> None:
    path = "/account/sessions/"
    answer = failed(bobs, silently(bobs, path))

    there = urlsplit(answer["Location"])
    assert there.path == bobs.entra.address("login")
    assert parse_qs(there.query) == {"next": [path]}
    assert refused_because() == []
    anew = asked_by(bobs.client.get(answer["Location"])["Location"])
    assert "IsPassive" not in request_of(anew)
    assert is_asked(bobs)
    assert bobs.follow(bobs.answer(anew, bob))["Location"] == path
    assert not is_asked(bobs)


def test_a_form_is_taken_although_nobody_has_confirmed_the_session(
    bobs: Visitor, bob: User
) -> None:
    other = signed_in(bob)
    failed(bobs, silently(bobs))

    answer = bobs.client.post(END_OTHERS)

    assert answer.status_code == 302
    assert other.get(PAGE).status_code == 302  # a stranger by now


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Dest": "image"},
    ],
    ids=["htmx", "fetch", "image"],
)
def test_parts_of_a_page_are_never_held_up(
    bobs: Visitor, headers: dict[str, str]
) -> None:
    assert not is_asked(bobs, headers=headers)
    assert is_asked(bobs, headers={"Sec-Fetch-Dest": "document"})


@pytest.mark.parametrize("path", ["/sign-in/", "/s/acme/", "/help/errors/", "/healthz"])
def test_what_strangers_may_open_is_never_held_up(bobs: Visitor, path: str) -> None:
    assert not is_asked(bobs, path)


def test_an_address_too_long_to_lead_back_to_opens_at_once(bobs: Visitor) -> None:
    assert not is_asked(bobs, f"{PAGE}?x={'a' * 9000}")


def test_nobody_is_asked_by_saml_that_is_off(bobs: Visitor) -> None:
    IdentityProvider.objects.update(mode="off")

    assert not is_asked(bobs)


@pytest.mark.parametrize("began", [Began.PASSWORD, Began.BREAK_GLASS])
def test_who_came_another_way_is_never_asked(
    visitor: Visitor, alice: User, began: Began
) -> None:
    client = signed_in(alice, began=began)

    assert CONFIRMED_AT not in client.session


def is_ended(visitor: Visitor, bob: User) -> bool:
    session = bob.sessions.get()
    if session.ended_at is None:
        return False
    assert session.ended_why == Why.IDENTITY_PROVIDER
    event = AuditEvent.objects.filter(action="session.ended").latest("id")
    assert event.actor["id"] == visitor.entra.signer.entity_id
    assert not visitor.is_signed_in
    return True


def test_the_answer_about_another_person_ends_the_session(
    bobs: Visitor, bob: User, carol: User
) -> None:
    answer = bobs.answer(silently(bobs), carol)

    assert is_ended(bobs, bob)
    assert refused_because() == ["other-person"]
    assert answer["Location"].startswith(bobs.entra.address("login"))
    assert not carol.sessions.exists()


def test_the_answer_about_somebody_unknown_ends_the_session(
    bobs: Visitor, bob: User, entra: Any
) -> None:
    stranger = User(pk=uuid.UUID(int=7), user_name="dave@acme.test")
    bobs.answer(silently(bobs), stranger)

    assert is_ended(bobs, bob)
    assert refused_because() == ["person-unknown"]


def test_what_the_identity_provider_has_not_signed_ends_nothing(
    bobs: Visitor, bob: User
) -> None:
    asked = silently(bobs)
    bobs.post("garbage", asked.relay_state)

    assert not is_ended(bobs, bob)
    assert refused_because() == ["not-base64"]
    bobs.follow(bobs.answer(asked, bob))
    assert not is_asked(bobs)


def test_another_browser_confirms_nothing(bobs: Visitor, bob: User) -> None:
    other = Visitor(bobs.entra)
    other.sign_in(bob)
    let_pass(other, 5)
    answer = bobs.answer(silently(bobs), bob)

    assert other.client.get(answer["Location"]).status_code == 403
    assert is_asked(other)
    assert is_asked(bobs)


def test_a_session_that_ended_meanwhile_stays_ended(bobs: Visitor, bob: User) -> None:
    answer = bobs.answer(silently(bobs), bob)
    bring(bobs.entra, told(bobs.entra, bob.user_name))

    assert bobs.follow(answer)["Location"] == PAGE
    assert not bobs.is_signed_in


def test_the_question_is_a_request_like_others(bobs: Visitor, bob: User) -> None:
    asked = silently(bobs)
    request = AuthenticationRequest.objects.get(request_id=asked.request_id)
    assert request.session == bob.sessions.get()
    saml_response = bobs.entra.answer(asked.request_id, bob)
    bobs.follow(bobs.post(saml_response, asked.relay_state))

    again = bobs.post(saml_response, asked.relay_state)

    assert again.status_code == 403
    assert refused_because() == ["request-answered"]
