"""What an organization needs for one more user: a licence, and a free login e-mail."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from chatwork_admin.database.statements import update
from chatwork_admin.organizations.models import Organization, User

LOGIN_EMAIL = "(user_name_key) WHERE deleted_at IS NULL"  # `unique_login_email`
CREATING = 500  # more than can be created at once: each takes a database connection


class NotUnique(Exception):
    """userName is in use in this organization. Match users by userName, or rename one."""


class InUseElsewhere(Exception):
    """This login e-mail belongs to a Chatwork account outside the organization.

    The text is fixed: it must not tell whose account it is.
    """


class NoLicenceLeft(Exception):
    """Every licence is in use; suspended users hold one too."""


REFUSALS = (NoLicenceLeft, NotUnique, InUseElsewhere)


def require_licence(organization: Organization, present: int | None = None) -> None:
    """Raise NoLicenceLeft unless one is left; `present`: who was counted just now.

    Called before the login e-mail is written, and after whoever comes back was locked.
    """
    if present is None:
        present = organization.user_count().present
    if present + CREATING < organization.licences:
        return
    # The lock makes two creations take turns, so that both cannot take the last one.
    locked = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if refusal := _no_licence(locked):
        raise refusal


def obstacle(user: User) -> Exception | None:
    """Return what would keep a deleted user out now; asked again when he comes back."""
    if refusal := _no_licence(user.organization):
        return refusal
    return taken(user) if _holders(user).exists() else None


def claim(user: User) -> None:
    """Write a user under a login e-mail that may be taken. Raises as `taken` says."""
    try:
        with transaction.atomic():
            update(user)
    except IntegrityError as error:
        raise taken(user) from error


def taken(user: User) -> Exception:
    """Return who has the login e-mail already: NotUnique, or InUseElsewhere."""
    if _holders(user).exclude(organization=user.organization_id).exists():
        return InUseElsewhere(
            "This login e-mail belongs to a Chatwork account outside the "
            "organization. Move it in first."
        )
    return NotUnique(NotUnique.__doc__)


def _holders(user: User) -> QuerySet[User]:
    return User.objects.filter(user_name_key=user.user_name_key, deleted_at=None)


def _no_licence(organization: Organization) -> NoLicenceLeft | None:
    used, active, *_ = organization.user_count()
    if used < organization.licences:
        return None
    return NoLicenceLeft(
        f"No licence left ({used} of {organization.licences} used, {used - active} by "
        "suspended users). Add licences in Chatwork, then retry."
    )
