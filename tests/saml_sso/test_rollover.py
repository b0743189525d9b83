from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import rollover
from saml_sso.identity_providers.certificates import (
    SigningCertificate,
    parse_certificate,
)
from saml_sso.identity_providers.locks import NotConfigured
from saml_sso.models import IdentityProvider, TrustedCertificate
from tests.conftest import actor_for
from tests.saml_sso import builders

NEXT = parse_certificate(builders.pem())
A_DAY = timedelta(days=1)


def past() -> SigningCertificate:
    now = timezone.now()
    text = builders.pem(not_before=now - 9 * A_DAY, not_after=now - A_DAY)
    return parse_certificate(text)


def current(provider: IdentityProvider) -> TrustedCertificate:
    return provider.certificates.order_by("added_at").earliest("added_at")


def state(certificate: TrustedCertificate) -> str:
    certificate.refresh_from_db()
    return certificate.state


def switch_on(provider: IdentityProvider) -> None:
    IdentityProvider.objects.filter(pk=provider.pk).update(mode="optional")


def expire(provider: IdentityProvider) -> None:
    provider.certificates.update(not_after=timezone.now() - A_DAY)


def written(acme: Organization) -> tuple[object, ...]:
    """Everything that a refused step must leave as it is."""
    acme.refresh_from_db()
    return (
        acme.saml_versions,
        AuditEvent.objects.count(),
        list(TrustedCertificate.objects.order_by("pk").values()),
        list(IdentityProvider.objects.values()),
    )


