"""What is asked before something happens to somebody."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import User


class LoginEmailForm(forms.Form):
    """Whoever types somebody's login e-mail means that person."""

    user_name = forms.CharField(
        label=_("Login e-mail of that person"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, person: User, typed: QueryDict | None = None) -> None:
        super().__init__(typed)
        self.person = person

    def clean_user_name(self) -> str:
        typed: str = self.cleaned_data["user_name"]
        if fold(typed) != fold(self.person.user_name):
            raise ValidationError(
                gettext("The login e-mail does not match. Nothing was changed.")
            )
        return typed
