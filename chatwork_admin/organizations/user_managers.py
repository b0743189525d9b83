"""The right of user managers: the organization administrator gives it, and nobody else.

Whom provisioning names anew may be somebody else by now: it takes the right, and gives none.
"""

from __future__ import annotations

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import User


def dismiss(person: User, *, actor: Actor) -> None:
    """Make a member of a user manager whom the caller has locked, and writes."""
    if person.role != User.Role.USER_MANAGER:
        return
    person.role = User.Role.MEMBER
    record_dismissal(person, actor=actor)


def record_dismissal(person: User, *, actor: Actor) -> None:
    record(
        Action.USER_MANAGER_DISMISSED,
        organization_id=person.organization_id,
        actor=actor,
        target=Target("user", str(person.pk), person.user_name),
    )
