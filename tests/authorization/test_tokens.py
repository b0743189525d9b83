from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate, health
from tests.authorization.conftest import granted, registered
from tests.conftest import actor_for, enable


def issue(organization: Organization, **changes: object) -> tuple[AccessToken, str]:
    asked = {"name": "Entra ID", "expires_at": None} | changes
    return tokens.issue(organization, actor=SYSTEM, **asked)  # type: ignore[arg-type]


def admit(token: str) -> tokens.ProvisioningClient:
    return tokens.admit(token, reference="REF", address="192.0.2.1")


def test_a_token_names_its_organization_and_its_actor(
    enabled_acme: Organization,
) -> None:
    row, token = issue(enabled_acme)
    client = admit(token)

    assert client.organization == enabled_acme
    assert (client.actor.kind, client.actor.id) == ("provisioning-client", str(row.pk))
    assert client.actor.reference == "REF"


def test_admitting_costs_one_query(
    enabled_acme: Organization, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, token = issue(enabled_acme)
    admit(token)  # notes the use, once a minute
    health.note_contact(gate.synchronization_of(enabled_acme))

    with django_assert_num_queries(1):
        admit(token)


def test_the_token_is_stored_nowhere(enabled_acme: Organization) -> None:
    row, token = issue(enabled_acme)
    stored = {name: str(value) for name, value in vars(row).items()}
    events = list(AuditEvent.objects.values_list("actor", "target", "context"))

    secret = token.split("_", 1)[1]
    assert secret[:20] not in str(stored)
    assert secret[:20] not in str(events)


def test_several_tokens_live_at_once(enabled_acme: Organization) -> None:
    issued = [issue(enabled_acme)[1] for _ in range(3)]

    assert all(admit(token).organization == enabled_acme for token in issued)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: "",
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token.upper(),
        lambda token: token.replace("scim_", "scim-"),
        lambda token: f"scim_{'A' * 43}_{token[-8:]}",
        lambda token: token + "\x00",
        lambda token: "scim_" + "é" * 43 + "_00000000",
    ],
)
def test_what_is_not_a_token_is_refused(
    enabled_acme: Organization, spoil: object
) -> None:
    _, token = issue(enabled_acme)
    with pytest.raises(tokens.InvalidToken):
        admit(spoil(token))  # type: ignore[operator]


def test_a_mistyped_token_is_refused_without_a_query(
    enabled_acme: Organization, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0), pytest.raises(tokens.InvalidToken):
        admit(f"scim_{'A' * 43}_00000000")


def test_a_revoked_token_ends_at_once_and_is_recorded_once(
    enabled_acme: Organization,
) -> None:
    row, token = issue(enabled_acme)
    for _ in range(2):
        tokens.revoke(enabled_acme, row.pk, actor=SYSTEM)

    with pytest.raises(tokens.InvalidToken):
        admit(token)
    assert AuditEvent.objects.filter(action="token.revoked").count() == 1


def test_somebody_elses_token_is_not_revoked(
    enabled_acme: Organization, globex: Organization
) -> None:
    row, token = issue(enabled_acme)
    for organization, token_id in [(globex, row.pk), (enabled_acme, uuid.uuid4())]:
        with pytest.raises(tokens.NoSuchToken):
            tokens.revoke(organization, token_id, actor=SYSTEM)

    assert admit(token).actor.label


def test_an_expired_token_is_refused(enabled_acme: Organization) -> None:
    _, token = issue(enabled_acme, expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(tokens.InvalidToken):
        admit(token)


def of_a_client(organization: Organization) -> str:
    row, token = issue(organization)
    AccessToken.objects.filter(pk=row.pk).update(
        client=registered(organization).row, expires_at=timezone.now()
    )
    return token


def of_a_grant(organization: Organization) -> str:
    row, token = issue(organization)
    AccessToken.objects.filter(pk=row.pk).update(
        grant=granted(organization), expires_at=timezone.now()
    )
    return token


def by_hand(organization: Organization) -> str:
    return issue(organization, expires_at=timezone.now())[1]


def mistyped(organization: Organization) -> str:
    return "x"


@pytest.mark.parametrize(
    ("token_of", "advice"),
    [
        (by_hand, r"revoked\. Issue another one .* as Secret Token\."),
        (of_a_client, r"revoked\. Fetch another one; .* what proves it"),
        (of_a_grant, r"revoked\. Refresh it; .* select Authorize again in Entra ID\."),
        (mistyped, r"revoked\. Compare what is entered in Entra ID with Connection"),
    ],
)
def test_who_is_refused_is_told_how_to_come_by_a_good_one(
    enabled_acme: Organization, token_of: Callable[[Organization], str], advice: str
) -> None:
    with pytest.raises(tokens.InvalidToken, match=advice):
        admit(token_of(enabled_acme))


def test_a_shut_gate_says_so(acme: Organization) -> None:
    _, token = issue(acme)
    with pytest.raises(tokens.NotEnabled, match="Enable it in Chatwork"):
        admit(token)


def test_a_token_issued_before_enabling_serves_afterwards(acme: Organization) -> None:
    _, token = issue(acme)
    enable(acme)

    assert admit(token).actor.label


def test_disabling_ends_every_token_issued_before(
    enabled_acme: Organization, alice: User
) -> None:
    _, token = issue(enabled_acme)
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))
    with pytest.raises(tokens.NotEnabled):
        admit(token)

    enable(enabled_acme)
    with pytest.raises(tokens.InvalidToken):
        admit(token)
    assert admit(issue(enabled_acme)[1]).actor.label


def test_a_paused_gate_says_since_when(enabled_acme: Organization, alice: User) -> None:
    _, token = issue(enabled_acme)
    gate.pause(enabled_acme, actor=actor_for(alice), reason="x")

    with pytest.raises(tokens.Paused, match="Nothing is lost"):
        admit(token)


def test_an_ended_contract_says_so(enabled_acme: Organization) -> None:
    _, token = issue(enabled_acme)
    Organization.objects.update(plan="free")

    with pytest.raises(tokens.NotInPlan):
        admit(token)


def test_the_last_use_is_noted_once_a_minute(enabled_acme: Organization) -> None:
    row, token = issue(enabled_acme)
    admit(token)
    first = AccessToken.objects.get(pk=row.pk).last_used_at
    admit(token)

    assert first is not None
    assert AccessToken.objects.get(pk=row.pk).last_used_at == first
