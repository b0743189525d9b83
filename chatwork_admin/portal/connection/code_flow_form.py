"""What a client is asked for so that it can be authorized: where its codes are brought."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.authorization.models import OAuthClient
from chatwork_admin.authorization.redirect_addresses import (
    CodeFlow,
    InvalidAddresses,
    TooManyAddresses,
)
from chatwork_admin.portal.connection import identity_words


class CodeFlowForm(forms.Form):
    redirect_uris = forms.CharField(
        label=_("Redirect addresses"),
        help_text=_(
            "One on each line, five at most, letter for letter as your provider names "
            "them. Without one, nobody can authorize this client."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    may_omit_response_type = forms.BooleanField(
        label=_("The provider leaves response_type out"),
        help_text=_("Entra ID does so for some applications. It then counts as code."),
        required=False,
    )

    def flow(self) -> CodeFlow | None:
        """Return what is typed in; None, and the errors by their fields, if it is not fit."""
        if not self.is_valid():
            return None
        addresses = dict.fromkeys(self.cleaned_data["redirect_uris"].split())
        try:
            return CodeFlow(
                tuple(addresses), self.cleaned_data["may_omit_response_type"]
            )
        except TooManyAddresses:
            self.add_error("redirect_uris", gettext("Five addresses are enough."))
        except InvalidAddresses as invalid:
            for address, reason in invalid.errors.items():
                objection = identity_words.objection(reason)
                self.add_error("redirect_uris", f"{address}: {objection}")
        return None


def as_it_stands(client: OAuthClient) -> CodeFlowForm:
    """Return the form with what counts at present."""
    present = {
        "redirect_uris": "\n".join(client.redirect_uris),
        "may_omit_response_type": client.may_omit_response_type,
    }
    return CodeFlowForm(initial=present)
