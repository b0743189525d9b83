"""The match report: one kind of difference at a time, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.paging import page_of
from saml_sso.sign_in import matches

MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Kind:
    """`found` are people, in the order of their login e-mails, or events, newest first."""

    key: str
    label: Promise
    advice: Promise
    empty: Promise
    found: Callable[[Organization], QuerySet[Any]]
    order: str = "user_name_key"
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class Tab:
    """A kind; `number` is None where counting would read everybody."""

    kind: Kind
    number: int | None

    @property
    def is_more(self) -> bool:
        return self.number is not None and self.number > MOST_COUNTED


@dataclass(frozen=True, slots=True)
class RefusedAccount:
    """An account that was refused, so many times on this page; the last time is `event`."""

    event: AuditEvent
    times: int
    known: str

    @property
    def is_settled(self) -> bool:
        """Whether the person signs in with that account by now."""
        return bool(self.known == self.event.context.get("object_id"))


def report(
    organization: Organization, wanted: str, query: Mapping[str, str]
) -> dict[str, Any]:
    """Return a page of one kind, and how many there are of each, counted to a limit."""
    kind = KINDS.get(wanted, NEVER_SEEN)
    page = page_of(kind.found(organization), kind.order, query)
    is_of_events = kind == REFUSED
    return {
        "kind": kind,
        "most": MOST_COUNTED,
        "tabs": [Tab(each, _count(organization, each)) for each in KINDS.values()],
        "page": page,
        "refused": _refused(organization, page.rows) if is_of_events else [],
        "by_password": matches.by_password_only(organization)[:MOST_COUNTED]
        if kind == NEVER_SEEN
        else [],
        "is_by_external_id": kind == FOUND_TWICE,
    }


def _count(organization: Organization, kind: Kind) -> int | None:
    """Count people, or the accounts that the last events are about."""
    if not kind.is_counted:
        return None
    found = kind.found(organization)
    if kind != REFUSED:
        return found[: MOST_COUNTED + 1].count()
    accounts = found.values_list("target__id", "context__object_id")
    return len(set(accounts.order_by("-pk")[:MOST_COUNTED]))


def _refused(
    organization: Organization, events: Iterable[AuditEvent]
) -> list[RefusedAccount]:
    alike: dict[tuple[UUID, str], list[AuditEvent]] = {}
    for event in events:
        key = UUID(event.target["id"]), str(event.context.get("object_id", ""))
        alike.setdefault(key, []).append(event)
    known = matches.known_object_ids(organization, {person for person, _ in alike})
    return [
        RefusedAccount(each[0], len(each), known.get(person, ""))
        for (person, _), each in alike.items()
    ]


NEVER_SEEN = Kind(
    "never-seen",
    _("Synchronized, never signed in"),
    _(
        "Entra ID manages these people here, and they have never signed in. If somebody "
        "cannot: see whether they are assigned to the application in Entra ID, and why "
        "they were refused under Recent sign-ins."
    ),
    _("Everybody who is synchronized has signed in."),
    matches.never_seen,
)
REFUSED = Kind(
    "refused",
    _("Refused accounts"),
    _(
        "Another account in Entra ID used the name of these people, and was not let in. "
        "If the same person has a new account, open the user and unlink the former one: "
        "the next sign-in links the new one. If the address was given to somebody else, "
        "correct it in Entra ID."
    ),
    _("No second account was refused."),
    matches.refused_accounts,
    order="-pk",
)
FOUND_TWICE = Kind(
    "found-twice",
    _("Found twice"),
    _(
        "These people share an external ID with somebody else. Where Entra ID matches "
        "users by it, it finds two and stops with DuplicateTargetEntries. Correct the "
        "value in Entra ID, or match by userName."
    ),
    _("Nobody shares an external ID with somebody else."),
    matches.found_twice,
    order="external_id",
    is_counted=False,
)
KINDS = {
    kind.key: kind
    for kind in (
        NEVER_SEEN,
        Kind(
            "not-synchronized",
            _("Signs in, not synchronized"),
            _(
                "These people sign in with Entra ID, but it does not manage them here: "
                "when they leave, nobody suspends them. Assign them to the application "
                "in Entra ID; the next cycle links them by their login e-mail."
            ),
            _("Everybody who signs in with Entra ID is synchronized."),
            matches.not_provisioned,
        ),
        REFUSED,
        FOUND_TWICE,
    )
}
