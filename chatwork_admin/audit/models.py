from __future__ import annotations

from django.db import models
from django.utils import timezone

from chatwork_admin.audit.actions import Action, actions
from chatwork_admin.identifiers import new_id

SCHEMA_VERSION = 1  # of events as they are written now
LABELS = dict(Action.choices)


class AuditEvent(models.Model):
    """Something that happened, written in the transaction that made it happen.

    Append-only: the application's database role may insert and select. It stores
    `organization_id`, not a foreign key, so that it outlives its organization.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    occurred_at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=64, choices=actions)
    schema_version = models.SmallIntegerField(default=SCHEMA_VERSION)
    actor = models.JSONField()
    target = models.JSONField()
    changes = models.JSONField(default=list)
    context = models.JSONField(default=dict)
    reference = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization_id", "id"], name="audit_event_of_organization"
            ),
            models.Index(
                fields=["organization_id", "action", "id"], name="audit_event_by_action"
            ),
            models.Index(
                "organization_id", "target__id", "id", name="audit_event_by_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"

    @property
    def what(self) -> str:
        """The action in words. Django's own way translates every choice each time."""
        return str(LABELS.get(self.action, self.action))


class AuditSink(models.Model):
    """Where an organization's events go, and who is delivering there right now.

    `kick_until`: a worker was told lately. `lease`: a worker is at it, until
    `lease_until`. `not_before`: the receiver failed; let it rest until then.
    """

    class Kind(models.TextChoices):
        LOG = "log", "Structured log"
        MAIL = "mail", "Mail to administrators"
        STAFF_MAIL = "staff-mail", "Mail to support staff"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    kind = models.CharField(max_length=16, choices=Kind)
    is_enabled = models.BooleanField(default=True)
    kick_until = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "kind"],
                name="one_sink_of_each_kind",
                condition=models.Q(kind__in=["log", "mail", "staff-mail"]),
            )
        ]
        indexes = [
            models.Index(fields=["organization_id"], name="audit_sink_of_organization")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.organization_id}"


class AuditDelivery(models.Model):
    """An event that a sink has not received yet. Delivered is deleted.

    `received`: of several receivers behind the sink, those who have it.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        DEAD = "dead", "Given up"

    organization_id = models.UUIDField()
    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT, db_index=False)
    sink = models.ForeignKey(AuditSink, on_delete=models.PROTECT, db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    received = models.JSONField(default=list, db_default=[], blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "sink"], name="one_delivery_per_sink"
            )
        ]
        indexes = [
            models.Index(
                fields=["sink", "event"],
                name="audit_delivery_pending",
                condition=models.Q(state="pending"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.sink_id}"
