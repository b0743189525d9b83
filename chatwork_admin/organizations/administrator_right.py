"""What only the organization administrator may do, asked where it is done."""

from __future__ import annotations

from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.organizations.models import Organization, User


class NotAllowed(Exception):
    """Only the organization administrator may do this."""


def hold(organization: Organization, actor: Actor) -> None:
    """Let the right be transferred only after this transaction. Raises NotAllowed.

    Pages ask before, and a transfer may come between. Support, clients that give back
    what is theirs, and the product itself need no such right, and hold nothing.
    """
    if actor.kind != ActorKind.PERSON:
        return
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    present = organization.users.present()
    if not present.filter(pk=actor.id, role=User.Role.ADMINISTRATOR).exists():
        raise NotAllowed(NotAllowed.__doc__)
