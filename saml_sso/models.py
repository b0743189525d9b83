from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization


class IdentityProvider(models.Model):
    """What we trust of an organization's identity provider.

    `config_version` grows with every change of entity id, addresses or certificates.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, related_name="identity_provider"
    )
    entity_id = models.CharField(max_length=1024)
    single_sign_on_url = models.CharField(max_length=2048)
    single_logout_url = models.CharField(max_length=2048, blank=True)
    after_logout_url = models.CharField(max_length=2048, blank=True)
    config_version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=254)

    def __str__(self) -> str:
        return self.entity_id


class TrustedCertificate(models.Model):
    """A certificate whose key may sign for the identity provider."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    identity_provider = models.ForeignKey(
        IdentityProvider, on_delete=models.CASCADE, related_name="certificates"
    )
    pem = models.TextField()
    subject = models.CharField(max_length=512)
    sha1 = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    key_bits = models.PositiveIntegerField()

    class Meta:
        ordering = ("not_after",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "identity_provider", "sha256"],
                name="a_certificate_is_trusted_once",
            )
        ]

    def __str__(self) -> str:
        return self.sha1

    def is_valid_at(self, instant: datetime) -> bool:
        return self.not_before <= instant <= self.not_after


def identity_provider_of(organization: Organization) -> IdentityProvider | None:
    providers = IdentityProvider.objects.filter(organization=organization)
    return providers.prefetch_related("certificates").first()
