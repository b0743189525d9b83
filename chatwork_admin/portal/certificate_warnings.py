"""What administrators must know of the SAML certificates, wherever they are in the portal."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chatwork_admin.portal.time_left import days_left
from saml_sso.identity_providers.expiry import THRESHOLDS
from saml_sso.identity_providers.ways_in import valid_certificate
from saml_sso.models import IdentityProvider, TrustedCertificate


@dataclass(frozen=True, slots=True)
class CertificateWarning:
    """`kind` is bad, warn or info; `certificate` is the one that expires, if one does."""

    kind: str
    text: Promise | str
    advice: Promise
    certificate: TrustedCertificate | None = None


def warnings_of(provider: IdentityProvider | None) -> list[CertificateWarning]:
    """Return what is to be said: of the ends of certificates, and of a new one."""
    found = (warning_of(provider), proposal_of(provider))
    return [each for each in found if each is not None]


def proposal_of(provider: IdentityProvider | None) -> CertificateWarning | None:
    """Return what is said of a certificate that waits for the administrator."""
    certificates = provider.certificates.all() if provider else []
    for each in certificates:
        if each.state == TrustedCertificate.State.PROPOSED:
            return CertificateWarning("warn", PROPOSED, COMPARE, each)
    return None


def warning_of(provider: IdentityProvider | None) -> CertificateWarning | None:
    """Return the most urgent warning; none while the last of them has sixty days left."""
    if provider is None:
        return None
    last = valid_certificate(provider)
    if last is None:
        return NONE_VALID
    if days := _days_if_soon(last):
        kind = next(kind for most, kind in KINDS.items() if days <= most)
        return CertificateWarning(kind, _expires_in(days), NO_SUCCESSOR, last)
    return _warning_of_one_with_a_successor(provider)


def _warning_of_one_with_a_successor(
    provider: IdentityProvider,
) -> CertificateWarning | None:
    active = TrustedCertificate.State.ACTIVE
    for certificate in provider.certificates.all():  # the first to expire comes first
        days = _days_if_soon(certificate)
        if days and days <= SWITCH_WITHIN and certificate.state == active:
            text = _expires_in(days)
            return CertificateWarning("info", text, HAS_SUCCESSOR, certificate)
    return None


def _days_if_soon(certificate: TrustedCertificate) -> int:
    """Return the days that are left, begun ones too; 0 where there is time, or none."""
    days = days_left(certificate.not_after)
    return days if days <= THRESHOLDS[-1] else 0


def _expires_in(days: int) -> str:
    return ngettext(
        "A SAML certificate expires within %(days)d day.",
        "A SAML certificate expires within %(days)d days.",
        days,
    ) % {"days": days}


KINDS = {7: "bad", 30: "warn", THRESHOLDS[-1]: "info"}
SWITCH_WITHIN = 30  # days in which Entra ID should be told to use the next one
PROPOSED = _("A new SAML certificate is proposed, and not trusted yet.")
COMPARE = _(
    "It was found in the metadata. Compare its thumbprint with the one that Entra ID "
    "shows, and decide. Until then whoever is signed in with it is refused."
)
NONE_VALID = CertificateWarning(
    "bad",
    _("No SAML certificate is valid today: nobody can sign in with Entra ID."),
    _(
        "Activate a new certificate in Entra ID and add it here. Synchronization goes on."
    ),
)
NO_SUCCESSOR = _(
    "No later one is trusted yet. Make a new one in Entra ID, and add it here before you "
    "activate it there."
)
HAS_SUCCESSOR = _(
    "A later one is trusted already. See to it that Entra ID signs with it in time."
)
