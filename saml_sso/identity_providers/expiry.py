"""Warn in time of certificates that expire: 60, 30, 14, 7 and 1 days ahead, and then."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM, Target, record
from chatwork_admin.database.statements import insert
from saml_sso.models import CertificateWarning, TrustedCertificate

THRESHOLDS = (0, 1, 7, 14, 30, 60)  # days, the most urgent first
ONCE = "(organization_id, sha256, days)"  # `a_certificate_is_warned_of_once`


def warn_of_expiring_certificates() -> int:
    """Record each warning that has become due; return how many.

    Each comes once, and the most urgent one alone, however late this runs.
    """
    now = timezone.now()
    trusted = TrustedCertificate.objects.trusted()
    soon = trusted.filter(not_after__lt=now + timedelta(days=THRESHOLDS[-1]))
    return sum(_warn(certificate, now) for certificate in soon.order_by("id"))


def successor_of(certificate: TrustedCertificate) -> TrustedCertificate | None:
    """Return the trusted certificate that lasts longer, the longest of them."""
    trusted = certificate.identity_provider.certificates.trusted()
    later = trusted.filter(not_after__gt=certificate.not_after)
    return later.order_by("not_after").last()


@transaction.atomic
def _warn(certificate: TrustedCertificate, now: datetime) -> bool:
    days = _threshold(certificate, now)
    warning = CertificateWarning(
        organization_id=certificate.organization_id,
        sha256=certificate.sha256,
        days=days,
    )
    if not insert(warning, conflict=ONCE):
        return False
    successor = successor_of(certificate)
    record(
        Action.SAML_CERTIFICATE_EXPIRING,
        organization_id=certificate.organization_id,
        actor=SYSTEM,
        target=Target("certificate", str(certificate.pk), certificate.sha1),
        context={
            "days": days,
            "expires": f"{timezone.localtime(certificate.not_after):%Y-%m-%d %H:%M}",
            "successor": successor.sha1 if successor else "",
        },
    )
    return True


def _threshold(certificate: TrustedCertificate, now: datetime) -> int:
    left = certificate.not_after - now
    return next(days for days in THRESHOLDS if left <= timedelta(days=days))
