from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.models import AuditDelivery, AuditEvent, AuditSink
from chatwork_admin.organizations.models import Organization
from chatwork_admin.support.columns import column, json_column, organization_link
from chatwork_admin.support.filters import (
    BacklogFilter,
    ChoiceFilter,
    FlagFilter,
    OrganizationFilter,
    PeriodFilter,
    TargetFilter,
    TopicFilter,
    uuid_in,
)
from chatwork_admin.support.read_only import ReadOnlyAdmin

State = AuditDelivery.State
NAME = Organization.objects.filter(pk=OuterRef("organization_id")).values("name")


@admin.display(description=_("Who"))
def actor(event: AuditEvent) -> str:
    return f"{event.actor['label']} ({event.actor['kind']})"


@admin.display(description=_("Target"))
def target(event: AuditEvent) -> str:
    return f"{event.target['label']} ({event.target['kind']})"


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = [
        column("occurred_at", _("When")),
        column("action", _("What happened")),
        organization_link,
        actor,
        target,
        column("reference", _("Reference")),
    ]
    list_filter = [
        OrganizationFilter,
        TargetFilter,
        PeriodFilter,
        TopicFilter,
        ("action", ChoiceFilter),
    ]
    search_help_text = _(
        "Reference (X-Request-Id), or the id of an organization or event."
    )
    empty_list = _("Nothing happened in this period. Choose a longer one.")
    fields = [
        column("occurred_at", _("When")),
        column("action", _("What happened")),
        organization_link,
        actor,
        target,
        column("reference", _("Reference")),
        column("pk", _("Id")),
        json_column("changes", _("Changes")),
        json_column("context", _("Circumstances")),
        json_column("actor", _("Who, in full")),
        json_column("target", _("Target, in full")),
    ]

    def found_by(self, term: str) -> Q:
        if pk := uuid_in(term):
            return Q(organization_id=pk) | Q(pk=pk)
        return Q(reference=term.upper())

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.annotate(organization_name=Subquery(NAME[:1]))


BACKLOG = [
    column("waiting", _("Waiting")),
    column("oldest", _("Oldest waiting since")),
    column("dead", _("Given up")),
    column("failures", _("Failures in a row")),
    column("not_before", _("Rests until")),
]


@admin.register(AuditSink)
class AuditSinkAdmin(ReadOnlyAdmin):
    list_display = [
        column("kind", _("Kind")),
        organization_link,
        column("is_enabled", _("Enabled"), is_flag=True),
        *BACKLOG,
    ]
    list_filter = [
        OrganizationFilter,
        BacklogFilter,
        ("is_enabled", FlagFilter),
    ]
    search_help_text = _("The id of an organization or sink.")
    empty_list = _("No sink yet. Each organization gets one when it is created.")
    fields = [
        organization_link,
        column("kind", _("Kind")),
        column("is_enabled", _("Enabled"), is_flag=True),
        *BACKLOG,
        column("lease_until", _("A worker is at it until")),
        column("pk", _("Id")),
    ]

    def found_by(self, term: str) -> Q:
        pk = uuid_in(term)
        return Q(organization_id=pk) | Q(pk=pk)

    def get_queryset(self, request: HttpRequest) -> Any:
        pending = AuditDelivery.objects.filter(
            sink=OuterRef("pk"), state=State.PENDING
        ).order_by("event_id")
        return (
            super()
            .get_queryset(request)
            .annotate(
                organization_name=Subquery(NAME[:1]),
                waiting=_number(State.PENDING),
                dead=_number(State.DEAD),
                oldest=Subquery(pending.values("event__occurred_at")[:1]),
            )
        )


def _number(state: State) -> Any:
    mine = AuditDelivery.objects.filter(sink=OuterRef("pk"), state=state).order_by()
    return Coalesce(
        Subquery(mine.values("sink").annotate(n=Count("pk")).values("n")), 0
    )
