"""Support staff sign in at /support/ only, with accounts of their own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.audit.visitors import visitor
from chatwork_admin.client_addresses import client_address
from chatwork_admin.organizations.attempts import outcomes, turns
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.proofs import second_factor, security_keys
from chatwork_admin.organizations.proofs.challenges import Purpose
from chatwork_admin.organizations.proofs.holders import record_of
from chatwork_admin.organizations.proofs.one_time_codes import WrongCode
from chatwork_admin.organizations.proofs.second_factor import Proof
from chatwork_admin.reference_numbers import request_reference
from chatwork_admin.support.models import StaffMember
from saml_sso.sign_in import rate

ADDRESS = "/support/"
NOTHING = Proof()
LONGEST_ANSWER = 16 * 1024  # characters
SINCE = "staff_since"  # when the session began, in seconds


class StaffBackend(BaseBackend):
    """Decides alone at /support/, and knows nobody elsewhere.

    It stands before the portal's backend, and raises PermissionDenied instead of letting
    that one try: an administrator's password opens, and reveals, nothing here.
    """

    def authenticate(  # type: ignore[override] # the stubs know one kind of user
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        besides: Proof = NOTHING,
        **credentials: object,
    ) -> StaffMember | None:
        """Return the member with this password and, once there is one, second factor."""
        if request is None or not request.path.startswith(ADDRESS):
            return None
        member = StaffMember.objects.filter(email=fold(username or "")).first()
        if member is None:
            StaffMember().set_password(password)  # as slow as a wrong password
            raise PermissionDenied
        if not member.check_password(password or "") or not member.is_active:
            raise PermissionDenied
        _use_up(request, member, besides)
        return member

    def get_user(  # type: ignore[override] # the stubs know one kind of user
        self, user_id: uuid.UUID
    ) -> StaffMember | None:
        """Asked on every request: whoever has left is out at once."""
        return StaffMember.objects.filter(pk=user_id, is_active=True).first()


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _(
            "The e-mail address, the password, the code or the key is wrong."
        ),
        "inactive": _(
            "The e-mail address, the password, the code or the key is wrong."
        ),
    }

    username = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )

    code = forms.CharField(
        label=_("One-time code"),
        help_text=_("Once you have set up an app: its code, or a recovery code."),
        max_length=24,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false"}
        ),
    )

    key = forms.CharField(
        max_length=LONGEST_ANSWER, required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        """Ask for both proofs at once: an answer does not tell which one was wrong."""
        said, request = self.cleaned_data, cast("HttpRequest", self.request)
        if "username" in said and "password" in said and "code" in said:
            besides = proof_in(said, request)
            user = _who_is(said, request, besides)
            if user is None:
                record_failure(request, said["username"])
                wrong = str(self.error_messages["invalid_login"])
                raise forms.ValidationError(outcomes.words(request, wrong))
            self.user_cache = user  # type: ignore[assignment] # the stubs know one kind of user
            self.confirm_login_allowed(user)
            _record_success(request, cast("StaffMember", user), besides)
        return said

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not isinstance(user, StaffMember):
            raise self.get_invalid_login_error()


def proof_in(said: Mapping[str, Any], request: HttpRequest) -> Proof:
    """Return what was sent besides a password; a code that was typed goes first."""
    code, key = said.get("code", ""), said.get("key", "")
    if code or not key:
        return Proof(code)
    return Proof(key=security_keys.answer_in(key, request, Purpose.PROVE))


def _who_is(
    said: Mapping[str, Any], request: HttpRequest, besides: Proof
) -> AbstractBaseUser | None:
    name, password = said["username"], said["password"]
    try:
        rate.admit_stranger(request, name)
    except rate.TooManyRequests as refused:
        turns.put_off(request, refused.retry_after)
        return None
    return turns.authenticate(request, name, password=password, besides=besides)


def actor_for(request: HttpRequest, member: StaffMember) -> Actor:
    """Return somebody of the staff as who acts, by this request."""
    return Actor(
        ActorKind.SUPPORT,
        str(member.pk),
        member.name,
        request_reference(request),
        client_address(request),
    )


def go_on(request: HttpRequest) -> bool:
    """Keep the session for as long as an administrator's may lie idle.

    Ends it, and returns False, once it has lasted for as long as sessions may.
    """
    now = timezone.now().timestamp()
    began = request.session.setdefault(SINCE, now)
    left = began + timedelta(hours=settings.SESSION_HOURS).total_seconds() - now
    idle = timedelta(minutes=settings.ADMINISTRATOR_IDLE_MINUTES).total_seconds()
    if left < 1:
        logout(request)
        return False
    request.session.set_expiry(int(min(left, idle)))
    return True


@transaction.atomic
def record_failure(request: HttpRequest, email: str) -> None:
    """Write down that somebody failed in a member's name, but for what is not looked at."""
    member = StaffMember.objects.filter(email=fold(email)).first()
    if member is None or outcomes.are_over(request):
        return
    is_last = outcomes.has_just_locked(request)
    code = "too-many-attempts" if is_last else outcomes.reason(request)
    more = {"code": code} if code else {}
    actor = visitor(request)
    record_of(member, Action.SIGN_IN_FAILED, actor, channel="password", **more)


@transaction.atomic
def _record_success(request: HttpRequest, member: StaffMember, besides: Proof) -> None:
    began = second_factor.proof_by(member, besides)
    actor = actor_for(request, member)
    record_of(member, Action.SIGN_IN_SUCCEEDED, actor, began=began.value)


def _use_up(request: HttpRequest, member: StaffMember, besides: Proof) -> None:
    actor = actor_for(request, member)
    try:
        second_factor.require_proof(member, besides, actor=actor)
    except WrongCode as refused:
        outcomes.note_refused_code(request, refused)
        raise PermissionDenied from refused
