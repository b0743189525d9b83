from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from chatwork_admin.identifiers import new_id


class StaffMember(AbstractBaseUser):
    """Somebody of the support staff. Staff are nobody's users: they have their own table.

    A viewer looks, an operator may pause and resume for a customer. `email` is folded.
    """

    class Role(models.TextChoices):
        VIEWER = "viewer", _("Viewer")
        OPERATOR = "operator", _("Operator")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=16, choices=Role, default=Role.VIEWER)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects: ClassVar[BaseUserManager[StaffMember]] = BaseUserManager()  # type: ignore[assignment] # of Self

    def __str__(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        """Return what the admin's header greets."""
        return self.name

    @property
    def may_operate(self) -> bool:
        return self.role == self.Role.OPERATOR
