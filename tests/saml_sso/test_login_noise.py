"""Floods of what is refused: they wait, are counted, and fill no log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User
from saml_sso.models import (
    Arrival,
    RejectionCount,
)
from saml_sso.sign_in import rate
from saml_sso.sign_in.rejections import MOST_OF_STRANGERS
from tests.saml_sso.signing_in import (
    Visitor,
    refused_because,
    written,
)


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
