"""The forms of the SAML pages beyond the settings themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chatwork_admin.portal.saml import refusals
from saml_sso.identity_providers.certificates import (
    LONGEST_TEXT,
    CertificateReason,
    InvalidCertificate,
    SigningCertificate,
    parse_certificate,
)
from saml_sso.identity_providers.configuration import options_of
from saml_sso.identity_providers.options import Options
from saml_sso.identity_providers.trust import Refusal
from saml_sso.identity_providers.trusted_addresses import LONGEST_URL
from saml_sso.models import IdentityProvider


class CertificateForm(forms.Form):
    certificate = forms.CharField(
        label=_("Next certificate (PEM)"),
        help_text=_(
            "In Entra ID: New certificate, Save, then download “Certificate (Base64)”. "
            "Add it here before you make it active there."
        ),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean_certificate(self) -> SigningCertificate:
        try:
            return parse_certificate(self.cleaned_data["certificate"])
        except InvalidCertificate as invalid:
            if invalid.reason == CertificateReason.PRIVATE_KEY_PASTED:
                self.data = {}  # never sent back
            sentence = refusals.sentence(Refusal(invalid.reason, invalid.certificate))
            raise forms.ValidationError(sentence) from invalid


class MetadataAddressForm(forms.Form):
    address = forms.CharField(
        label=_("App Federation Metadata Url"),
        help_text=_("In Entra ID: SAML Certificates. The address ends with “appid=…”."),
        max_length=LONGEST_URL,
        widget=forms.URLInput(attrs={"spellcheck": "false"}),
    )


class WatchForm(forms.Form):
    """Empty: nowhere."""

    watched = forms.CharField(
        label=_("Address to look at every night"),
        help_text=_(
            "New certificates found there are proposed, and you are told by mail. They "
            "count once you trust them. Leave it empty to look nowhere."
        ),
        max_length=LONGEST_URL,
        required=False,
        widget=forms.URLInput(attrs={"spellcheck": "false"}),
    )
    activates = forms.BooleanField(
        label=_("Trust what is found at once, without asking me"),
        required=False,
    )


class OptionsForm(forms.Form):
    name_id_format = forms.ChoiceField(
        label=_("Form of the name (NameID)"),
        help_text=_("What is asked for here overrides the choice made in Entra ID."),
        choices=IdentityProvider.NameIDFormat,
    )
    sign_requests = forms.BooleanField(
        label=_("Sign our requests"),
        help_text=_(
            "Switch it off only if Entra ID refuses them, as with several instances of "
            "one application."
        ),
        required=False,
    )
    require_signed_response = forms.BooleanField(
        label=_("Require a signed response"),
        help_text=_(
            "The assertion is always signed. With this, “Sign SAML response and "
            "assertion” must be chosen in Entra ID."
        ),
        required=False,
    )
    allow_idp_initiated = forms.BooleanField(
        label=_("Allow a start from My Apps"),
        help_text=_(
            "What arrives unasked is never believed: a new sign-in is started instead, "
            "which Entra ID answers at once."
        ),
        required=False,
    )

    @property
    def boxes(self) -> list[forms.BoundField]:
        return [each for each in self if each.name != "name_id_format"]

    def options(self) -> Options:
        return Options(**self.cleaned_data)


def form_of_options(provider: IdentityProvider | None) -> OptionsForm | None:
    """Return the form with what is chosen now; nothing to choose without settings."""
    if provider is None:
        return None
    options = options_of(provider)
    initial: dict[str, Any] = {
        name: getattr(options, name) for name in OptionsForm.base_fields
    }
    return OptionsForm(initial=initial)


def form_of_watch(provider: IdentityProvider | None) -> WatchForm | None:
    """Return the form with where new certificates are looked for now."""
    if provider is None:
        return None
    watched, activates = provider.metadata_url, provider.activates_new_certificates
    return WatchForm(initial={"watched": watched, "activates": activates})
