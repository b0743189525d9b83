from __future__ import annotations

from django.db import models

from chatwork_admin.authorization.models.clients import ClientSecret, OAuthClient
from chatwork_admin.authorization.models.credentials import Credential
from chatwork_admin.authorization.models.grants import Grant
from chatwork_admin.authorization.models.workload_identities import WorkloadIdentity
from chatwork_admin.organizations.models import Organization

BY_HAND = models.Q(client=None, grant=None)  # nobody fetched it


class AccessToken(Credential):
    """A bearer token (RFC 6750): it names the organization by itself.

    Issued by hand it has no client and no grant. Given to a client it ends within hours,
    and with the secret or workload identity by which it was asked for, or the grant that
    it is for.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="access_tokens",
        db_index=False,
    )
    name = models.CharField(max_length=100)
    client = models.ForeignKey(
        OAuthClient,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="access_tokens",
    )
    secret = models.ForeignKey(
        ClientSecret,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="access_tokens",
    )
    identity = models.ForeignKey(
        WorkloadIdentity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="access_tokens",
    )
    grant = models.ForeignKey(
        Grant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="access_tokens",
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "id"], name="access_token_of_organization"
            ),
            models.Index(
                fields=["expires_at"], condition=~BY_HAND, name="access_token_expired"
            ),
            models.Index(
                fields=["expires_at"],
                condition=BY_HAND & models.Q(revoked_at=None),
                name="access_token_expires",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="what_a_client_is_given_expires",
                condition=BY_HAND | models.Q(expires_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name
