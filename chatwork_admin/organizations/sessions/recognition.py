"""Recognise who is behind a browser's session, on every request.

A person's session counts while its row says so: not ended, within its limits, of
somebody who is present and active, and with the password and epoch it began with.
Support staff have sessions of Django's own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import (
    AuthenticationMiddleware,
    LoginRequiredMiddleware,
)
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django_htmx.http import HttpResponseClientRefresh

from chatwork_admin.audit.visitors import visitor
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.sessions import kept_forms, lookup, starting, traces
from chatwork_admin.organizations.sessions.limits import note_limit

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SEEN_PRECISION = timedelta(minutes=1)


class Recognition(AuthenticationMiddleware):
    """Set `request.user` as Django does, but ask the session's row as well."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(_person, request))  # type: ignore[assignment] # as Django does


class LoginRequired(LoginRequiredMiddleware):
    """Lead strangers to the sign-in: to their organization's, if they were in lately."""

    def handle_no_permission(  # type: ignore[override] # a middleware may answer with any
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        if request.headers.get("HX-Request"):  # a page's refresh outlived its session
            return HttpResponseClientRefresh()
        ended = traces.remembered(request.session)
        if ended is None:
            return super().handle_no_permission(request, view_func)
        door = reverse("portal:dedicated-login", args=[ended.organization.slug])
        if request.method in SAFE:
            return redirect_to_login(request.get_full_path(), door)
        return redirect_to_login(_after_form(request, ended.user), door)


def session_behind(request: HttpRequest) -> UserSession | None:
    """Return the session of the person who asks, None for strangers and staff."""
    if not isinstance(request.user, User):
        return None
    return lookup.find(request.session.session_key)


def _after_form(request: HttpRequest, sender: User) -> str:
    """Keep a form that came too late, if it may be kept; return where it is sent from."""
    path, fields = request.get_full_path(), kept_forms.fields_of(request.POST)
    if not request.FILES:
        with suppress(kept_forms.NotKept):
            kept_forms.keep(request.session, sender, path, fields)
            return reverse("portal:step-up")
    traces.note_lost_form(request.session)
    return path


def _person(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    if request.session.get(BACKEND_SESSION_KEY) != starting.BACKEND:
        return get_user(request)
    session = lookup.find_even_ended(request.session.session_key)
    if session is None or not _is_good(session, request):
        _turn_away(request, session)
        return AnonymousUser()
    if not request.headers.get("HX-Request"):  # a page's refresh is nobody's doing
        _touch(session)
    return session.user


def _touch(session: UserSession) -> None:
    """Note that the person is here, at most once a minute."""
    now = timezone.now()
    if now - session.last_seen_at < SEEN_PRECISION:
        return
    session.last_seen_at = now
    session.save(update_fields=["last_seen_at"])


def _turn_away(request: HttpRequest, session: UserSession | None) -> None:
    if session is not None and session.ended_at is None:
        note_limit(session, actor=visitor(request))
    request.session.flush()
    if session is not None:
        traces.remember(request.session, session)


def _is_good(session: UserSession, request: HttpRequest) -> bool:
    user = session.user
    is_here = user.is_active and user.deleted_at is None
    return is_here and session.is_alive_at(timezone.now()) and _is_same(user, request)


def _is_same(user: User, request: HttpRequest) -> bool:
    """Whether password and epoch are those that the session began with."""
    began_with = request.session.get(HASH_SESSION_KEY, "")
    now = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(began_with, each) for each in now)
