"""The forms in which SAML settings come. They read; `trust.validate` judges."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saml_sso.identity_providers.certificates import LONGEST_TEXT
from saml_sso.identity_providers.metadata_document import LARGEST_DOCUMENT


class MetadataForm(forms.Form):
    metadata_file = forms.FileField(
        label=_("Federation Metadata XML file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xml,text/xml,application/xml"}),
    )
    metadata_xml = forms.CharField(
        label=_("Or paste the XML here"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, object]:
        if self.errors:  # one message is enough
            return {}
        file = self.cleaned_data["metadata_file"]
        if file is not None and file.size > LARGEST_DOCUMENT:
            raise ValidationError(gettext("The file is larger than 512 kB."))
        pasted = self.cleaned_data["metadata_xml"]
        xml: bytes = file.read() if file is not None else pasted.encode()
        if not xml.strip():
            raise ValidationError(
                gettext("Choose the metadata file, or paste its text.")
            )
        if file is not None and pasted and not _says_the_same(xml, pasted):
            raise ValidationError(gettext("Choose a file or paste the text, not both."))
        return {"xml": xml}


def _says_the_same(xml: bytes, pasted: str) -> bool:
    # Browsers paste with other line ends than the file has.
    return xml.decode("utf-8-sig", errors="replace").split() == pasted.split()


class IdentityProviderForm(forms.Form):
    """The fields as typed; `saml_sso.identity_providers.trust.validate` judges them."""

    entity_id = forms.CharField(
        label=_("Entity ID of the identity provider"),
        help_text=_("In Entra ID: “Microsoft Entra Identifier”."),
        required=False,
    )
    single_sign_on_url = forms.CharField(
        label=_("Login URL of the identity provider"),
        help_text=_("In Entra ID: “Login URL”."),
        required=False,
    )
    single_logout_url = forms.CharField(
        label=_("Logout URL of the identity provider"),
        help_text=_("Optional. In Entra ID: “Logout URL”."),
        required=False,
    )
    after_logout_url = forms.CharField(
        label=_("Page to show after signing out"),
        help_text=_("Optional. An address that begins with https://."),
        required=False,
    )
    certificates = forms.CharField(
        label=_("Signing certificates (PEM)"),
        help_text=_(
            "In Entra ID: “Certificate (Base64)”. Up to four, one below the other."
        ),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )


class SignInFilterForm(forms.Form):
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("All")),
            ("succeeded", _("Signed in")),
            ("refused", _("Refused")),
            ("around", _("Emergency access")),
            ("tests", _("Test sign-ins")),
        ],
    )
