"""By what somebody who has signed in can prove once more who they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from chatwork_admin.organizations import second_factor
from chatwork_admin.organizations.models import UserSession


@dataclass(frozen=True, slots=True)
class Accepted:
    """`password`: with a one-time code if `code`; `app`: once an app is set up."""

    password: bool = False
    code: bool = False
    app: bool = False


NONE = Accepted()


def accepted(session: UserSession) -> Accepted:
    """Return what counts as a proof of the person behind a session."""
    user = session.user
    if not user.has_usable_password():
        return NONE
    if second_factor.is_set_up(user):
        return Accepted(password=True, code=True)
    if settings.REQUIRE_SECOND_FACTOR:
        return Accepted(app=True)
    return Accepted(password=True)
