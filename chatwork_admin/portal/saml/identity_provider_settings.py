"""Between the form of the SAML settings and what `saml_sso.identity_providers.trust` says about it."""

from __future__ import annotations

from django.conf import settings as environment
from django.utils import timezone

from chatwork_admin.portal.saml import refusals, words
from chatwork_admin.portal.saml.settings_forms import IdentityProviderForm
from chatwork_admin.portal.saml.words import Change
from saml_sso.identity_providers import history, trust
from saml_sso.identity_providers.certificates import CertificateReason
from saml_sso.identity_providers.metadata import IdentityProviderMetadata
from saml_sso.models import IdentityProvider


def settings_of(form: IdentityProviderForm) -> trust.IdentityProviderSettings | None:
    """Return the settings typed, or None with the form's errors saying why not."""
    if not form.is_valid():
        return None
    try:
        return trust.validate(
            **form.cleaned_data,
            now=timezone.now(),
            stand_ins=environment.SAML_STAND_INS,
        )
    except trust.InvalidSettings as invalid:
        _explain(form, invalid)
        return None


def form_of_metadata(
    found: IdentityProviderMetadata, provider: IdentityProvider | None
) -> IdentityProviderForm:
    """Return the form as metadata fills it in; what it never says stays as it is."""
    return IdentityProviderForm(
        {
            "entity_id": found.entity_id,
            "single_sign_on_url": found.single_sign_on_url,
            "single_logout_url": found.single_logout_url,
            "after_logout_url": provider.after_logout_url if provider else "",
            "certificates": found.certificate_text,
        }
    )


def form_of_provider(provider: IdentityProvider | None) -> IdentityProviderForm:
    """Return the form with what is trusted now."""
    if provider is None:
        return IdentityProviderForm()
    trusted = (each for each in provider.certificates.all() if each.is_trusted)
    certificates = "".join(each.pem for each in trusted)
    return IdentityProviderForm(
        initial={
            "entity_id": provider.entity_id,
            "single_sign_on_url": provider.single_sign_on_url,
            "single_logout_url": provider.single_logout_url,
            "after_logout_url": provider.after_logout_url,
            "certificates": certificates,
        }
    )


def changes_by(
    settings: trust.IdentityProviderSettings, provider: IdentityProvider | None
) -> list[Change]:
    """Say what saving these settings would change of what is trusted now."""
    if provider is None:
        return []
    said = {name: getattr(settings, name) for name in history.ADDRESSES}
    said["certificates"] = sorted(each.sha1 for each in settings.certificates)
    present = history.described(provider)
    return words.changes(
        history.differences({name: present[name] for name in said}, said)
    )


def _explain(form: IdentityProviderForm, invalid: trust.InvalidSettings) -> None:
    for name, refused in invalid.errors.items():
        for refusal in refused:
            form.add_error(name, refusals.sentence(refusal))
            if refusal.reason == CertificateReason.PRIVATE_KEY_PASTED:
                form.data = dict(form.data.items()) | {name: ""}  # never sent back
