"""What somebody has besides a password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models.people import Organization, User

WRONG_CODES_AT_ONCE, ONE_MORE_EACH = 20, timedelta(hours=1)


class AuthenticatorApp(models.Model):
    """An app that shows one-time codes (TOTP, RFC 6238), by the secret it shares with us.

    The secrets are encrypted. `pending` belongs to an app that is being set up and has
    shown no code yet. `last_step` is that of the last code used: none counts twice.
    Each wrong code moves `wrong_until` on, by as long as one takes to be forgotten.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    secret = models.TextField(blank=True)
    pending = models.TextField(blank=True)
    set_up_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)
    wrong_until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True

    def rests_at(self, instant: datetime) -> bool:
        """Say whether there were too many wrong codes for another to be looked at."""
        most = (WRONG_CODES_AT_ONCE - 1) * ONE_MORE_EACH
        return self.wrong_until is not None and self.wrong_until - instant > most

    def note_wrong_code(self, instant: datetime) -> None:
        self.wrong_until = max(self.wrong_until or instant, instant) + ONE_MORE_EACH


class PrintedCode(models.Model):
    """A code that counts once instead of one of the app; only a keyed hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code_hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True


class RegisteredKey(models.Model):
    """A security key or passkey, by the public key it has made for us (WebAuthn).

    `sign_count` is what it said when it was last used: 0, if it does not count.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=60)
    registered_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True


class SecondFactor(AuthenticatorApp):
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="second_factor"
    )

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class RecoveryCode(PrintedCode):
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="recovery_codes", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code_hash"], name="one_recovery_code"
            )
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class SecurityKey(RegisteredKey):
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="security_keys", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["organization", "user"], name="security_key_of_user")
        ]

    def __str__(self) -> str:
        return f"security key of {self.user_id}"


class UsedChallenge(models.Model):
    """What a security key has signed, until no browser can bring it any more."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "used challenge"
