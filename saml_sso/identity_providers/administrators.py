"""The administrator right: exactly one person has it, and may hand it over."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from enum import StrEnum

from django.db import transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import break_glass, ways_in
from saml_sso.identity_providers.locks import lock_settings
from saml_sso.models import IdentityProvider


class Obstacle(StrEnum):
    """Why somebody cannot receive the right."""

    DELETED = "deleted"
    SUSPENDED = "suspended"
    NEVER_SIGNED_IN = "never-signed-in"
    NO_WAY_IN = "no-way-in"


class NotTransferable(Exception):
    """The right goes from the present administrator to a colleague who can get in."""


@transaction.atomic
def transfer(
    organization: Organization,
    *,
    giver: User,
    receiver: User,
    actor: Actor,
    context: Mapping[str, object],
) -> None:
    """Make `receiver` the administrator; the giver stays as a user manager.

    The giver may know the emergency codes: all are void. `context`: what else to say.
    Raises NotTransferable when `giver` administers no longer, or for an `obstacle`.
    """
    provider = lock_settings(organization)
    locked = _locked(organization, giver, receiver)
    if receiver.pk == giver.pk:
        return
    if found := obstacle(provider, locked.get(receiver.pk)):
        raise NotTransferable(found)
    _set_role(locked[giver.pk], User.Role.USER_MANAGER)
    _set_role(locked[receiver.pk], User.Role.ADMINISTRATOR)
    said = {"codes_void": break_glass.void(organization, provider), **context}
    _record(receiver, said, actor)


def obstacle(
    provider: IdentityProvider | None, receiver: User | None
) -> Obstacle | None:
    """Say why this person cannot have the right: who cannot get in cannot give it back."""
    if receiver is None or receiver.deleted_at:
        return Obstacle.DELETED
    if not receiver.is_active:
        return Obstacle.SUSPENDED
    if receiver.last_login is None:
        return Obstacle.NEVER_SIGNED_IN
    is_let_in = ways_in.by_password(receiver, ways_in.mode_of(provider))
    if is_let_in or ways_in.by_saml(receiver, provider):
        return None
    return Obstacle.NO_WAY_IN


def _locked(
    organization: Organization, giver: User, receiver: User
) -> dict[uuid.UUID, User]:
    people = organization.users.present().select_for_update()
    locked = {user.pk: user for user in people.filter(pk__in=[giver.pk, receiver.pk])}
    if giver.pk not in locked or not locked[giver.pk].is_administrator:
        raise NotTransferable("not the administrator any more")
    return locked


def _record(receiver: User, said: Mapping[str, object], actor: Actor) -> None:
    record(
        Action.ADMINISTRATOR_TRANSFERRED,
        organization_id=receiver.organization_id,
        actor=actor,
        target=Target("user", str(receiver.pk), receiver.user_name),
        context=said,
    )


def _set_role(user: User, role: User.Role) -> None:
    user.role = role
    user.save(update_fields=["role"])
