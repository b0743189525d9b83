"""Why somebody who was here has to sign in again, or cannot; said to their browser only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import kept_forms, traces
from chatwork_admin.portal.access import name_of
from chatwork_admin.portal.texts import isolated
from saml_sso.identity_providers.ways_in import valid_certificate
from saml_sso.models import identity_provider_of


def why_out(request: HttpRequest, organization: Organization | None) -> list[str]:
    """Return what the browser's last session was ended by, at any door or at its own."""
    session = _ended_at(request, organization)
    return list(_sentences(request, session)) if session else []


def obstacle(request: HttpRequest, organization: Organization) -> str:
    """Return why starting once more does not help whoever was here, or ""."""
    session = _ended_at(request, organization)
    if session is None:
        return ""
    if _has_no_access(session.user):
        return _access_has_ended(session.user)
    provider = identity_provider_of(organization)
    if provider is not None and valid_certificate(provider) is None:
        return gettext(
            "Signing in with Microsoft Entra ID does not work at present: its certificate is "
            "not valid now. Starting again does not help; %(name)s can mend it."
        ) % {"name": _administrator_of(organization)}
    return ""


def _ended_at(
    request: HttpRequest, organization: Organization | None
) -> UserSession | None:
    session = traces.remembered(request.session)
    is_here = session and organization in {None, session.organization}
    return session if is_here else None


def _sentences(request: HttpRequest, session: UserSession) -> Iterator[str]:
    waits = kept_forms.kept(request.session, session.user) is not None
    is_lost = traces.has_lost_form(request.session)
    if session.ended_why == Why.SIGNED_OUT and not waits and not is_lost:
        return  # as they wished, and they were told
    if _has_no_access(session.user):
        yield _access_has_ended(session.user)
        return
    if session.ended_why == Why.EXPIRED:
        yield _after(session.expires_at - session.started_at)
    else:
        yield str(CAUSES.get(session.ended_why, OTHERWISE))
    if waits:
        yield gettext(
            "What you sent after that was not carried out, and nothing was changed. It is "
            "kept for ten minutes: sign in, look at it once more, and send it."
        )
    elif is_lost:
        yield gettext(
            "What you sent after that was not carried out, and nothing was changed. "
            "Please send it again once you have signed in."
        )


def _has_no_access(user: User) -> bool:
    return not user.is_active or user.deleted_at is not None


def _access_has_ended(user: User) -> str:
    return gettext(
        "Your access to this organization has ended; signing in again does not help. If "
        "you need it, ask %(name)s."
    ) % {"name": _administrator_of(user.organization)}


def _administrator_of(organization: Organization) -> str:
    administrator = organization.users.filter(role=User.Role.ADMINISTRATOR).first()
    return isolated(name_of(administrator)) if administrator else "–"


def _after(length: timedelta) -> str:
    if length < timedelta(hours=settings.SESSION_HOURS):
        return gettext(
            "You were signed out because the time that Microsoft Entra ID allowed is over."
        )
    return gettext("You were signed out after %(hours)s hours, the longest time.") % {
        "hours": settings.SESSION_HOURS
    }


OTHERWISE = _("Your session has ended.")
CAUSES: Mapping[str, Promise] = {
    Why.IDLE: _("You were signed out because you did nothing here for a while."),
    Why.SIGNED_OUT: _("You had signed out, in another tab perhaps."),
    Why.SIGNED_OUT_ELSEWHERE: _("You were signed out from another of your sessions."),
    Why.ADMINISTRATOR: _("An administrator has signed you out everywhere."),
    Why.IDENTITY_PROVIDER: _("You were signed out at Microsoft Entra ID."),
    Why.CREDENTIAL: _("You were signed out because your password or app was changed."),
    Why.SAML_OFF: _(
        "You were signed out because signing in with Microsoft Entra ID was switched off. "
        "Without a password, you cannot sign in until your administrator switches it on."
    ),
}
