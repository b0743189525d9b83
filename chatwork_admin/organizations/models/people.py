"""Organizations, and the people in them."""

from __future__ import annotations

import secrets
from functools import partial
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from chatwork_admin.database.statements import fetch
from chatwork_admin.identifiers import new_id, new_public_id
from chatwork_admin.organizations.models.indexes import USER_INDEXES

POPULATION = """
    SELECT coalesce(sum(present), 0), coalesce(sum(active), 0),
           coalesce(sum(linked), 0), coalesce(sum(entered), 0)
    FROM organizations_usercount WHERE organization_id = %s
"""

# Folding makes three characters of one at most ("ffi" of a ligature).
_key = partial(models.CharField, db_collation="C")


def unusable_password() -> str:
    """As Django's, which draws its letters one by one."""
    return UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20)


class Population(NamedTuple):
    """How many users an organization has.

    `present`: in all; `active`: not suspended; `linked`: managed by the identity
    provider; `entered`: active, and has signed in.
    """

    present: int
    active: int
    linked: int
    entered: int


class Organization(models.Model):
    """The tenant. Every other row belongs, directly or not, to exactly one."""

    class Plan(models.TextChoices):
        FREE = "free", _("Free")
        BUSINESS = "business", _("Business")
        ENTERPRISE = "enterprise", _("Enterprise")
        KDDI = "kddi", _("KDDI Chatwork")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    public_id = models.CharField(
        max_length=22,
        unique=True,
        default=new_public_id,
        editable=False,
        help_text="Names the organization in SAML addresses; cannot be guessed.",
    )
    slug = models.SlugField(unique=True, help_text="Dedicated login URL: /s/<slug>/")
    name = models.CharField(max_length=100)
    plan = models.CharField(max_length=16, choices=Plan, default=Plan.FREE)
    licences = models.PositiveIntegerField(default=100)
    saml_versions = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often SAML settings were changed."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(slug=Lower("slug")), name="a_slug_has_no_capitals"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def plan_includes_synchronization(self) -> bool:
        return self.plan in {self.Plan.ENTERPRISE, self.Plan.KDDI}

    def user_count(self) -> Population:
        """Count who is not in the recycle bin, at the same cost for any number."""
        counted = fetch(POPULATION, [self.pk])
        return Population(*(counted or (0, 0, 0, 0)))


class UserCount(models.Model):
    """A part of an organization's number of users, kept by triggers (migration 0017).

    Only the sum over an organization's slots means something. Each connection adds to
    one of several slots, so that concurrent writers seldom wait for each other.
    """

    pk = models.CompositePrimaryKey("organization", "slot")
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="user_counts",
        db_index=False,
    )
    slot = models.SmallIntegerField()
    present = models.IntegerField()
    active = models.IntegerField()
    linked = models.IntegerField(default=0, db_default=0)
    entered = models.IntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.organization_id}/{self.slot}"


class UserQuerySet(models.QuerySet["User"]):
    def present(self) -> UserQuerySet:
        """Leave out who is in the recycle bin."""
        return self.filter(deleted_at=None)

    def get_by_natural_key(self, user_name_key: str) -> User:
        return self.get(user_name_key=user_name_key, deleted_at=None)


class User(AbstractBaseUser):
    """A person in one organization, whether an administrator or Entra added them.

    `document` is the SCIM resource as last accepted, the truth of what the
    provisioning client said; the other columns are what the product uses or filters
    on, derived from it by `synchronization.attributes`. `..._key` columns are folded,
    in the order of code points: so a prefix is a range. They say what the document
    says, "" for nothing; `lookup_keys` has a digest of each e-mail address and of the
    manager, with a space before each.
    """

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", _("Organization administrator")
        USER_MANAGER = "user-manager", _("User manager")
        MEMBER = "member", _("Member")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="users", db_index=False
    )
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    user_name = models.CharField(max_length=254, help_text="Login e-mail, as typed.")
    user_name_key = _key(max_length=762)
    external_id = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField(default=True)
    display_name = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=100, blank=True)
    department = models.CharField(max_length=100, blank=True)
    organization_name = models.CharField(max_length=100, blank=True)
    employee_number = models.CharField(max_length=100, blank=True)
    work_email = models.CharField(max_length=254, blank=True)
    display_name_key = _key(max_length=600, blank=True)
    title_key = _key(max_length=300, blank=True)
    department_key = _key(max_length=300, blank=True)
    organization_name_key = _key(max_length=300, blank=True)
    employee_number_key = _key(max_length=300, blank=True)
    lookup_keys = models.TextField(blank=True)
    document = models.JSONField(default=dict)
    linked_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when the identity provider manages it."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True, blank=True)
    session_epoch = models.PositiveIntegerField(default=0, db_default=0)

    is_successor = False  # of somebody deleted: who creates a user says so, once
    USERNAME_FIELD = "user_name_key"
    objects = UserQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_name_key"],
                name="unique_login_email",
                condition=models.Q(deleted_at=None),
            ),
            models.UniqueConstraint(
                fields=["organization"],
                name="one_administrator_per_organization",
                condition=models.Q(role="administrator"),
            ),
            models.CheckConstraint(
                name="the_administrator_is_active",
                condition=~models.Q(role="administrator")
                | models.Q(is_active=True, deleted_at=None),
            ),
            models.UniqueConstraint(
                fields=["organization", "id"], name="user_of_organization"
            ),  # what memberships refer to
        ]
        indexes = USER_INDEXES

    def __str__(self) -> str:
        return self.user_name

    def has_usable_password(self) -> bool:
        """Whoever was provisioned has none."""
        return bool(self.password) and super().has_usable_password()

    def set_unusable_password(self) -> None:
        self.password = unusable_password()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django asks on each request, and ends a session whose answer was another."""
        said = f"{self.password} {self.session_epoch}"
        salt = "chatwork_admin.organizations.models.User"
        return salted_hmac(salt, said, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_administrator(self) -> bool:
        return self.role == self.Role.ADMINISTRATOR

    @property
    def administers(self) -> bool:
        """Whether the role opens the organization's administration."""
        return self.role in {self.Role.ADMINISTRATOR, self.Role.USER_MANAGER}
