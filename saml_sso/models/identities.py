"""Which person at the identity provider is which of ours."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization, User


class LinkedIdentity(models.Model):
    """A person's immutable id at the identity provider; names are for display.

    `object_id` is Entra's claim objectidentifier, in lower case, or "" where another
    identity provider sends none.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="linked_identities",
        db_index=False,
    )
    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="linked_identity"
    )
    issuer = models.CharField(max_length=1024)
    object_id = models.CharField(max_length=512, blank=True)
    name_id = models.CharField(max_length=256)
    name_id_format = models.CharField(max_length=128, blank=True)
    linked_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "object_id"],
                condition=~models.Q(object_id=""),
                name="an_object_id_is_one_person",
            )
        ]

    def __str__(self) -> str:
        return f"identity of {self.user_id}"
