"""Whoever tries secrets of a client: he is seen, writes little, and in nobody's way."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import INSTALLATION, SYSTEM
from chatwork_admin.authorization import clients
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.identifiers import first_id_at
from chatwork_admin.organizations.models import Organization
from tests.authorization.asking import Ask, refused
from tests.authorization.conftest import Fields, Registered, registered
from tests.authorization.gallery import GALLERY, Gallery

Client = Registered | Gallery


@pytest.fixture(params=["of an organization", "of the gallery"])
def attacked(request: Any, entra: Registered, gallery: Gallery) -> Client:
    return gallery if request.param == "of the gallery" else entra


def guessing(client: Client) -> Fields:
    return client.body | {"client_secret": "guess"}


def events() -> Any:
    return AuditEvent.objects.filter(action=Action.CLIENT_REFUSED).order_by("id")


def test_wrong_secrets_are_refused_alike_and_recorded_ten_times(
    ask: Ask, attacked: Client
) -> None:
    assert all(refused(ask(guessing(attacked))) for _ in range(12))

    assert events().count() == 10
    assert not AccessToken.objects.exists()


def test_from_the_eleventh_on_nothing_is_written(ask: Ask, attacked: Client) -> None:
    for _ in range(10):
        ask(guessing(attacked))

    with CaptureQueriesContext(connection) as queries:
        ask(guessing(attacked))

    assert {each["sql"].split()[0] for each in queries} <= {
        "SELECT",
        "SAVEPOINT",
        "RELEASE",
    }


def test_the_right_secret_is_taken_meanwhile(
    ask: Ask, entra: Registered, gallery: Gallery
) -> None:
    for _ in range(12):
        ask(guessing(entra))
        ask(guessing(gallery))

    assert ask(entra.body).status_code == 200
    by_code = gallery.body | {"grant_type": "authorization_code", "code": "unknown"}
    assert refused(ask(by_code), "invalid_grant", 400)  # it is known who asks


def test_a_revoked_secret_is_refused_as_one_whatever_others_have_tried(
    ask: Ask, entra: Registered
) -> None:
    for _ in range(10):
        ask(guessing(entra))
    row = entra.row.secrets.get()
    clients.revoke_secret(entra.row.organization, entra.row.pk, row.pk, actor=SYSTEM)

    assert refused(ask(entra.body), "invalid_client", 401)  # B22, and no "try again"


def test_who_is_wrong_locks_nothing_that_the_right_one_needs(
    ask: Ask, attacked: Client
) -> None:
    with CaptureQueriesContext(connection) as queries:
        ask(guessing(attacked))

    assert not [each["sql"] for each in queries if " FOR " in each["sql"].upper()]


def test_wrong_secrets_of_each_client_are_recorded(
    ask: Ask, entra: Registered, gallery: Gallery, enabled_acme: Organization
) -> None:
    for _ in range(11):
        ask(guessing(entra))

    ask(guessing(registered(enabled_acme, "Another")))
    ask(guessing(gallery))
    assert events().count() == 12


def test_an_hour_later_wrong_secrets_are_recorded_again(
    ask: Ask, attacked: Client
) -> None:
    ask(guessing(attacked))
    model = events().get()
    an_hour_ago = timezone.now() - timedelta(hours=1, seconds=1)
    for number in range(10):
        model.pk = uuid.UUID(int=first_id_at(an_hour_ago).int + number)
        model.occurred_at = an_hour_ago
        model.save(force_insert=True)

    assert refused(ask(guessing(attacked)))
    assert events().count() == 12


def test_what_is_recorded_is_of_somebody_unknown_and_has_no_secret(
    ask: Ask, attacked: Client, enabled_acme: Organization
) -> None:
    ask(guessing(attacked))

    event = events().get()
    of_the_gallery = attacked.client_id == GALLERY
    assert event.organization_id == (
        INSTALLATION if of_the_gallery else enabled_acme.pk
    )
    assert event.target["id"] == attacked.client_id
    assert event.actor["kind"] == "system"  # who noticed; it was not the client
    assert event.context["address"] == "127.0.0.1"
    assert event.reference
    assert "guess" not in f"{event.context}{event.target}{event.actor}"
