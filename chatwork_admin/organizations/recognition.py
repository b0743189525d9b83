"""Recognise who is behind a browser's session, on every request.

A person's session counts while its row says so: not ended, within its limits, of
somebody who is present and active, and with the password and epoch it began with.
Support staff have sessions of Django's own.
"""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from chatwork_admin.audit.visitors import visitor
from chatwork_admin.organizations import sessions
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.session_limits import note_limit


class Recognition(AuthenticationMiddleware):
    """Set `request.user` as Django does, but ask the session's row as well."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(_person, request))  # type: ignore[assignment] # as Django does


def session_behind(request: HttpRequest) -> UserSession | None:
    """Return the session of the person who asks, None for strangers and staff."""
    if not isinstance(request.user, User):
        return None
    return sessions.find(request.session.session_key)


def _person(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    if request.session.get(BACKEND_SESSION_KEY) != sessions.BACKEND:
        return get_user(request)
    session = sessions.find(request.session.session_key)
    if session is None or not _is_good(session, request):
        if session is not None:
            note_limit(session, actor=visitor(request))
        request.session.flush()
        messages.info(request, _why_out(session), fail_silently=True)
        return AnonymousUser()
    if not request.headers.get("HX-Request"):  # a page's refresh is nobody's doing
        sessions.touch(session)
    return session.user


def _why_out(session: UserSession | None) -> str:
    """Say why somebody who was here a while ago is asked to sign in again."""
    if session is not None and session.is_idle_at(timezone.now()):
        return gettext(
            "You were signed out because you did nothing here for a while. Please sign "
            "in again."
        )
    return gettext("Your session has ended. Please sign in again.")


def _is_good(session: UserSession, request: HttpRequest) -> bool:
    user = session.user
    is_here = user.is_active and user.deleted_at is None
    return is_here and session.is_alive_at(timezone.now()) and _is_same(user, request)


def _is_same(user: User, request: HttpRequest) -> bool:
    """Whether password and epoch are those that the session began with."""
    began_with = request.session.get(HASH_SESSION_KEY, "")
    now = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(began_with, each) for each in now)
