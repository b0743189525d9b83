"""Groups, and who is in them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models.people import Organization, User


class Group(models.Model):
    """A SCIM Group; the portal calls it a team."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="groups", db_index=False
    )
    display_name = models.CharField(max_length=256)
    display_name_key = models.CharField(max_length=768)
    external_id = models.CharField(max_length=255, blank=True)
    document = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    members = models.ManyToManyField(User, through="Membership", related_name="groups")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "display_name_key"], name="unique_group_name"
            ),
            models.UniqueConstraint(
                fields=["organization", "id"], name="group_of_organization"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "external_id"], name="group_by_external_id"
            ),
            models.Index(
                fields=["organization", "created_at", "id"], name="group_by_creation"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class Membership(models.Model):
    """Composite foreign keys in the database keep both sides in one organization.

    They imply the plain ones, which would be looked up for each member once more.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="memberships",
        db_constraint=False,
        db_index=False,
    )
    group = models.ForeignKey(
        Group,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_constraint=False,
        db_index=False,
    )
    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "group", "user"], name="one_membership"
            )
        ]
        indexes = [
            models.Index(fields=["organization", "user"], name="membership_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"
