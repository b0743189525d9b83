"""Record what happens to a person of an organization."""

from __future__ import annotations

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import User


def record_of(user: User, action: Action, actor: Actor, **context: str | int) -> None:
    """Record what was done, with this person as its target, in the log of theirs."""
    record(
        action,
        organization_id=user.organization_id,
        actor=actor,
        target=Target("user", str(user.pk), user.user_name),
        context=context,
    )
