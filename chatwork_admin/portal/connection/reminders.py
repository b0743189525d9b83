"""What the administrator should see to, so that Entra ID can go on calling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.authorization import hand_over
from chatwork_admin.authorization.endings import Ending, endings
from chatwork_admin.authorization.models import Grant
from chatwork_admin.authorization.reminders import WARNED
from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.texts import isolated
from chatwork_admin.portal.time_left import days_left

URGENCY = ["bad", "warn", "info"]
LISTED = 5
KINDS = {7: "bad", 30: "warn", WARNED[-1]: "info"}


@dataclass(frozen=True, slots=True)
class Reminder:
    """`kind` is bad, warn or info."""

    kind: str
    text: str
    advice: Promise


def reminders_of(organization: Organization) -> list[Reminder]:
    """Return what is to be authorized again, replaced, or ends within sixty days."""
    now = timezone.now()
    soon = endings(now, now + timedelta(days=WARNED[-1]), organization)
    asked = hand_over.to_hand_over(organization)
    seen = _of_seen(hand_over.seen_by_former(organization))
    found = [*map(_of_hand_over, asked), *seen, *map(_of_end, soon)]
    return sorted(found, key=lambda each: URGENCY.index(each.kind))


def _of_hand_over(grant: Grant) -> Reminder:
    until = grant.hand_over_by or timezone.now()
    is_over = until <= timezone.now()
    said = {
        "client": isolated(grant.client_name),
        "who": isolated(grant.issued_by),
        "day": f"{timezone.localdate(until):%Y-%m-%d}",
    }
    text = gettext(
        "“%(client)s” was authorized by %(who)s, who is no longer the organization "
        "administrator. Authorize it again by %(day)s."
    )
    return Reminder("bad" if is_over else "warn", text % said, AUTHORIZE_AGAIN)


def _of_seen(names: list[str]) -> list[Reminder]:
    if not names:
        return []
    listed, more = ", ".join(map(isolated, names[:LISTED])), len(names) - LISTED
    if more > 0:
        said = {"first": listed, "number": more}
        listed = gettext("%(first)s and %(number)s more") % said
    text = gettext(
        "Tokens and client secrets of the time before the administrator right was "
        "transferred are good, and whoever issued them has seen them: %(names)s."
    )
    return [Reminder("warn", text % {"names": listed}, REPLACE_SEEN)]


def _of_end(ending: Ending) -> Reminder:
    days = days_left(ending.ends_at)
    texts = {
        "token": ngettext(
            "The token “%(name)s” ends within %(days)d day.",
            "The token “%(name)s” ends within %(days)d days.",
            days,
        ),
        "client": ngettext(
            "The secret “%(note)s” of “%(name)s” ends within %(days)d day.",
            "The secret “%(note)s” of “%(name)s” ends within %(days)d days.",
            days,
        ),
        "grant": ngettext(
            "The connection “%(name)s” is not used, and ends within %(days)d day.",
            "The connection “%(name)s” is not used, and ends within %(days)d days.",
            days,
        ),
    }
    what, name, note = ending.target.kind, ending.target.label, ending.note
    said = {"name": isolated(name), "note": isolated(note), "days": days}
    return Reminder(_urgency(days), texts[what] % said, ADVICE[what])


def _urgency(days: int) -> str:
    return next(kind for most, kind in KINDS.items() if days <= most)


AUTHORIZE_AGAIN = _(
    "In Entra ID, open Provisioning, Admin Credentials, and select Authorize. Both "
    "connections are good meanwhile; revoke the former one afterwards. Nothing is cut off "
    "before you do."
)
REPLACE_SEEN = _(
    "Issue others, enter them in Entra ID, and revoke these afterwards: both are good "
    "meanwhile. If nobody uses one, revoke it."
)
ADVICE = {
    "token": _(
        "Issue another one, enter it in Entra ID, and revoke this one. If nobody uses it, "
        "revoke it."
    ),
    "client": _(
        "Issue another one, enter it in Entra ID, and revoke this one. If nobody uses it, "
        "revoke it."
    ),
    "grant": _(
        "Look in Entra ID whether provisioning is stopped. If the connection is not needed "
        "any more, revoke it."
    ),
}
