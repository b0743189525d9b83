"""Proving once more who one is, by signing in anew at the identity provider."""

from __future__ import annotations

import base64
import re
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.models.sessions import Began, Why
from chatwork_admin.organizations.sessions import ending
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.models import UserSynchronization
from saml_sso.models import IdentityProvider
from tests.conftest import actor_for, signed_in
from tests.saml_sso.signing_in import (
    Asked,
    Visitor,
    asked_by,
    entra_of,
    refused_because,
)

PAUSE = "/manage/sync/stop/pause/"
LEAVE = "/account/step-up/leave/"
BACK = "/account/step-up/"
LEADS_ON = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


@pytest.fixture
def alices(enabled_acme: Organization, alice: User) -> Visitor:
    """Alice's browser, eleven minutes after she has proven that it is hers."""
    visitor = Visitor(entra_of(enabled_acme), signed_in(alice, began=Began.SAML))
    before = timezone.now() - timedelta(minutes=11)
    UserSession.objects.filter(user=alice).update(authenticated_at=before)
    return visitor


def leave(visitor: Visitor) -> Asked:
    """Ask to pause, choose to sign in anew, and follow as far as the identity provider."""
    asked = visitor.client.post(PAUSE, {"reason": "audit"})
    assert asked.status_code == 403
    assert 'name="step-up-by" value="saml"' in asked.text
    sent = {"reason": "audit", "step-up-path": PAUSE, "step-up-by": "saml"}
    led = LEADS_ON.search(visitor.client.post(LEAVE, sent).text)
    assert led is not None
    away = visitor.client.get(led[1])
    assert away.status_code == 302
    return asked_by(away["Location"])


def request_of(asked: Asked) -> str:
    message = parse_qs(urlsplit(asked.url).query)["SAMLRequest"][0]
    return zlib.decompress(base64.b64decode(message), wbits=-15).decode()


def is_asked_again(visitor: Visitor) -> bool:
    return visitor.client.post(PAUSE, {"reason": "x"}).status_code == 403


def assert_asks(page: Any) -> None:
    """The page asks for a proof, and has kept what was to be done."""
    assert page.status_code == 403
    assert "You have confirmed" not in page.text
    assert f'method="post" action="{PAUSE}"' in page.text
    assert 'name="reason" value="audit"' in page.text
    assert 'name="step-up-by" value="saml"' in page.text


def confirmations() -> int:
    return AuditEvent.objects.filter(action=Action.IDENTITY_CONFIRMED).count()


def test_signing_in_anew_leads_back_to_what_was_asked(
    alices: Visitor, alice: User, enabled_acme: Organization
) -> None:
    asked = leave(alices)
    assert 'ForceAuthn="true"' in request_of(asked)

    back = alices.follow(alices.answer(asked, alice))

    assert back["Location"] == BACK
    page = alices.client.get(BACK).text
    assert f'action="{PAUSE}"' in page
    assert 'name="reason" value="audit"' in page
    assert gate.synchronization_of(enabled_acme).state == "on"
    assert alices.client.post(PAUSE, {"reason": "audit"}).status_code == 302
    assert gate.synchronization_of(enabled_acme).state == "paused"
    event = AuditEvent.objects.get(action=Action.IDENTITY_CONFIRMED)
    assert event.actor["id"] == str(alice.pk)
    assert event.context["began"] == Began.SAML


def test_whoever_comes_back_without_an_answer_is_asked_as_before(
    alices: Visitor,
) -> None:
    leave(alices)

    assert_asks(alices.client.get(BACK))


def test_a_refused_proof_can_be_tried_again(
    alices: Visitor, alice: User, carol: User, enabled_acme: Organization
) -> None:
    alices.follow(alices.answer(leave(alices), carol))

    alices.follow(alices.answer(leave(alices), alice))

    assert alices.client.post(PAUSE, {"reason": "audit"}).status_code == 302
    assert gate.synchronization_of(enabled_acme).state == "paused"


def test_the_session_stays_the_same(alices: Visitor, alice: User) -> None:
    before = alice.sessions.get()
    alices.follow(alices.answer(leave(alices), alice))

    after = alice.sessions.get()
    assert after.key_hash == before.key_hash
    assert after.expires_at == before.expires_at


