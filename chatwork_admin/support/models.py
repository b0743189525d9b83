from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models.second_factors import (
    AuthenticatorApp,
    PrintedCode,
    RegisteredKey,
)


class StaffMember(AbstractBaseUser):
    """Somebody of the support staff. Staff are nobody's users: they have their own table.

    A viewer looks, an operator may pause and resume for a customer. `email` is folded.
    A new `session_epoch` ends all sessions.
    """

    class Role(models.TextChoices):
        VIEWER = "viewer", _("Viewer")
        OPERATOR = "operator", _("Operator")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=16, choices=Role, default=Role.VIEWER)
    is_active = models.BooleanField(default=True)
    session_epoch = models.PositiveIntegerField(default=0, db_default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects: ClassVar[BaseUserManager[StaffMember]] = BaseUserManager()  # type: ignore[assignment] # of Self

    def __str__(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        """Return what the admin's header greets."""
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        said = f"{self.password} {self.session_epoch}"
        salt = "chatwork_admin.support.models.StaffMember"
        return salted_hmac(salt, said, secret=secret, algorithm="sha256").hexdigest()

    @property
    def may_operate(self) -> bool:
        return self.role == self.Role.OPERATOR


class StaffSecondFactor(AuthenticatorApp):
    member = models.OneToOneField(
        StaffMember, on_delete=models.CASCADE, related_name="second_factor"
    )

    def __str__(self) -> str:
        return f"second factor of {self.member_id}"


class StaffRecoveryCode(PrintedCode):
    member = models.ForeignKey(
        StaffMember,
        on_delete=models.CASCADE,
        related_name="recovery_codes",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "code_hash"], name="one_recovery_code_of_staff"
            )
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.member_id}"


class StaffSecurityKey(RegisteredKey):
    member = models.ForeignKey(
        StaffMember, on_delete=models.CASCADE, related_name="security_keys"
    )

    def __str__(self) -> str:
        return f"security key of {self.member_id}"
