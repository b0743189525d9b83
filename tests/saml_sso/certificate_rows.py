"""Certificates that a test needs stored, whatever the clock says."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from saml_sso.models import TrustedCertificate


def expire_in(certificate: TrustedCertificate, **left: float) -> None:
    rows = TrustedCertificate.objects.filter(pk=certificate.pk)
    rows.update(not_after=timezone.now() + timedelta(**left))


def add_certificate(like: TrustedCertificate, *, days: int) -> TrustedCertificate:
    """Trust one more, which lasts so many days and waits as next."""
    text = f"{days:040d}"
    return TrustedCertificate.objects.create(
        organization=like.organization,
        identity_provider=like.identity_provider,
        pem=like.pem,
        subject=like.subject,
        sha1=text,
        sha256=text,
        not_before=like.not_before,
        not_after=timezone.now() + timedelta(days=days),
        key_bits=2048,
        state=TrustedCertificate.State.NEXT,
    )
