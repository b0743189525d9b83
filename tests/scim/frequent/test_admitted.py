"""Who is let in before Django is asked is whom Django lets in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.models import UserSynchronization
from scim import rate
from tests.conftest import ScimClientFor, actor_for, enable
from tests.scim.conftest import USERS, Provisioning
from tests.scim.frequent.both_ways import Environ, at_once, by_django, match

Spoil = Callable[[Organization, User], object]


def tokens_of(acme: Organization, **changed: object) -> None:
    AccessToken.objects.filter(organization=acme).update(**changed)


def gate_of(acme: Organization, **changed: object) -> None:
    UserSynchronization.objects.filter(organization=acme).update(**changed)


def revoke(acme: Organization) -> None:
    for token in acme.access_tokens.all():
        tokens.revoke(acme, token.pk, actor=SYSTEM)


def disable(acme: Organization, alice: User) -> None:
    gate.disable(acme, administrator=alice, actor=actor_for(alice))


def disable_and_enable(acme: Organization, alice: User) -> None:
    disable(acme, alice)
    enable(acme)
    gate_of(acme, last_contact_at=timezone.now())


def pause(acme: Organization, alice: User) -> None:
    gate.pause(acme, reason="", actor=actor_for(alice))


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda acme, _: revoke(acme), 401),
        (lambda acme, _: tokens_of(acme, expires_at=timezone.now()), 401),
        (lambda acme, _: tokens_of(acme, revoked_at=timezone.now()), 401),
        (disable_and_enable, 401),
        (disable, 403),
        (pause, 503),
        (lambda acme, _: Organization.objects.update(plan="free"), 403),
        (lambda acme, _: Organization.objects.update(plan="business"), 403),
    ],
)
def test_who_is_not_let_in_is_refused_from_the_next_request_on(
    get: Callable[..., Environ],
    enabled_acme: Organization,
    alice: User,
    user: str,
    spoil: Spoil,
    status: int,
) -> None:
    addresses = [f"{USERS}/{user}", match("yamada@example.jp")]
    assert all(at_once(get(each)) for each in addresses)

    spoil(enabled_acme, alice)

    assert [at_once(get(each)) for each in addresses] == [None, None]
    assert by_django(get(addresses[0])).status.startswith(str(status))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda acme, _: tokens_of(acme, last_used_at=None),
        lambda acme, _: tokens_of(
            acme, last_used_at=timezone.now() - timedelta(minutes=1)
        ),
        lambda acme, _: gate_of(acme, last_contact_at=None),
        lambda acme, _: gate_of(
            acme, last_contact_at=timezone.now() - timedelta(minutes=1)
        ),
    ],
)
def test_who_was_not_here_for_a_minute_goes_the_long_way_once(
    get: Callable[..., Environ],
    enabled_acme: Organization,
    alice: User,
    user: str,
    spoil: Spoil,
) -> None:
    """So that "last used" and "last contact" are written."""
    spoil(enabled_acme, alice)

    assert at_once(get(f"{USERS}/{user}")) is None
    assert by_django(get(f"{USERS}/{user}")).status == "200 OK"
    assert at_once(get(f"{USERS}/{user}"))


def test_a_token_that_will_expire_serves_until_then(
    get: Callable[..., Environ], enabled_acme: Organization, user: str
) -> None:
    tokens_of(enabled_acme, expires_at=timezone.now() + timedelta(hours=1))

    assert at_once(get(f"{USERS}/{user}"))


def test_who_asks_too_often_is_told_so_and_counted_once(
    get: Callable[..., Environ],
    user: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST = 1, 40
    monkeypatch.setattr(rate, "MOST_WAITING", 0)
    monkeypatch.setattr(rate.PATIENCE, "seconds", 0)

    environs = [get(f"{USERS}/{user}") for _ in range(60)]
    said = [at_once(each) or by_django(each) for each in environs]

    statuses = [each.status.partition(" ")[0] for each in said]
    assert set(statuses[:30]) == {"200"}
    assert "429" in statuses


def test_who_has_to_wait_keeps_nobody_else_waiting(
    get: Callable[..., Environ],
    user: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The event loop serves others meanwhile: he waits when his turn comes."""
    slept: list[float] = []
    monkeypatch.setattr("scim.rate.time.sleep", slept.append)
    monkeypatch.setattr(rate, "PATIENCE", rate.Patience())
    settings.SCIM_RATE, settings.SCIM_BURST = 1, 3
    environs = [get(f"{USERS}/{user}") for _ in range(6)]
    late = [each for each in environs if at_once(each) is None]

    assert late
    assert not slept
    assert by_django(late[0]).status == "200 OK"
    assert slept


def test_two_organizations_are_each_shown_their_own(
    get: Callable[..., Environ],
    user: str,
    globex: Organization,
    scim_client: ScimClientFor,
) -> None:
    enable(globex)
    neighbour = Provisioning(scim_client(globex))
    theirs = neighbour.create("suzuki@example.com")
    token = neighbour.client.defaults["HTTP_AUTHORIZATION"]

    assert at_once(get(f"{USERS}/{theirs}", HTTP_AUTHORIZATION=token))
    assert at_once(get(f"{USERS}/{user}", HTTP_AUTHORIZATION=token)) is None
    assert at_once(get(f"{USERS}/{theirs}")) is None
