"""The forms in which people prove who they are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.proofs import security_keys
from chatwork_admin.organizations.proofs.challenges import Purpose
from chatwork_admin.organizations.proofs.new_password_form import NewPasswordForm
from chatwork_admin.organizations.proofs.second_factor import Proof
from chatwork_admin.organizations.visible_text import VISIBLE

OR_RECOVERY_CODE = _(
    "Only if you have set up an app: its code, or one of your recovery codes."
)
LONGEST_ANSWER = 16 * 1024  # characters


def _password_field() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def _code_field(**more: Any) -> forms.CharField:
    return forms.CharField(
        label=_("One-time code"),
        max_length=24,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        **more,
    )


def _key_field(**more: Any) -> forms.CharField:
    """What a security key has signed; the page's script fills it in."""
    return forms.CharField(max_length=LONGEST_ANSWER, widget=forms.HiddenInput, **more)


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Login e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = _password_field()
    code = _code_field(required=False, help_text=OR_RECOVERY_CODE)
    key = _key_field(required=False)


class BypassForm(forms.Form):
    """Whoever was provisioned leaves the password empty."""

    username = forms.CharField(
        label=_("Login e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("Leave it empty if you have none."),
        max_length=1024,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("Emergency code, or code of your app"),
        max_length=64,
        required=False,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )

    key = _key_field(required=False)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not said.get("code") and not said.get("key"):
            self.add_error("code", forms.Field.default_error_messages["required"])
        return said


class StepUpForm(forms.Form):
    """The proof of somebody who has signed in already."""

    password = _password_field()
    code = _code_field(required=False, help_text=_("Or one of your recovery codes."))
    key = _key_field(required=False)


class PasswordForm(NewPasswordForm, StepUpForm):
    """A new password, and the proof of whoever has one already."""


class AppForm(forms.Form):
    """A code of an app that is being set up."""

    code = _code_field()
    code.widget.attrs |= {"inputmode": "numeric"}
    password = _password_field()

    def __init__(
        self, data: QueryDict | None = None, *, asks_password: bool = True
    ) -> None:
        super().__init__(data)
        if not asks_password:
            del self.fields["password"]


class KeyForm(forms.Form):
    """A new security key: what it is called, and what it has signed."""

    name = forms.CharField(
        label=_("Name of the key"),
        help_text=_("So that you recognize it, such as “blue key” or “my laptop”."),
        max_length=60,
        validators=[VISIBLE],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = _password_field()
    key = _key_field()

    def __init__(
        self, data: QueryDict | None = None, *, asks_password: bool = True
    ) -> None:
        super().__init__(data)
        if not asks_password:
            del self.fields["password"]


def proof_in(form: forms.Form, request: HttpRequest) -> Proof:
    """Return what a form brings besides a password; a code that was typed goes first."""
    code, answer = form.cleaned_data.get("code", ""), form.cleaned_data.get("key", "")
    if code or not answer:
        return Proof(code)
    return Proof(key=security_keys.answer_in(answer, request, Purpose.PROVE))
