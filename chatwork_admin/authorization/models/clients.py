from __future__ import annotations

from django.db import models
from django.utils import timezone

from chatwork_admin.authorization.models.credentials import Credential
from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization

SHORTEST_MINUTES, LONGEST_MINUTES = 60, 360  # of a token's life that Entra takes (B19)


class OAuthClient(models.Model):
    """A provisioning client (RFC 6749 §2), bound to one organization.

    Its id is its `client_id`. Confidential: it proves itself by one of its secrets, or
    by whom it trusts. Its codes are brought to `redirect_uris`, and nowhere else.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="oauth_clients",
        db_index=False,
    )
    name = models.CharField(max_length=100)
    token_minutes = models.PositiveSmallIntegerField(default=SHORTEST_MINUTES)
    redirect_uris = models.JSONField(default=list, blank=True)
    may_omit_response_type = models.BooleanField(default=False)
    registered_at = models.DateTimeField(default=timezone.now)
    registered_by = models.CharField(max_length=254)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="oauth_client_of_organization"
            ),
            models.CheckConstraint(
                name="tokens_live_as_long_as_entra_takes",
                condition=models.Q(
                    token_minutes__range=(SHORTEST_MINUTES, LONGEST_MINUTES)
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def client_id(self) -> str:
        return str(self.pk)


class ClientSecret(Credential):
    """One of the secrets of a client: several may be good, so that one can be replaced."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    client = models.ForeignKey(
        OAuthClient, on_delete=models.PROTECT, related_name="secrets", db_index=False
    )
    note = models.CharField(max_length=100)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "client", "id"], name="client_secret_of_client"
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(revoked_at=None),
                name="client_secret_expires",
            ),
        ]

    def __str__(self) -> str:
        return self.note
