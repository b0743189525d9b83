"""What we trust of an organization's identity provider, now and before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization, User

USE_PRECISION = timedelta(minutes=5)
LONGEST_CURVE = 521  # bits; RSA keys that are taken begin at 2048


class IdentityProvider(models.Model):
    """What we trust of an organization's identity provider, and who must use it.

    `config_version` grows with every change that can make a sign-in fail: entity id,
    addresses, options, a certificate that goes. A test counts for the version it was
    made with. A certificate that waits for its turn (`next`) is no such change.
    """

    class Mode(models.TextChoices):
        """Who signs in by SAML. Switching off wipes no value."""

        OFF = "off", _("Off")
        OPTIONAL = "optional", _("Optional")
        REQUIRED = "required", _("Required")

    class NameIDFormat(models.TextChoices):
        """What is asked for; it overrides the choice made in Entra ID."""

        EMAIL_ADDRESS = (
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            _("E-mail address"),
        )
        PERSISTENT = (
            "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            _("Persistent"),
        )
        UNSPECIFIED = (
            "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            _("Unspecified"),
        )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, related_name="identity_provider"
    )
    entity_id = models.CharField(max_length=1024)
    single_sign_on_url = models.CharField(max_length=2048)
    single_logout_url = models.CharField(max_length=2048, blank=True)
    after_logout_url = models.CharField(max_length=2048, blank=True)
    name_id_format = models.CharField(
        max_length=64, choices=NameIDFormat, default=NameIDFormat.EMAIL_ADDRESS
    )
    sign_requests = models.BooleanField(default=True)
    require_signed_response = models.BooleanField(default=False)
    allow_idp_initiated = models.BooleanField(default=False)
    config_version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=254)

    mode = models.CharField(max_length=8, choices=Mode, default=Mode.OFF)
    tested_version = models.PositiveIntegerField(null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    tested_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    bypass_proven_at = models.DateTimeField(
        null=True, blank=True, help_text="When the way in without SAML was last tried."
    )

    metadata_url = models.CharField(max_length=2048, blank=True)
    metadata_checked_at = models.DateTimeField(null=True, blank=True)
    metadata_problem = models.CharField(max_length=64, blank=True)
    activates_new_certificates = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.entity_id

    @property
    def is_tested(self) -> bool:
        """Whether the settings as they are now have passed a test sign-in."""
        return self.tested_version == self.config_version

    @property
    def is_on(self) -> bool:
        return self.mode != self.Mode.OFF

    def note_use_of(self, sha256: str) -> None:
        """Note that a certificate's key has signed, without a write for each sign-in."""
        now = timezone.now()
        lately = models.Q(last_used_at__gt=now - USE_PRECISION)
        self.certificates.filter(
            ~lately | models.Q(last_used_at=None), sha256=sha256
        ).update(first_used_at=Coalesce("first_used_at", now), last_used_at=now)


class CertificateQuerySet(models.QuerySet["TrustedCertificate"]):
    """Which of the stored certificates count."""

    def trusted(self) -> Self:
        """Return those whose key may sign, valid or not."""
        return self.filter(state__in=TRUSTED)

    def proposed(self) -> Self:
        """Return those that metadata named and nobody has decided about."""
        return self.filter(state=TrustedCertificate.State.PROPOSED)

    def retired(self) -> Self:
        """Return those whose key must not sign any more."""
        return self.filter(state=TrustedCertificate.State.RETIRED)


class TrustedCertificate(models.Model):
    """A certificate whose key may sign for the identity provider, once it is trusted.

    What is signed with a proposed or a retired one is refused.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        NEXT = "next", _("Next")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

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
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    added_at = models.DateTimeField(default=timezone.now)
    first_used_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = CertificateQuerySet.as_manager()

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

    @property
    def is_trusted(self) -> bool:
        return self.state in TRUSTED

    @property
    def key_kind(self) -> str:
        return "RSA" if self.key_bits > LONGEST_CURVE else "EC"

    def is_valid_at(self, instant: datetime) -> bool:
        return self.not_before <= instant <= self.not_after


TRUSTED = (TrustedCertificate.State.NEXT, TrustedCertificate.State.ACTIVE)


class SettingsVersion(models.Model):
    """The settings as they were saved once: what they were, when, by whom.

    `settings`: the fields of `trust.IdentityProviderSettings`, certificates as PEM.
    `tested_at`: when exactly these settings passed a test, or those before them to which
    nothing was added that needs one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="saml_settings_versions",
        db_index=False,
    )
    number = models.PositiveIntegerField()
    settings = models.JSONField()
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.CharField(max_length=254)
    tested_at = models.DateTimeField(null=True, blank=True)
    tested_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="one_settings_version"
            )
        ]

    def __str__(self) -> str:
        return f"SAML settings of {self.organization_id}, version {self.number}"


def identity_provider_of(organization: Organization) -> IdentityProvider | None:
    providers = IdentityProvider.objects.filter(organization=organization)
    return providers.prefetch_related("certificates").first()
