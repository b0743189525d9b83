"""Several secrets of a client, and what ends them (B20)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients
from chatwork_admin.authorization.models import ClientSecret, OAuthClient
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from tests.authorization.asking import Ask, given_token, refused, scim
from tests.authorization.conftest import Registered, another_secret, registered
from tests.conftest import actor_for, enable


def test_the_secret_of_another_client_is_none(ask: Ask, entra: Registered) -> None:
    theirs = registered(entra.row.organization, "Okta")
    assert refused(ask(entra.body | {"client_secret": theirs.secret}))


def test_the_database_gives_no_client_a_secret_of_another_organization(
    acme: Organization, globex: Organization
) -> None:
    theirs = registered(globex).row
    with pytest.raises(IntegrityError), transaction.atomic():
        give_secret(acme, theirs)


def give_secret(organization: Organization, client: OAuthClient) -> None:
    row = ClientSecret(organization=organization, client=client, note="x", digest="x")
    row.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_several_secrets_are_good_at_once_and_end_one_by_one(
    ask: Ask, entra: Registered
) -> None:
    second = Registered(entra.row, another_secret(entra.row, "second"))
    old, new = given_token(ask, entra), given_token(ask, second)

    organization, row = entra.row.organization, entra.row.secrets.get(note="first")
    clients.revoke_secret(organization, entra.row.pk, row.pk, actor=SYSTEM)

    assert refused(ask(entra.body))
    assert scim(old).status_code == 401
    assert scim(new).status_code == 200
    assert ask(second.body).status_code == 200
    clients.revoke_secret(organization, entra.row.pk, row.pk, actor=SYSTEM)
    assert AuditEvent.objects.filter(action=Action.SECRET_REVOKED).count() == 1


def test_an_expired_secret_is_refused(ask: Ask, entra: Registered) -> None:
    entra.row.secrets.update(expires_at=timezone.now())
    assert refused(ask(entra.body))


def test_a_removed_client_is_refused_with_all_it_was_given(
    ask: Ask, entra: Registered
) -> None:
    token = given_token(ask, entra)
    clients.remove(entra.row.organization, entra.row.pk, actor=SYSTEM)

    assert refused(ask(entra.body))
    assert scim(token).status_code == 401
    with pytest.raises(clients.NoSuchClient):
        clients.remove(entra.row.organization, entra.row.pk, actor=SYSTEM)
    with pytest.raises(clients.NoSuchClient):
        another_secret(entra.row)


def test_disabling_ends_secrets_and_what_they_were_good_for(
    ask: Ask, entra: Registered, enabled_acme: Organization, alice: User
) -> None:
    token = given_token(ask, entra)
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))

    assert scim(token).status_code == 403
    assert refused(ask(entra.body))
    enable(enabled_acme)
    assert scim(token).status_code == 401
    assert refused(ask(entra.body))
    renewed = Registered(entra.row, another_secret(entra.row, "new"))
    assert scim(given_token(ask, renewed)).status_code == 200


def test_a_client_has_five_good_secrets_at_most(acme: Organization) -> None:
    row = registered(acme).row
    for number in range(4):
        another_secret(row, str(number))
    with pytest.raises(clients.TooManySecrets):
        another_secret(row)
    row.secrets.filter(note="2").update(expires_at=timezone.now())
    assert another_secret(row)
