"""Support staff sign in at /support/ only, with accounts of their own."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.folding import fold
from chatwork_admin.support.models import StaffMember

ADDRESS = "/support/"


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
        **credentials: object,
    ) -> StaffMember | None:
        if request is None or not request.path.startswith(ADDRESS):
            return None
        member = StaffMember.objects.filter(email=fold(username or "")).first()
        if member is None:
            StaffMember().set_password(password)  # as slow as a wrong password
            raise PermissionDenied
        if not member.check_password(password or "") or not member.is_active:
            raise PermissionDenied
        return member

    def get_user(  # type: ignore[override] # the stubs know one kind of user
        self, user_id: uuid.UUID
    ) -> StaffMember | None:
        """Asked on every request: whoever has left is out at once."""
        return StaffMember.objects.filter(pk=user_id, is_active=True).first()


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("The e-mail address or the password is wrong."),
        "inactive": _("The e-mail address or the password is wrong."),
    }

    username = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if not isinstance(user, StaffMember):
            raise self.get_invalid_login_error()