def test_a_certificate_is_added_ahead_and_the_test_stays_passed(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    IdentityProvider.objects.update(tested_version=acme_idp.config_version)

    added = rollover.add(acme, NEXT, actor=actor_for(alice))
    before = written(acme)
    with pytest.raises(rollover.AlreadyTrusted):
        rollover.add(acme, NEXT, actor=actor_for(alice))

    assert written(acme) == before
    acme_idp.refresh_from_db()
    assert added.state == "next"
    assert acme_idp.is_tested
    (event,) = AuditEvent.objects.filter(action="saml.cert_added")
    assert event.target["label"] == NEXT.sha1
    assert event.context["version"] == acme.saml_settings_versions.count() == 2


def test_activating_and_retiring_are_recorded_once_each(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    added = rollover.add(acme, NEXT, actor=actor_for(alice))
    for step in (rollover.activate, rollover.retire):
        for _ in range(2):
            step(acme, added.pk, actor=actor_for(alice))

    assert state(added) == "retired"
    for action in ("saml.cert_activated", "saml.cert_retired"):
        assert AuditEvent.objects.filter(action=action).count() == 1


def test_retiring_needs_a_new_test_unless_another_certificate_has_signed(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    used = current(acme_idp)
    IdentityProvider.objects.update(tested_version=acme_idp.config_version)
    added = rollover.add(acme, NEXT, actor=actor_for(alice))
    acme_idp.certificates.filter(pk=used.pk).update(last_used_at=timezone.now())

    rollover.retire(acme, added.pk, actor=actor_for(alice))
    acme_idp.refresh_from_db()
    assert acme_idp.is_tested

    rollover.activate(acme, added.pk, actor=actor_for(alice))
    rollover.retire(acme, used.pk, actor=actor_for(alice))
    acme_idp.refresh_from_db()
    assert not acme_idp.is_tested


def test_what_is_known_of_a_retired_certificate_survives_its_return(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    used_at = timezone.now()
    certificate = current(acme_idp)
    acme_idp.certificates.update(first_used_at=used_at, last_used_at=used_at)
    rollover.retire(acme, certificate.pk, actor=actor_for(alice))
    rollover.activate(acme, certificate.pk, actor=actor_for(alice))

    assert state(certificate) == "active"
    assert certificate.first_used_at == certificate.last_used_at == used_at


def test_a_removed_certificate_is_gone(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    added = rollover.add(acme, NEXT, actor=actor_for(alice))
    rollover.remove(acme, added.pk, actor=actor_for(alice))

    assert not acme_idp.certificates.filter(pk=added.pk).exists()
    (event,) = AuditEvent.objects.filter(action="saml.cert_removed")
    assert event.changes[0]["attribute"] == "certificates"


def test_a_fifth_certificate_is_refused_and_a_retired_one_does_not_count(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    for _ in range(3):
        last = rollover.add(
            acme, parse_certificate(builders.pem()), actor=actor_for(alice)
        )
    before = written(acme)
    with pytest.raises(rollover.TooManyCertificates):
        rollover.add(acme, NEXT, actor=actor_for(alice))
    assert written(acme) == before

    rollover.retire(acme, last.pk, actor=actor_for(alice))
    rollover.add(acme, NEXT, actor=actor_for(alice))
    before = written(acme)
    with pytest.raises(rollover.TooManyCertificates):
        rollover.activate(acme, last.pk, actor=actor_for(alice))
    assert written(acme) == before


def test_an_expired_certificate_is_neither_added_nor_taken_back(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    old = current(acme_idp)
    rollover.retire(acme, old.pk, actor=actor_for(alice))
    expire(acme_idp)
    before = written(acme)
    with pytest.raises(rollover.CertificateExpired):
        rollover.add(acme, past(), actor=actor_for(alice))
    with pytest.raises(rollover.CertificateExpired):
        rollover.activate(acme, old.pk, actor=actor_for(alice))

    assert written(acme) == before


@pytest.mark.parametrize("step", [rollover.retire, rollover.remove])
def test_the_last_valid_certificate_stays_while_saml_is_on(
    acme: Organization, alice: User, acme_idp: IdentityProvider, step: object
) -> None:
    switch_on(acme_idp)
    certificate = current(acme_idp)
    waiting = rollover.add(acme, NEXT, actor=actor_for(alice))
    acme_idp.certificates.filter(pk=waiting.pk).update(
        not_before=timezone.now() + A_DAY
    )
    before = written(acme)
    with pytest.raises(rollover.LastCertificate):
        step(acme, certificate.pk, actor=actor_for(alice))  # type: ignore[operator]

    assert written(acme) == before


@pytest.mark.parametrize("step", [rollover.retire, rollover.remove])
def test_the_certificate_that_signed_last_stays_until_another_has_signed(
    acme: Organization, alice: User, acme_idp: IdentityProvider, step: object
) -> None:
    switch_on(acme_idp)
    proven = current(acme_idp)
    waiting = rollover.add(acme, NEXT, actor=actor_for(alice))
    rows = acme_idp.certificates
    rows.filter(pk=waiting.pk).update(last_used_at=timezone.now() - A_DAY)
    rows.filter(pk=proven.pk).update(last_used_at=timezone.now())
    before = written(acme)
    with pytest.raises(rollover.SignedLast):
        step(acme, proven.pk, actor=actor_for(alice))  # type: ignore[operator]
    assert written(acme) == before

    rows.filter(pk=waiting.pk).update(last_used_at=timezone.now())
    step(acme, proven.pk, actor=actor_for(alice))  # type: ignore[operator]
    assert not rows.filter(pk=proven.pk, state="active").exists()


def test_the_database_itself_keeps_the_last_valid_certificate(
    acme_idp: IdentityProvider,
) -> None:
    switch_on(acme_idp)
    rows = TrustedCertificate.objects.filter(identity_provider=acme_idp)
    for change in (
        lambda: rows.update(state="retired"),
        lambda: rows.update(not_after=timezone.now() - A_DAY),
        rows.delete,
    ):
        with pytest.raises(IntegrityError, match="SAML is on"), transaction.atomic():
            change()

    assert rows.get().state == "active"


def test_an_expired_certificate_may_go_although_it_is_the_only_one(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    expire(acme_idp)
    switch_on(acme_idp)
    certificate = current(acme_idp)

    rollover.retire(acme, certificate.pk, actor=actor_for(alice))

    assert state(certificate) == "retired"


def test_the_last_certificate_may_go_while_saml_is_off(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    certificate = current(acme_idp)

    rollover.remove(acme, certificate.pk, actor=actor_for(alice))

    assert not acme_idp.certificates.exists()


@pytest.mark.parametrize(
    "step",
    [rollover.trust, rollover.activate, rollover.retire, rollover.remove],
    ids=lambda s: s.__name__,
)
def test_another_organizations_certificate_is_none(
    acme: Organization,
    alice: User,
    acme_idp: IdentityProvider,
    globex: Organization,
    mallory: User,
    step: object,
) -> None:
    certificate = current(acme_idp)
    before = written(acme)
    with pytest.raises(NotConfigured):
        step(globex, certificate.pk, actor=actor_for(mallory))  # type: ignore[operator]
    with pytest.raises(rollover.NoSuchCertificate):
        step(acme, uuid.uuid4(), actor=actor_for(alice))  # type: ignore[operator]

    assert written(acme) == before
