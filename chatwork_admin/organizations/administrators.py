"""The administrator right: exactly one person has it, and may hand it over."""

from __future__ import annotations

from django.db import transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import Organization, User


class NotTransferable(Exception):
    """The right goes from the present administrator to a colleague who can sign in."""


@transaction.atomic
def transfer(
    organization: Organization, *, giver: User, receiver: User, actor: Actor
) -> None:
    """Make `receiver` the administrator; the giver stays as a user manager.

    Raises NotTransferable when `giver` is no longer the administrator, or `receiver`
    is suspended, deleted, not of this organization, or has never signed in: whoever
    cannot get in could not give the right back either.
    """
    people = organization.users.present().select_for_update()
    locked = {user.pk: user for user in people.filter(pk__in=[giver.pk, receiver.pk])}
    if giver.pk not in locked or not locked[giver.pk].is_administrator:
        raise NotTransferable("not the administrator any more")
    if receiver.pk == giver.pk:
        return
    if receiver.pk not in locked or not locked[receiver.pk].is_active:
        raise NotTransferable("not an active user of this organization")
    if locked[receiver.pk].last_login is None:
        raise NotTransferable("has never signed in")
    _set_role(locked[giver.pk], User.Role.USER_MANAGER)
    _set_role(locked[receiver.pk], User.Role.ADMINISTRATOR)
    record(
        Action.ADMINISTRATOR_TRANSFERRED,
        organization_id=organization.pk,
        actor=actor,
        target=Target("user", str(receiver.pk), receiver.user_name),
    )


def _set_role(user: User, role: User.Role) -> None:
    user.role = role
    user.save(update_fields=["role"])
