"""What a grant outlives, and what ends it (B13, B14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, grants
from chatwork_admin.authorization.models import Grant
from chatwork_admin.authorization.tasks import forget_tokens
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from tests.authorization.asking import Ask, refused, scim
from tests.authorization.codes import code_of, exchange, refresh
from tests.authorization.conftest import authorizable, granted
from tests.authorization.gallery import Gallery
from tests.conftest import actor_for, enable


def revoke(acme: Organization, _: User) -> None:
    grants.revoke(acme, acme.grants.earliest("id").pk, actor=SYSTEM)


def disable_and_enable(acme: Organization, alice: User) -> None:
    gate.disable(acme, administrator=alice, actor=actor_for(alice))
    enable(acme)


def remove_client(acme: Organization, _: User) -> None:
    clients.remove(acme, acme.oauth_clients.get().pk, actor=SYSTEM)


@pytest.mark.parametrize("spoil", [revoke, disable_and_enable, remove_client])
def test_what_ends_a_grant_ends_its_tokens_at_once(
    as_alice: Client,
    ask: Ask,
    enabled_acme: Organization,
    alice: User,
    spoil: Callable[[Organization, User], None],
) -> None:
    entra = authorizable(enabled_acme)
    said = ask(exchange(code_of(as_alice, entra)) | entra.body).json()
    assert scim(said["access_token"]).status_code == 200

    spoil(enabled_acme, alice)

    assert scim(said["access_token"]).status_code == 401
    renewal = ask(refresh(said["refresh_token"]) | entra.body)
    assert renewal.status_code in {400, 401}


def test_disabling_ends_codes_and_refresh_tokens_of_the_gallery(
    as_alice: Client,
    ask: Ask,
    gallery: Gallery,
    enabled_acme: Organization,
    alice: User,
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    waiting = code_of(as_alice, gallery)

    disable_and_enable(enabled_acme, alice)

    assert refused(ask(exchange(waiting) | gallery.body), "invalid_grant", 400)
    renewal = refresh(said["refresh_token"]) | gallery.body
    assert refused(ask(renewal), "invalid_grant", 400)


def test_a_grant_outlives_the_right_of_whoever_gave_it(
    as_alice: Client, ask: Ask, gallery: Gallery, carol: User, enabled_acme: Any
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    alice = User.objects.get(role=User.Role.ADMINISTRATOR)
    User.objects.filter(pk=alice.pk).update(role=User.Role.MEMBER, is_active=False)
    User.objects.filter(pk=carol.pk).update(role=User.Role.ADMINISTRATOR)
    answer = ask(refresh(said["refresh_token"]) | gallery.body)
    assert answer.status_code == 200
    assert scim(answer.json()["access_token"]).status_code == 200


def test_a_grant_that_nobody_has_used_for_ninety_days_is_over(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    renewal = refresh(said["refresh_token"]) | gallery.body
    Grant.objects.update(last_used_at=timezone.now() - timedelta(days=89))
    assert ask(renewal).status_code == 200
    Grant.objects.update(last_used_at=timezone.now() - timedelta(days=90))
    assert refused(ask(renewal), "invalid_grant", 400)


def test_codes_that_nobody_exchanged_are_forgotten(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    used = granted(enabled_acme)
    code_of(as_alice, gallery)
    Grant.objects.update(issued_at=timezone.now() - timedelta(days=2))

    forget_tokens()

    assert list(Grant.objects.all()) == [used]
