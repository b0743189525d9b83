"""A form that was under way when the right went to somebody else changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import Actor
from chatwork_admin.authorization import clients, grants, tokens
from chatwork_admin.authorization.models import AccessToken, Grant, OAuthClient
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import (
    break_glass,
    configuration,
    modes,
    restoring,
    rollover,
)
from saml_sso.identity_providers.certificates import parse_certificate
from saml_sso.identity_providers.history import snapshot
from saml_sso.identity_providers.options import Options
from saml_sso.models import IdentityProvider, MetadataFetch
from saml_sso.remote_metadata import refreshing, requests
from tests.conftest import actor_for
from tests.saml_sso import builders
from tests.saml_sso.test_configuration import settings

METADATA = "https://login.microsoftonline.com/x/federationmetadata.xml"
NEXT = parse_certificate(builders.pem())

Change = Callable[[Organization, User, Actor], object]


def _proposed(organization: Organization) -> uuid.UUID:
    return organization.identity_provider.certificates.proposed().get().pk


CHANGES: dict[str, Change] = {
    "configure": lambda acme, _, actor: configuration.configure(
        acme, settings(), actor=actor, seen_version=1, is_confirmed=True
    ),
    "options": lambda acme, _, actor: configuration.change_options(
        acme, Options(sign_requests=True), actor=actor, seen_version=1
    ),
    "remove": lambda acme, _, actor: configuration.remove(acme, actor=actor),
    "restore": lambda acme, _, actor: restoring.restore(acme, 1, actor=actor),
    "mode": lambda acme, giver, actor: modes.switch(
        acme, modes.Mode.OFF, administrator=giver, actor=actor
    ),
    "codes": lambda acme, _, actor: break_glass.issue(acme, seen=None, actor=actor),
    "watch": lambda acme, _, actor: refreshing.watch(
        acme, METADATA, activates=True, actor=actor
    ),
    "fetch": lambda acme, _, actor: requests.request_metadata(
        acme, METADATA, actor=actor
    ),
    "add": lambda acme, _, actor: rollover.add(acme, NEXT, actor=actor),
    "trust": lambda acme, _, actor: rollover.trust(acme, _proposed(acme), actor=actor),
    "activate": lambda acme, _, actor: rollover.activate(
        acme, _proposed(acme), actor=actor
    ),
    "retire certificate": lambda acme, _, actor: rollover.retire(
        acme, _proposed(acme), actor=actor
    ),
    "remove certificate": lambda acme, _, actor: rollover.remove(
        acme, _proposed(acme), actor=actor
    ),
    "register client": lambda acme, _, actor: clients.register(
        acme, name="theirs", token_minutes=60, actor=actor
    ),
    "add secret": lambda acme, _, actor: clients.add_secret(
        acme,
        acme.oauth_clients.get().pk,
        note="theirs",
        expires_at=timezone.now() + timedelta(days=1),
        actor=actor,
    ),
    "remove client": lambda acme, _, actor: clients.remove(
        acme, acme.oauth_clients.get().pk, actor=actor
    ),
    "revoke token": lambda acme, _, actor: tokens.revoke(
        acme, acme.access_tokens.get().pk, actor=actor
    ),
    "revoke grant": lambda acme, _, actor: grants.revoke(
        acme, acme.grants.get().pk, actor=actor
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_who_has_handed_the_right_over_changes_nothing(
    name: str, acme: Organization, alice: User, bob: User, tested_idp: IdentityProvider
) -> None:
    actor = actor_for(alice)
    rollover.propose(acme, parse_certificate(builders.pem()), actor=actor)
    client = clients.register(acme, name="ours", token_minutes=60, actor=actor)
    tokens.issue(acme, name="ours", expires_at=None, actor=actor)
    Grant.objects.create(organization=acme, client=client, code_digest="x")
    acme.users.filter(pk=alice.pk).update(role=User.Role.USER_MANAGER)
    acme.users.filter(pk=bob.pk).update(role=User.Role.ADMINISTRATOR)
    before = _state(acme)

    with pytest.raises(NotAllowed):
        CHANGES[name](acme, alice, actor)

    assert _state(acme) == before


def _state(acme: Organization) -> tuple[object, ...]:
    provider = IdentityProvider.objects.get(organization=acme)
    return (
        snapshot(provider),
        provider.mode,
        provider.metadata_url,
        sorted(provider.certificates.values_list("pk", "state")),
        acme.saml_settings_versions.count(),
        break_glass.codes_left(acme),
        MetadataFetch.objects.count(),
        list(OAuthClient.objects.values_list("name", "removed_at", "secrets")),
        list(AccessToken.objects.values_list("revoked_at", flat=True)),
        list(Grant.objects.values_list("revoked_at", flat=True)),
        AuditEvent.objects.count(),
    )
