"""The form fields of a new password, for whoever changes their own."""

from __future__ import annotations

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.proofs import second_factor


class NewPasswordForm(forms.Form):
    """Mixed into a form that asks for a proof: `password`, `code` and `key`."""

    new_password = forms.CharField(
        label=_("New password"),
        help_text=_(
            "At least 15 characters; a few words that do not belong together are strong "
            "and easy to keep in mind. It needs no digits or symbols and never expires. "
            "What is easy to guess is refused: common words, keys in a row, your name."
        ),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label=_("New password, again"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ("password", "new_password", "repeated")  # then the rest

    def __init__(self, person: AbstractBaseUser, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.person = person
        self.fields["password"].label = _("Present password")
        if not second_factor.is_set_up(person):
            del self.fields["code"], self.fields["key"]

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        validate_password(password, self.person)  # type: ignore[arg-type] # the stubs know one kind of user
        return password

    def clean_repeated(self) -> str:
        repeated: str = self.cleaned_data["repeated"]
        if repeated != self.cleaned_data.get("new_password", repeated):
            raise forms.ValidationError(_("The two new passwords differ."))
        return repeated
