"""Whom events mention by id, people and teams, as they are called now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.texts import isolated

LISTED = 10  # of each event; a change of a team may move thousands
PEOPLE = ("joined", "left", "managed", "unmanaged")  # in the context of an event
TEAMS = ("rejoined", "teams")
MENTIONED = (*PEOPLE, *TEAMS)


def names_in(
    organization: Organization, events: Iterable[AuditEvent]
) -> Mapping[str, str]:
    """Return what to call people and teams by id, but for those who are no more.

    A person has a name and a login e-mail.
    """
    events = list(events)
    people = organization.users.filter(pk__in=_ids(events, PEOPLE))
    teams = organization.groups.filter(pk__in=_ids(events, TEAMS))
    rows = people.values_list("pk", "display_name", "user_name").union(
        teams.values_list("pk", "display_name", "display_name"), all=True
    )
    return {str(pk): _called(*names) for pk, *names in rows}


def _ids(events: list[AuditEvent], mentioned: Iterable[str]) -> set[str]:
    return {
        each
        for event in events
        for name in mentioned
        for each in event.context.get(name, [])[:LISTED]
    }


def _called(display_name: str, user_name: str) -> str:
    if not display_name or display_name == user_name:
        return isolated(user_name)
    return f"{isolated(display_name)} ({isolated(user_name)})"
