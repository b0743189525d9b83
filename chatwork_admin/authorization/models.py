from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from chatwork_admin.authorization import credentials
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization, User


class Credential(models.Model):
    """What somebody may present to us, shown once: only an HMAC-SHA256 of it is kept.

    It is 256 random bits, so there is nothing to guess that a slow hash would have to
    protect.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    last_characters = models.CharField(max_length=4)
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.CharField(max_length=254)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=254, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def keep(self, credential: str, prefix: Prefix) -> None:
        """Store by what it will be recognised."""
        self.digest = str(credentials.digest_of(credential, prefix))
        self.last_characters = credentials.last_characters(credential)
        self.save(force_insert=True)

    def ended_at(self, disabled_at: datetime | None) -> datetime | None:
        """Return when it stopped, or will stop, being good; None for never.

        `disabled_at`: when the organization last disabled user synchronization, which
        ends every credential issued before.
        """
        ends = [self.revoked_at, self.expires_at]
        if disabled_at is not None and self.issued_at < disabled_at:
            ends.append(disabled_at)
        return min((end for end in ends if end is not None), default=None)

    def is_alive(self, disabled_at: datetime | None) -> bool:
        ended_at = self.ended_at(disabled_at)
        return ended_at is None or ended_at > timezone.now()


CODE_LIFETIME = timedelta(minutes=1)
IDLE_LIFETIME = timedelta(days=90)
BY_HAND = models.Q(client=None, grant=None)  # of an access token: nobody fetched it
SHORTEST_MINUTES, LONGEST_MINUTES = 60, 360  # of a token's life that Entra takes (B19)


class OAuthClient(models.Model):
    """A provisioning client (RFC 6749 §2), bound to one organization.

    Its id is its `client_id`. Confidential: it proves itself by one of its secrets.
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


class Grant(models.Model):
    """That the administrator lets a client act for the organization (RFC 6749 §4.1).

    It is the organization's, and outlives the right and the account of whoever gave it
    (D4). Its code is good for a minute, its refresh token for as long as it is used.
    Without a client it is the gallery's. `hand_over_by`: until when the administrator
    is asked to authorize it again, who is not the one that gave it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="grants", db_index=False
    )
    client = models.ForeignKey(
        OAuthClient, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    client_name = models.CharField(max_length=100)
    authorized_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    issued_by = models.CharField(max_length=254)
    issued_at = models.DateTimeField(default=timezone.now)
    code_digest = models.CharField(max_length=64, unique=True)
    code_challenge = models.CharField(max_length=128, blank=True)
    redirect_uri = models.CharField(max_length=2048)
    refresh_digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - unique
    last_used_at = models.DateTimeField(null=True, blank=True)
    hand_over_by = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="grant_of_organization"
            )
        ]
        indexes = [
            models.Index(
                fields=["last_used_at"],
                condition=models.Q(revoked_at=None),
                name="grant_ends_unused",
            ),
            models.Index(
                fields=["hand_over_by"],
                condition=models.Q(hand_over_by__isnull=False, revoked_at=None),
                name="grant_to_hand_over",
            ),
        ]

    def __str__(self) -> str:
        return self.client_name

    @property
    def is_used(self) -> bool:
        """Say whether its code was exchanged: it can be once."""
        return self.refresh_digest is not None

    @property
    def expires_at(self) -> datetime:
        """Return when it ends unless it is used before (B13)."""
        if self.last_used_at is None:
            return self.issued_at + CODE_LIFETIME
        return self.last_used_at + IDLE_LIFETIME

    def ended_at(self, disabled_at: datetime | None) -> datetime | None:
        """Return when it stopped, or will stop, being good, as of a `Credential`."""
        ends = [self.expires_at]
        if self.revoked_at is not None:
            ends.append(self.revoked_at)
        if disabled_at is not None and self.issued_at < disabled_at:
            ends.append(disabled_at)
        return min(ends)

    def is_alive(self, disabled_at: datetime | None) -> bool:
        ended_at = self.ended_at(disabled_at)
        return ended_at is None or ended_at > timezone.now()


class AccessToken(Credential):
    """A bearer token (RFC 6750): it names the organization by itself.

    Issued by hand it has no client and no grant. Given to a client it ends within hours,
    and with the secret by which it was asked for, or the grant that it is for.
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


class CredentialWarning(models.Model):
    """Of this end of a token, a secret or a grant was warned, so many days ahead.

    It names them by their id: they end in different ways, a grant several times.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    credential_id = models.UUIDField()
    ends_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    warned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "credential_id", "ends_at", "days"],
                name="an_end_is_warned_of_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.days} days for {self.credential_id}"
