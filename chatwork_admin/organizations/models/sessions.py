"""The sessions of browsers, one row each."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models.people import Organization, User

ADDRESS_LENGTH, USER_AGENT_LENGTH = 45, 200


class Began(models.TextChoices):
    """By what a person proved who they are."""

    PASSWORD = "password", _("Password")
    SECOND_FACTOR = "password-and-code", _("Password and one-time code")
    SECURITY_KEY = "password-and-key", _("Password and security key")
    SAML = "saml", _("Microsoft Entra ID (SAML)")
    BREAK_GLASS = "break-glass", _("Emergency code")


class Why(models.TextChoices):
    """What ended a session; one of its limits is told of when somebody notices."""

    SIGNED_OUT = "signed-out", _("Signed out")
    SIGNED_OUT_ELSEWHERE = "elsewhere", _("Signed out from another session")
    ADMINISTRATOR = "administrator", _("Signed out by an administrator")
    IDENTITY_PROVIDER = "identity-provider", _("Signed out at Microsoft Entra ID")
    REPLACED = "replaced", _("Signed in again")
    CREDENTIAL = "credential", _("Password or second factor changed")
    SUSPENDED = "suspended", _("Suspended")
    DELETED = "deleted", _("Deleted")
    SAML_OFF = "saml-off", _("SAML switched off")
    IDLE = "idle", _("Nothing done for too long")
    EXPIRED = "expired", _("Its longest time is over")


class UserSession(models.Model):
    """A person signed in with a browser, until `ended_at` or one of the limits.

    Only a keyed hash of the browser's session key is kept. `expires_at` is absolute;
    how long a session may lie idle follows from the person's role. `authenticated_at`
    is when the person last proved who they are as strongly as we ask for, if ever.
    The `saml_` columns say which session at the identity provider it began with;
    `saml_later_indexes` are of the times that the person signed in there anew.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    key_hash = models.CharField(max_length=64, unique=True)
    began = models.CharField(max_length=24, choices=Began)
    started_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    authenticated_at = models.DateTimeField(null=True, blank=True)
    address = models.CharField(max_length=ADDRESS_LENGTH, blank=True)
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    saml_issuer = models.CharField(max_length=1024, blank=True)
    saml_name_id = models.CharField(max_length=256, blank=True)
    saml_session_index = models.CharField(max_length=255, blank=True)
    saml_later_indexes = ArrayField(
        models.CharField(max_length=255), default=list, blank=True, db_default=[]
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=24, choices=Why, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "user", "ended_at"], name="session_of_user"
            ),
            models.Index(
                fields=["organization", "saml_name_id"],
                condition=models.Q(ended_at=None) & ~models.Q(saml_name_id=""),
                name="session_by_name_id",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(ended_at=None),
                name="session_open",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"

    def is_alive_at(self, instant: datetime) -> bool:
        return self.ended_at is None and self.limit_reached_at(instant) is None

    def limit_reached_at(self, instant: datetime) -> Why | None:
        """Return which of its limits ends it, if one does."""
        if instant >= self.expires_at:
            return Why.EXPIRED
        return Why.IDLE if self.is_idle_at(instant) else None

    def is_idle_at(self, instant: datetime) -> bool:
        return self.last_seen_at <= instant - idle_limit(self.user)


def idle_limit(user: User) -> timedelta:
    """Return how long a session of this person may lie idle."""
    if user.administers:
        return timedelta(minutes=settings.ADMINISTRATOR_IDLE_MINUTES)
    return timedelta(minutes=settings.MEMBER_IDLE_MINUTES)
