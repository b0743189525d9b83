"""What support sees of an organization's SAML: the state, never a secret."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chatwork_admin.support.columns import column
from chatwork_admin.support.read_only import ReadOnlyInline, ReadOnlyPanel
from saml_sso.models import IdentityProvider, SettingsVersion, TrustedCertificate


class IdentityProviderPanel(ReadOnlyPanel):
    model = IdentityProvider
    empty_list = _("SAML sign-in is not set up.")
    fields = [
        column("entity_id", _("Entity ID")),
        column("single_sign_on_url", _("Login URL")),
        column("single_logout_url", _("Logout URL")),
        column("after_logout_url", _("After logout")),
        column("mode", _("Sign-in by SAML")),
        column("is_tested", _("Tested as it is now"), is_flag=True),
        column("tested_at", _("Last test passed at")),
        column("tested_by", _("Tested by")),
        column("bypass_proven_at", _("Emergency access tried out")),
        column("config_version", _("Version to be tested")),
        column("name_id_format", _("Form of the name")),
        column("sign_requests", _("Requests are signed"), is_flag=True),
        column("require_signed_response", _("Signed response required"), is_flag=True),
        column("allow_idp_initiated", _("Start from My Apps"), is_flag=True),
        column("metadata_url", _("Metadata address")),
        column("metadata_checked_at", _("Metadata looked at")),
        column("metadata_problem", _("Problem of the metadata")),
        column("changed_at", _("Changed at")),
        column("changed_by", _("Changed by")),
    ]


class CertificateInline(ReadOnlyInline):
    model = TrustedCertificate
    fk_name = "organization"
    ordering = ["not_after"]
    empty_list = _("No certificate is trusted.")
    fields = [
        column("state", _("State")),
        column("subject", _("Subject")),
        column("not_before", _("Valid from")),
        column("not_after", _("Valid until")),
        column("key_bits", _("Key length")),
        column("first_used_at", _("First used")),
        column("last_used_at", _("Last used")),
        column("sha1", _("SHA-1 thumbprint, as Entra ID shows it")),
        column("sha256", _("SHA-256 fingerprint")),
    ]


class VersionInline(ReadOnlyInline):
    """Who saved when; what was saved is in the audit log."""

    model = SettingsVersion
    ordering = ["-number"]
    empty_list = _("SAML settings were never saved.")
    fields = [
        column("number", _("Version")),
        column("saved_at", _("Saved at")),
        column("saved_by", _("Saved by")),
    ]
