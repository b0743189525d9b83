"""By what somebody who has signed in can prove once more who they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.proofs import second_factor, security_keys
from chatwork_admin.portal.signing_in.by_password import requires_saml
from saml_sso.models import identity_provider_of


@dataclass(frozen=True, slots=True)
class Accepted:
    """`password`: with a one-time code or a recovery code if `code`, or else, if `key`, a
    security key; `app`: once a second factor is set up.

    `saml`: by signing in anew at the identity provider. `emergency`: by coming in anew
    with an emergency code, for an administrator who has nothing else.
    """

    password: bool = False
    code: bool = False
    key: bool = False
    app: bool = False
    saml: bool = False
    emergency: bool = False


NONE = Accepted()


def accepted(session: UserSession) -> Accepted:
    """Return what counts as a proof of the person behind a session."""
    user = session.user
    provider = identity_provider_of(user.organization)
    saml = provider is not None and provider.is_on
    if not may_use_password(user):
        came_around = session.began == Began.BREAK_GLASS
        emergency = user.is_administrator and (came_around or not saml)
        return Accepted(saml=saml, emergency=emergency)
    if second_factor.is_set_up(user):
        key = security_keys.of(user).exists()
        return Accepted(password=True, code=True, key=key, saml=saml)
    if settings.REQUIRE_SECOND_FACTOR:
        return Accepted(app=True, saml=saml)
    return Accepted(password=True, saml=saml)


def may_use_password(user: User) -> bool:
    """Where SAML is required, only the administrator has a way around it."""
    if not user.has_usable_password():
        return False
    return user.is_administrator or not requires_saml(user.organization)
