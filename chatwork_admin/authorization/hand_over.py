"""Grants of who is no longer the administrator: the new one is asked to give his own.

A grant is the organization's and stays good, asked or not: whoever leaves takes nothing
along, for Entra ID has the tokens. What ends by itself one day would stop provisioning
on a day that nobody has chosen.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import Actor
from chatwork_admin.authorization import clients, grants
from chatwork_admin.authorization.models import BY_HAND, Grant
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from saml_sso.identity_providers import administrators
from saml_sso.identity_providers.locks import lock_settings

TIME = timedelta(days=14)


@transaction.atomic
def transfer(
    organization: Organization, *, giver: User, receiver: User, actor: Actor
) -> None:
    """Make `receiver` the administrator, and set the time to authorize anew.

    Raises `administrators.NotTransferable`.
    """
    lock_settings(organization)
    # Who is authorizing now has done so when this lock is given, or will not.
    organization.users.select_for_update().filter(pk=giver.pk).first()
    if giver.pk != receiver.pk:
        _ask(organization, receiver)
    administrators.transfer(
        organization,
        giver=giver,
        receiver=receiver,
        actor=actor,
        context=_named(to_hand_over(organization)) | _seen(organization),
    )


def to_hand_over(organization: Organization) -> list[Grant]:
    """Return what somebody else has authorized and is still in use, the latest first."""
    return [grant for grant in in_use(organization) if grant.hand_over_by is not None]


def in_use(organization: Organization) -> list[Grant]:
    """Return what is good, and no later one was given in its stead."""
    disabled_at = gate.synchronization_of(organization).disabled_at
    replaced = grants.replaced_in(organization)
    return [
        grant
        for grant in grants.given_by(organization)
        if grant.is_alive(disabled_at) and grant not in replaced
    ]


def seen_in(
    organization: Organization, *, issued_before: datetime | None = None
) -> list[str]:
    """Return the good tokens and secrets: whoever issued them, in brackets, has seen them."""
    before = issued_before or timezone.now()
    disabled_at = gate.synchronization_of(organization).disabled_at
    tokens = organization.access_tokens.filter(BY_HAND, revoked_at=None).order_by("pk")
    registered = clients.clients_of(organization).prefetch_related("secrets")
    named = [
        *((token.name, token) for token in tokens),
        *(
            (f"{client.name}, {secret.note}", secret)
            for client in registered
            for secret in client.secrets.all()
        ),
    ]
    return [
        f"{name} ({each.issued_by})"
        for name, each in named
        if each.is_alive(disabled_at) and each.issued_at <= before
    ]


def seen_by_former(organization: Organization) -> list[str]:
    """Return what is good of what was issued before the right was last transferred."""
    transfers = AuditEvent.objects.filter(
        organization_id=organization.pk, action=Action.ADMINISTRATOR_TRANSFERRED
    )
    last = transfers.order_by("pk").last()
    return seen_in(organization, issued_before=last.occurred_at) if last else []


def _ask(organization: Organization, receiver: User) -> None:
    given = organization.grants.filter(revoked_at=None)
    given.update(hand_over_by=timezone.now() + TIME)
    given.filter(authorized_by=receiver).update(hand_over_by=None)


def _named(asked: list[Grant]) -> dict[str, object]:
    if not asked:
        return {}
    names = [f"{grant.client_name} ({grant.issued_by})" for grant in asked]
    last_day = timezone.localdate() + TIME
    return {"connections": names, "authorize_by": f"{last_day:%Y-%m-%d}"}


def _seen(organization: Organization) -> dict[str, object]:
    seen = seen_in(organization)
    return {"seen": seen} if seen else {}
