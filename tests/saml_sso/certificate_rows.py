"""Certificates that a test needs stored, whatever the clock says."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from saml_sso.models import TrustedCertificate


def expire_in(certificate: TrustedCertificate, **left: float) -> None:
    rows = TrustedCertificate.objects.filter(pk=certificate.pk)
    rows.update(not_after=timezone.now() + timedelta(**left))


def let_all_expire() -> None:
    """Let time pass: that is nobody's write, so no trigger has a say in it."""
    past = timezone.now() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE chatwork_owner")
        cursor.execute("SET session_replication_role = replica")
        TrustedCertificate.objects.update(not_after=past)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("SET ROLE chatwork_app")


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
