from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider


class UserSynchronization(models.Model):
    """The gate: unless it is on, no provisioning request gets through.

    An open gate holds on to the identity provider it was opened for, so the database
    itself refuses an open gate without one, and removing one from under it.
    """

    class State(models.TextChoices):
        OFF = "off", "Off"
        ON = "on", "On"
        PAUSED = "paused", "Paused"

    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, related_name="user_synchronization"
    )
    state = models.CharField(max_length=8, choices=State, default=State.OFF)
    identity_provider = models.ForeignKey(
        IdentityProvider, on_delete=models.PROTECT, null=True, blank=True
    )
    enabled_at = models.DateTimeField(null=True, blank=True)
    enabled_by = models.CharField(max_length=254, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=254, blank=True)
    pause_reason = models.CharField(max_length=500, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    first_contact_at = models.DateTimeField(null=True, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    test_seen_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_open_gate_has_an_identity_provider",
                condition=models.Q(state="off", identity_provider=None)
                | models.Q(state__in=["on", "paused"], identity_provider__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"user synchronization of {self.organization_id}: {self.state}"


class NoticeAcceptance(models.Model):
    """That a person confirmed one note, in which words, when and from where."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="notice_acceptances",
        db_index=False,
    )
    key = models.CharField(max_length=32)
    text_version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=8)
    accepted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    accepted_by_name = models.CharField(max_length=254)
    accepted_at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "key", "text_version"],
                name="notice_acceptance_of_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.text_version}"


class Tombstone(models.Model):
    """What is remembered of a user in the recycle bin, so that he comes back whole.

    `user_name_key` and `external_id` are his own, to find him by when he is provisioned
    again. `teams` are the ids of those he was in; `reports` says of each person he
    managed, by id, how their document named him. Ids follow the order of deletion.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="tombstones",
        db_index=False,
    )
    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="tombstone"
    )
    user_name_key = models.CharField(max_length=762, db_collation="C")
    external_id = models.CharField(max_length=255, blank=True)
    deleted_by = models.CharField(max_length=254, blank=True)
    erase_after = models.DateTimeField()
    teams = models.JSONField(default=list)
    reports = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "user_name_key"],
                name="tombstone_by_user_name",
            ),
            models.Index(
                fields=["organization", "external_id"],
                name="tombstone_by_external_id",
                condition=~models.Q(external_id=""),
            ),
            models.Index(fields=["erase_after"], name="tombstone_by_end"),
            GinIndex(fields=["teams"], name="tombstone_by_team"),
        ]

    def __str__(self) -> str:
        return self.user_name_key


class RefusalCount(models.Model):
    """How many writes were refused in an hour for one reason, the code of the answer.

    It counts each of them, where the audit log stops after a number of events.
    """

    pk = models.CompositePrimaryKey("organization_id", "hour", "code")
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="refusal_counts",
        db_index=False,
    )
    hour = models.DateTimeField()
    code = models.CharField(max_length=16)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.count} × {self.code} since {self.hour}"
