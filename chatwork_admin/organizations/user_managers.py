"""The right of user managers: the organization administrator gives it, and nobody else.

Whom provisioning names anew may be somebody else by now: it takes the right, and gives none.
"""

from __future__ import annotations

import uuid

from django.db import transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.models import Organization, User


class NotAppointable(Exception):
    """Only who is here and not suspended becomes a user manager."""


@transaction.atomic
def appoint(organization: Organization, user_id: uuid.UUID, *, actor: Actor) -> None:
    """Make a member a user manager; whoever administers already stays as they are.

    Raises administrator_right.NotAllowed, NotAppointable.
    """
    administrator_right.hold(organization, actor)
    people = organization.users.present().filter(is_active=True)
    person = people.select_for_update(no_key=True).filter(pk=user_id).first()
    if person is None:
        raise NotAppointable(NotAppointable.__doc__)
    if person.administers:
        return
    person.role = User.Role.USER_MANAGER
    person.save(update_fields=["role"])
    _record(Action.USER_MANAGER_APPOINTED, person, actor)


def dismiss(person: User, *, actor: Actor) -> None:
    """Make a member of a user manager whom the caller has locked, and writes."""
    if person.role != User.Role.USER_MANAGER:
        return
    person.role = User.Role.MEMBER
    record_dismissal(person, actor=actor)


def record_dismissal(person: User, *, actor: Actor) -> None:
    _record(Action.USER_MANAGER_DISMISSED, person, actor)


def _record(action: Action, person: User, actor: Actor) -> None:
    record(
        action,
        organization_id=person.organization_id,
        actor=actor,
        target=Target("user", str(person.pk), person.user_name),
    )
