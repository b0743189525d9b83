"""The one statement of `scim.frequent` finds what clients were given, while it is good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, grants, workload_identities
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from scim.frequent import reads
from tests.authorization.asking import Ask, given_token, scim
from tests.authorization.codes import code_of, exchange
from tests.authorization.conftest import Registered
from tests.authorization.gallery import Gallery
from tests.authorization.workloads import trusted
from tests.conftest import actor_for
from tests.scim.frequent.both_ways import Environ, at_once

Spoil = Callable[[Organization, User], object]


@pytest.fixture(params=["client credentials", "authorization code", "assertion"])
def token(
    request: pytest.FixtureRequest,
    as_alice: Client,
    ask: Ask,
    gallery: Gallery,
    entra: Registered,
) -> str:
    """An access token that was used a moment ago."""
    if request.param == "client credentials":
        found = given_token(ask, entra)
    elif request.param == "assertion":
        found = str(ask(trusted(entra.row).body()).json()["access_token"])
    else:
        fields = exchange(code_of(as_alice, gallery)) | gallery.body
        found = str(ask(fields).json()["access_token"])
    assert scim(found).status_code == 200
    return found


def asking(token: str, user: User) -> Environ:
    path = f"/scim/v2/Users/{user.pk}"
    return dict(
        RequestFactory().get(path, HTTP_AUTHORIZATION=f"Bearer {token}").environ
    )


def test_it_takes_one_statement(
    token: str, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert at_once(asking(token, bob))


def revoke_what_it_is_for(acme: Organization, _: User) -> None:
    client = acme.oauth_clients.get()
    secret = client.secrets.get()
    clients.revoke_secret(acme, client.pk, secret.pk, actor=SYSTEM)
    for identity in client.workload_identities.all():
        workload_identities.remove(acme, client.pk, identity.pk, actor=SYSTEM)
    for grant in acme.grants.all():
        grants.revoke(acme, grant.pk, actor=SYSTEM)


def let_it_expire(acme: Organization, _: User) -> None:
    AccessToken.objects.update(expires_at=timezone.now())


def disable(acme: Organization, alice: User) -> None:
    gate.disable(acme, administrator=alice, actor=actor_for(alice))


def end_the_plan(acme: Organization, _: User) -> None:
    Organization.objects.update(plan="free")


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (revoke_what_it_is_for, 401),
        (let_it_expire, 401),
        (disable, 403),
        (end_the_plan, 403),
    ],
)
def test_it_is_refused_from_the_next_request_on(
    token: str,
    enabled_acme: Organization,
    alice: User,
    bob: User,
    spoil: Spoil,
    status: int,
) -> None:
    assert at_once(asking(token, bob))

    spoil(enabled_acme, alice)

    assert at_once(asking(token, bob)) is None
    assert scim(token).status_code == status


def test_after_a_minute_its_use_is_noted(token: str, bob: User) -> None:
    AccessToken.objects.update(last_used_at=F("last_used_at") - timedelta(minutes=1))
    assert reads.answer(asking(token, bob)) is None
    assert scim(token).status_code == 200
    assert reads.answer(asking(token, bob))


def test_a_neighbours_user_is_not_shown(token: str, mallory: User) -> None:
    assert at_once(asking(token, mallory)) is None
