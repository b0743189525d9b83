from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from chatwork_admin.audit import delivery
from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent, AuditSink
from chatwork_admin.organizations.models import Organization
from saml_sso.identity_providers.expiry import warn_of_expiring_certificates
from saml_sso.models import CertificateWarning, IdentityProvider, TrustedCertificate
from saml_sso.tasks import warn_of_expiring_certificates as task
from tests.conftest import trust_an_identity_provider
from tests.saml_sso.certificate_rows import add_certificate, expire_in


@pytest.fixture
def certificate(acme_idp: IdentityProvider) -> TrustedCertificate:
    return acme_idp.certificates.get()


def warnings(organization: Organization) -> list[Any]:
    events = AuditEvent.objects.filter(
        organization_id=organization.pk, action=Action.SAML_CERTIFICATE_EXPIRING
    )
    return [event.context["days"] for event in events.order_by("id")]


@pytest.mark.parametrize(
    ("left", "days"),
    [
        ({"days": 61}, []),
        ({"days": 60, "minutes": 1}, []),
        ({"days": 59, "hours": 23}, [60]),
        ({"days": 30, "minutes": 1}, [60]),
        ({"days": 29}, [30]),
        ({"days": 13}, [14]),
        ({"days": 6}, [7]),
        ({"hours": 23}, [1]),
        ({"minutes": 1}, [1]),
        ({"minutes": -1}, [0]),
        ({"days": -400}, [0]),
    ],
)
def test_the_most_urgent_warning_is_recorded_and_no_other(
    acme: Organization,
    certificate: TrustedCertificate,
    left: dict[str, float],
    days: list[int],
) -> None:
    expire_in(certificate, **left)

    assert warn_of_expiring_certificates() == len(days)
    assert warnings(acme) == days


def test_each_warning_comes_once_as_time_goes_by(
    acme: Organization, certificate: TrustedCertificate
) -> None:
    for left in (90, 59, 58, 29, 28, 13, 6, 3, 0.9, 0.1, -0.1, -30):
        expire_in(certificate, days=left)
        warn_of_expiring_certificates()
        warn_of_expiring_certificates()

    assert warnings(acme) == [60, 30, 14, 7, 1, 0]


def test_a_certificate_that_is_stored_anew_is_not_warned_of_again(
    acme: Organization, certificate: TrustedCertificate
) -> None:
    expire_in(certificate, days=20)
    warn_of_expiring_certificates()
    row = TrustedCertificate.objects.get(pk=certificate.pk)
    row.delete()
    row.save(force_insert=True)

    assert warn_of_expiring_certificates() == 0
    assert warnings(acme) == [30]


def test_a_warning_names_the_certificate_that_lasts_longer(
    acme: Organization, certificate: TrustedCertificate
) -> None:
    expire_in(certificate, days=20)
    later = add_certificate(certificate, days=900)
    add_certificate(certificate, days=400)
    warn_of_expiring_certificates()

    event = AuditEvent.objects.get(action=Action.SAML_CERTIFICATE_EXPIRING)
    assert event.target["label"] == certificate.sha1
    assert event.context["successor"] == later.sha1
    assert event.actor["kind"] == "system"


def test_a_retired_certificate_is_neither_warned_of_nor_a_successor(
    acme: Organization, certificate: TrustedCertificate
) -> None:
    expire_in(certificate, days=20)
    old = add_certificate(certificate, days=5)
    new = add_certificate(certificate, days=900)
    retired = TrustedCertificate.objects.filter(pk__in=[old.pk, new.pk])
    retired.update(state=TrustedCertificate.State.RETIRED)

    assert warn_of_expiring_certificates() == 1
    event = AuditEvent.objects.get(action=Action.SAML_CERTIFICATE_EXPIRING)
    assert event.context["successor"] == ""


def test_each_organization_is_warned_of_its_own_certificates(
    acme: Organization, globex: Organization, certificate: TrustedCertificate
) -> None:
    other = trust_an_identity_provider(globex).certificates.get()
    expire_in(certificate, days=20)
    expire_in(other, days=5)
    # The same certificate in two organizations is two matters.
    TrustedCertificate.objects.filter(pk=other.pk).update(sha256=certificate.sha256)

    task()

    assert warnings(acme) == [30]
    assert warnings(globex) == [7]


def test_a_warning_reaches_the_administrator_by_mail_once(
    acme: Organization, certificate: TrustedCertificate
) -> None:
    expire_in(certificate, days=20)
    for _ in range(2):
        task()
        for sink in AuditSink.objects.filter(organization_id=acme.pk):
            delivery.drain(sink.pk)

    _, sent = mail.outbox  # before it, that there are settings
    assert sent.to == ["alice@acme.test"]
    assert "expires within 30 days" in sent.subject
    assert certificate.sha1 in sent.body
    assert CertificateWarning.objects.count() == 1
