"""Sign-ins under way. All of it is short-lived, and names no person before the end."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization, User, UserSession
from saml_sso.models.trust import IdentityProvider


class AuthenticationRequest(models.Model):
    """An AuthnRequest we sent, until it is answered or ten minutes have passed.

    The browser that started holds a secret whose hash is `flow_hash`; RelayState is
    another, `relay_state_hash`. `next_path` stays here, never in a message.
    """

    class Purpose(models.TextChoices):
        SIGN_IN = "sign-in", "Sign-in"
        TEST = "test", "Test sign-in"
        STEP_UP = "step-up", "Step-up"
        RECHECK = "recheck", "Silent re-check"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    identity_provider = models.ForeignKey(
        IdentityProvider, on_delete=models.CASCADE, related_name="+"
    )
    request_id = models.CharField(max_length=64, unique=True)
    config_version = models.PositiveIntegerField()
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.SIGN_IN)
    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who tests, or who proves again who they are.",
    )
    session = models.ForeignKey(
        UserSession,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Which session is to be confirmed.",
    )
    flow_hash = models.CharField(max_length=64)
    relay_state_hash = models.CharField(max_length=64, unique=True)
    next_path = models.CharField(max_length=8192, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    consumed_at = models.DateTimeField(null=True, blank=True)
    examination = models.JSONField(
        null=True, blank=True, help_text="What a test sign-in found; ten minutes long."
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "created_at"], name="request_of_organization"
            )
        ]

    def __str__(self) -> str:
        return self.request_id


class SeenAssertion(models.Model):
    """An assertion that was used, so that nobody uses it again while it is valid."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    id_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id_hash"], name="an_assertion_is_seen_once"
            )
        ]

    def __str__(self) -> str:
        return self.id_hash


class Completion(models.Model):
    """A one-time code by which the browser that started gets its session.

    What the assertion said of the session at the identity provider goes with it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    request = models.OneToOneField(AuthenticationRequest, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session_epoch = models.PositiveIntegerField()
    code_hash = models.CharField(max_length=64, unique=True)
    issuer = models.CharField(max_length=1024)
    name_id = models.CharField(max_length=256)
    session_index = models.CharField(max_length=255, blank=True)
    session_not_on_or_after = models.DateTimeField(null=True, blank=True)
    authn_instant = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"completion of {self.request_id}"