def test_another_persons_assertion_proves_nothing(
    alices: Visitor, alice: User, carol: User
) -> None:
    answer = alices.answer(leave(alices), carol)

    page = alices.follow(answer)
    assert "Another person was chosen" in page.text
    assert "still signed in as <bdi>alice@acme.test" in page.text
    assert_asks(page)
    assert refused_because() == ["other-person"]
    assert is_asked_again(alices)
    assert alices.client.get("/account/").status_code == 200
    assert not carol.sessions.exists()
    assert not confirmations()


@pytest.mark.parametrize("minutes", [4, 60])
def test_a_sign_in_of_before_proves_nothing(
    alices: Visitor, alice: User, minutes: int
) -> None:
    before = datetime.now(UTC) - timedelta(minutes=minutes)

    answer = alices.answer(leave(alices), alice, authn_instant=before)

    page = alices.follow(answer)
    assert "has not confirmed that it is you" in page.text
    assert_asks(page)
    assert refused_because() == ["not-signed-in-anew"]
    assert is_asked_again(alices)


def test_a_clock_that_is_ahead_makes_no_proof_last_longer(
    alices: Visitor, alice: User
) -> None:
    ahead = datetime.now(UTC) + timedelta(seconds=90)
    alices.follow(alices.answer(leave(alices), alice, authn_instant=ahead))

    proven_at = alice.sessions.get().authenticated_at
    assert proven_at is not None
    assert proven_at <= timezone.now()


def test_the_answer_in_another_browser_proves_nothing_anywhere(
    alices: Visitor, alice: User
) -> None:
    other = Visitor(alices.entra, signed_in(alice, began=Began.SAML))
    UserSession.objects.update(authenticated_at=None)

    other.follow(alices.answer(leave(alices), alice))

    assert refused_because() == ["other-browser"]
    assert is_asked_again(alices)
    assert is_asked_again(other)


def test_a_session_that_was_ended_meanwhile_is_not_revived(
    alices: Visitor, alice: User
) -> None:
    answer = alices.answer(leave(alices), alice)
    ending.end_sessions_of(alice, why=Why.ADMINISTRATOR, actor=actor_for(alice))

    assert alices.follow(answer).status_code == 403
    assert refused_because() == ["access-ended-meanwhile"]
    assert alices.client.get("/account/").status_code == 302
    assert not confirmations()


def test_whoever_signed_in_meanwhile_as_somebody_else_proves_nothing(
    alices: Visitor, alice: User, carol: User
) -> None:
    answer = alices.answer(leave(alices), alice)
    signed_in(carol, alices.client)
    UserSession.objects.filter(user=carol).update(authenticated_at=None)

    assert alices.follow(answer).status_code == 403
    assert carol.sessions.get().authenticated_at is None
    assert not confirmations()


def test_only_the_organizations_own_people_sign_in_anew(
    alices: Visitor, as_mallory: Client
) -> None:
    address = alices.entra.address("step-up")

    assert as_mallory.get(address).status_code == 404
    assert Client().get(address)["Location"].startswith("/sign-in/")


def test_it_is_not_offered_while_saml_is_off(alices: Visitor) -> None:
    UserSynchronization.objects.update(state="off", identity_provider=None)
    IdentityProvider.objects.update(mode=IdentityProvider.Mode.OFF)

    asked = alices.client.post(PAUSE, {"reason": "audit"})

    assert asked.status_code == 403
    assert "step-up-by" not in asked.text
    assert alices.client.get(alices.entra.address("step-up")).status_code == 403


def test_who_has_no_password_is_offered_nothing_else(
    alices: Visitor, alice: User
) -> None:
    page = alices.client.post(PAUSE, {"reason": "audit"}).text
    assert 'name="step-up-password"' in page

    alice.set_unusable_password()
    alice.save()
    visitor = Visitor(alices.entra, signed_in(alice, began=Began.SAML))
    UserSession.objects.update(authenticated_at=None)
    page = visitor.client.post(PAUSE, {"reason": "audit"}).text

    assert 'name="step-up-password"' not in page
    assert 'name="step-up-by" value="saml"' in page


def test_nothing_leads_elsewhere_afterwards(alices: Visitor, alice: User) -> None:
    away = alices.client.get(
        alices.entra.address("step-up"), {"next": "https://evil.test/"}
    )
    back = alices.follow(alices.answer(asked_by(away["Location"]), alice))

    assert back["Location"] == "/"


def test_no_form_leads_to_another_site(alices: Visitor) -> None:
    sent: dict[str, Any] = {"step-up-path": PAUSE, "step-up-by": "saml"}
    page = alices.client.post(LEAVE, sent)

    assert page.status_code == 200
    assert "form-action 'self'" in page["Content-Security-Policy"]
