"""Filters that stay cheap on tables of any size: none of them lists a table's values."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.authorization.models import BY_HAND
from chatwork_admin.identifiers import first_id_at
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization.models import UserSynchronization

Lookups = Iterable[tuple[str, Any]]
Rows = QuerySet[Model]
State = UserSynchronization.State


TITLES = {
    "action": _("action"),
    "is_active": _("in use"),
    "is_enabled": _("enabled"),
    "plan": _("plan"),
    "role": _("role"),
}


class ChoiceFilter(admin.ChoicesFieldListFilter):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.title = TITLES[str(self.field_path)]


class FlagFilter(admin.BooleanFieldListFilter):
    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.title = TITLES[str(self.field_path)]


class OrganizationFilter(admin.SimpleListFilter):
    """Shows up once a link has chosen an organization, to name it and to drop it."""

    title = _("organization")
    parameter_name = "organization"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        chosen = self.value()
        if chosen is None:
            return []
        pk = uuid_in(chosen)  # audit events outlive their organization
        known = Organization.objects.filter(pk=pk).first() if pk else None
        return [(chosen, known.name if known else chosen)]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if self.value() is None:
            return queryset
        return queryset.filter(organization_id=uuid_in(self.value()))


class TargetFilter(admin.SimpleListFilter):
    """One target's events; within an organization only, which its links see to."""

    title = _("target")
    parameter_name = "target"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        chosen = self.value()
        return [(chosen, chosen)] if chosen else []

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(target__id=chosen.replace("\x00", ""))


class StateFilter(admin.SimpleListFilter):
    title = _("user synchronization")
    parameter_name = "state"
    path = "user_synchronization__state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [(State.ON, _("On")), (State.PAUSED, _("Paused")), (State.OFF, _("Off"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        open_states = [State.ON, State.PAUSED]
        if self.value() == State.OFF:
            return queryset.exclude(**{f"{self.path}__in": open_states})
        if self.value() in open_states:
            return queryset.filter(**{self.path: self.value()})
        return queryset


class OwnStateFilter(StateFilter):
    path = "state"


class RecycleBinFilter(admin.SimpleListFilter):
    title = _("recycle bin")
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [("no", _("Present")), ("yes", _("In the recycle bin"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if self.value() in {"yes", "no"}:
            return queryset.filter(deleted_at__isnull=self.value() == "no")
        return queryset


class LinkedFilter(admin.SimpleListFilter):
    title = _("managed by the identity provider")
    parameter_name = "linked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [("yes", _("Linked")), ("no", _("Not linked"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if self.value() in {"yes", "no"}:
            return queryset.filter(linked_at__isnull=self.value() == "no")
        return queryset


class PeriodFilter(admin.SimpleListFilter):
    """A UUIDv7 begins with its time, so that a period is a range of the primary key."""

    title = _("period")
    parameter_name = "days"
    usual = "7"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [
            ("1", _("Last 24 hours")),
            (self.usual, _("Last 7 days")),
            ("90", _("Last 90 days")),
            ("all", _("Whole log")),
        ]

    def value(self) -> str:
        return super().value() or self.usual

    def choices(self, changelist: Any) -> Any:
        every, *rest = super().choices(changelist)
        del every  # "All" is an address without a period, and that means the usual one
        return iter(rest)

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if not self.value().isdecimal():
            return queryset
        since = timezone.now() - timedelta(days=min(int(self.value()), 3650))
        return queryset.filter(pk__gte=first_id_at(since))


class TopicFilter(admin.SimpleListFilter):
    """Several actions that are read together."""

    title = _("topic")
    parameter_name = "topic"
    beginnings: ClassVar[dict[str, tuple[str, ...]]] = {"saml": ("saml.", "login.")}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [("saml", _("SAML and sign-ins"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        beginnings = self.beginnings.get(self.value() or "")
        if beginnings is None:
            return queryset
        actions = [each for each in Action.values if each.startswith(beginnings)]
        return queryset.filter(action__in=actions)


class ByHandFilter(admin.SimpleListFilter):
    title = _("given to")
    parameter_name = "by_hand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [("yes", _("Somebody, by hand")), ("no", _("Clients and connections"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if self.value() in {"yes", "no"}:
            return queryset.filter(BY_HAND if self.value() == "yes" else ~BY_HAND)
        return queryset


class BacklogFilter(admin.SimpleListFilter):
    title = _("backlog")
    parameter_name = "backlog"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [("yes", _("Something waits"))]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        return queryset.filter(waiting__gt=0) if self.value() == "yes" else queryset


def uuid_in(text: str | None) -> uuid.UUID | None:
    """Return the UUID that the text is, or None."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def matches_organization(term: str, path: str = "") -> Q:
    """Return the condition for a slug, an id, a public id or a part of the name."""
    prefix = f"{path}__" if path else ""
    found = Q(**{f"{prefix}slug": term.lower()}) | Q(**{f"{prefix}public_id": term})
    if pk := uuid_in(term):
        return found | Q(**{f"{prefix}pk": pk})
    return found | Q(**{f"{prefix}name__icontains": term})
