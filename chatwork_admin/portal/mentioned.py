"""Whom events mention by id, as they are called now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.texts import isolated

LISTED = 10  # of each event; a change of a team may move thousands
PEOPLE = ("joined", "left", "managed", "unmanaged")  # in the context of an event


def people_in(
    organization: Organization, events: Iterable[AuditEvent]
) -> Mapping[str, str]:
    """Return name and login e-mail by id; whoever has been erased has none any more."""
    ids = {
        user_id
        for event in events
        for name in PEOPLE
        for user_id in event.context.get(name, [])[:LISTED]
    }
    people = organization.users.filter(pk__in=ids)
    rows = people.values_list("pk", "display_name", "user_name")
    return {str(pk): _called(*names) for pk, *names in rows}


def _called(display_name: str, user_name: str) -> str:
    if not display_name or display_name == user_name:
        return isolated(user_name)
    return f"{isolated(display_name)} ({isolated(user_name)})"
