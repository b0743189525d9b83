"""Whom a client trusts (B26): what may be typed in, and who may be in another's place."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, workload_identities
from chatwork_admin.authorization.models import (
    AccessToken,
    OAuthClient,
    UsedAssertion,
    WorkloadIdentity,
)
from chatwork_admin.authorization.workload_identities import (
    MOST_IDENTITIES,
    InvalidTrust,
    NoSuchIdentity,
    TooManyIdentities,
    Trust,
    TrustedAlready,
)
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from tests.authorization.conftest import Registered, registered
from tests.authorization.workloads import (
    AUDIENCE,
    SUBJECT,
    TENANT,
    trusted,
)
from tests.conftest import actor_for

MICROSOFT = f"https://login.microsoftonline.com/{TENANT}"
TRUST = Trust(
    f"{MICROSOFT}/v2.0", f"{MICROSOFT}/discovery/v2.0/keys", SUBJECT, AUDIENCE
)


def add(client: OAuthClient, trust: Trust = TRUST) -> WorkloadIdentity:
    return workload_identities.add(client.organization, client.pk, trust, actor=SYSTEM)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("issuer", "", "required"),
        ("issuer", f"{MICROSOFT}/ v2.0", "not-plain"),
        ("issuer", "https://login.microsoftonline.com/<tenant>/v2.0", "not-plain"),
        ("issuer", "https://login.microsoftonline.com/{tenantid}/v2.0", "not-plain"),
        ("issuer", "https://x.test/" + "x" * 1024, "too-long"),
        ("issuer", "login.microsoftonline.com", "not-a-uri"),
        ("issuer", "8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "not-a-uri"),
        ("issuer", "http://login.microsoftonline.com/x/v2.0", "not-https"),
        ("issuer", "https://login.microsoftonline.com/x/v2.0#x", "has-fragment"),
        ("issuer", "https:///v2.0", "invalid-host"),
        ("issuer", SUBJECT.upper(), "not-a-uri"),
        ("jwks_uri", "", "required"),
        ("jwks_uri", "https://evil.test/keys", "host-not-listed"),
        ("jwks_uri", "http://login.microsoftonline.com/x/keys", "not-https"),
        ("jwks_uri", "https://127.0.0.1/keys", "host-not-public"),
        ("jwks_uri", "https://169.254.169.254/keys", "host-not-public"),
        (
            "jwks_uri",
            "https://user@login.microsoftonline.com/x",
            "has-user-information",
        ),
        ("jwks_uri", "https://login.microsoftonline.com:8443/x", "other-port"),
        (
            "jwks_uri",
            "https://login.microsoftonline.com.evil.test/x",
            "host-not-listed",
        ),
        (
            "jwks_uri",
            "https://login.microsoftonline.com/common/discovery/v2.0/keys",
            "every-tenant",
        ),
        ("subject", "", "required"),
        ("subject", "x" * 256, "too-long"),
        ("subject", "a b", "not-plain"),
        ("subject", "a\0", "not-plain"),
        ("subject", "\ud800", "not-plain"),
        ("audience", "", "required"),
        ("audience", "x" * 1025, "too-long"),
        ("audience", "api://x\n", "not-plain"),
    ],
)
def test_what_cannot_be_trusted_is_told_by_its_field(
    field: str, value: str, reason: str
) -> None:
    with pytest.raises(InvalidTrust) as invalid:
        replace(TRUST, **{field: value})
    assert {name: str(why) for name, why in invalid.value.errors.items()} == {
        field: reason
    }


def test_a_client_may_sign_for_itself(entra: Registered) -> None:
    """Its `client_id` is issuer and subject then, as OpenID Connect Core has it."""
    replace(TRUST, issuer=entra.client_id, subject=entra.client_id)
    with pytest.raises(InvalidTrust):
        replace(TRUST, issuer="itself", subject="itself")


def test_a_stand_in_is_trusted_where_the_installation_names_it(settings: Any) -> None:
    local = "http://127.0.0.1:18299"
    with pytest.raises(InvalidTrust):
        replace(TRUST, jwks_uri=f"{local}/keys")
    settings.SAML_STAND_INS = [local]
    replace(TRUST, jwks_uri=f"{local}/keys")


def test_what_is_trusted_is_recorded(entra: Registered) -> None:
    identity = add(entra.row)

    [event] = AuditEvent.objects.filter(action=Action.WORKLOAD_IDENTITY_ADDED)
    assert event.target["id"] == entra.client_id
    assert event.context["subject"] == SUBJECT
    assert event.context["jwks_uri"] == TRUST.jwks_uri
    assert not identity.keys


def test_the_same_identity_is_trusted_once(entra: Registered) -> None:
    """Wherever its keys are: an assertion does not say whose it is of two."""
    add(entra.row)
    for jwks_uri in (TRUST.jwks_uri, f"{MICROSOFT}/mistyped"):
        with pytest.raises(TrustedAlready):
            add(entra.row, replace(TRUST, jwks_uri=jwks_uri))
    assert entra.row.workload_identities.count() == 1
    assert AuditEvent.objects.filter(action=Action.WORKLOAD_IDENTITY_ADDED).count() == 1


def test_the_database_trusts_an_identity_once(entra: Registered) -> None:
    identity = add(entra.row, replace(TRUST, audience="あ" * 1024))
    identity.pk = uuid.uuid4()
    with pytest.raises(IntegrityError, match="is_trusted_once"), transaction.atomic():
        identity.save(force_insert=True)


def test_what_ended_with_synchronization_is_trusted_anew(
    entra: Registered, enabled_acme: Organization, alice: User
) -> None:
    add(entra.row)
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))

    new = add(entra.row)

    assert workload_identities.identities_of(entra.row).get() == new


def test_three_identities_are_enough(entra: Registered) -> None:
    for number in range(MOST_IDENTITIES):
        add(entra.row, replace(TRUST, subject=str(number)))
    with pytest.raises(TooManyIdentities):
        add(entra.row)


def test_what_is_removed_is_gone_and_makes_room(entra: Registered) -> None:
    organization, identity = entra.row.organization, add(entra.row)
    workload_identities.remove(organization, entra.row.pk, identity.pk, actor=SYSTEM)

    assert not workload_identities.identities_of(entra.row)
    assert AuditEvent.objects.filter(action=Action.WORKLOAD_IDENTITY_REMOVED).exists()
    for identity_id in (identity.pk, uuid.uuid4()):
        with pytest.raises(NoSuchIdentity):
            workload_identities.remove(
                organization, entra.row.pk, identity_id, actor=SYSTEM
            )
    add(entra.row)
    assert workload_identities.identities_of(entra.row).count() == 1


def test_a_neighbour_neither_adds_nor_removes(
    entra: Registered, globex: Organization
) -> None:
    identity = add(entra.row)
    with pytest.raises(clients.NoSuchClient):
        workload_identities.add(globex, entra.row.pk, TRUST, actor=SYSTEM)
    with pytest.raises(clients.NoSuchClient):
        workload_identities.remove(globex, entra.row.pk, identity.pk, actor=SYSTEM)
    theirs = registered(globex).row
    with pytest.raises(NoSuchIdentity):
        workload_identities.remove(globex, theirs.pk, identity.pk, actor=SYSTEM)


def test_who_administers_no_more_neither_adds_nor_removes(
    entra: Registered, carol: User
) -> None:
    organization, identity = entra.row.organization, add(entra.row)
    actor = actor_for(carol)
    other = replace(TRUST, subject="other")
    with pytest.raises(NotAllowed):
        workload_identities.add(organization, entra.row.pk, other, actor=actor)
    with pytest.raises(NotAllowed):
        workload_identities.remove(organization, entra.row.pk, identity.pk, actor=actor)
    assert entra.row.workload_identities.filter(removed_at=None).count() == 1


def test_the_database_gives_nobody_an_identity_of_another_organization(
    entra: Registered, globex: Organization
) -> None:
    theirs, ours = registered(globex).row, trusted(entra.row).row
    now = ours.added_at
    rows = (
        WorkloadIdentity(organization=globex, client=entra.row),
        UsedAssertion(organization=globex, identity=ours, digest="x", expires_at=now),
        AccessToken(
            organization=globex,
            client=theirs,
            identity=ours,
            digest="x",
            expires_at=now + timedelta(hours=1),
        ),
    )
    for row in rows:
        with pytest.raises(IntegrityError), transaction.atomic():
            store(row)


def store(row: Model) -> None:
    row.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
