"""What a client is asked for whom it trusts."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chatwork_admin.authorization.workload_identities import (
    LONGEST_AUDIENCE,
    LONGEST_ISSUER,
    LONGEST_SUBJECT,
    InvalidTrust,
    Trust,
)
from chatwork_admin.portal.connection import identity_words
from saml_sso.identity_providers.trusted_addresses import LONGEST_URL

OF_A_SCOPE = "/.default"  # what Entra's pages show behind the audience (B25)


class WorkloadIdentityForm(forms.Form):
    issuer = forms.CharField(
        label=_("Issuer"),
        help_text=_("For example https://login.microsoftonline.com/<tenant ID>/v2.0"),
        max_length=LONGEST_ISSUER,
    )
    jwks_uri = forms.CharField(
        label=_("JWKS URI"),
        help_text=_(
            "Where its public keys are, for example "
            "https://login.microsoftonline.com/<tenant ID>/discovery/v2.0/keys"
        ),
        max_length=LONGEST_URL,
    )
    subject = forms.CharField(
        label=_("Subject"),
        help_text=_("The object ID of the service principal that provisions."),
        max_length=LONGEST_SUBJECT,
    )
    audience = forms.CharField(
        label=_("Audience"),
        help_text=_("For example api://<application ID>, without /.default"),
        max_length=LONGEST_AUDIENCE,
    )

    def clean_audience(self) -> str:
        audience: str = self.cleaned_data["audience"]
        return audience.removesuffix(OF_A_SCOPE)

    def trust(self) -> Trust | None:
        """Return what is typed in; None, and the errors by their fields, if it is not fit."""
        if not self.is_valid():
            return None
        try:
            return Trust(**self.cleaned_data)
        except InvalidTrust as invalid:
            for name, reason in invalid.errors.items():
                self.add_error(name, identity_words.objection(reason))
            return None
