"""A certificate that metadata names lets nobody in before the administrator trusts it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from django.db import IntegrityError, transaction

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User
from saml_sso import keys
from saml_sso.identity_providers import modes, rollover
from saml_sso.identity_providers.certificates import parse_certificate
from saml_sso.identity_providers.modes import Blocker, Mode
from saml_sso.models import IdentityProvider, TrustedCertificate
from saml_sso.sign_in import testing
from tests.conftest import actor_for
from tests.entra_id.identity_provider import IdentityProvider as Signer
from tests.entra_id.identity_provider import new_identity_provider
from tests.entra_id.xml_encryption import TokenEncryption
from tests.saml_sso.logging_out import bring, refusals, told
from tests.saml_sso.signing_in import (
    Entra,
    Visitor,
    asked_by,
    refused_because,
    signer_of,
    written,
)


@pytest.fixture
def following(entra: Entra) -> Entra:
    """The same Entra ID with its next key, whose certificate is proposed."""
    signer = new_identity_provider(entra.signer.tenant_id)
    text = signer.certificate.public_bytes(Encoding.PEM).decode()
    rollover.propose(entra.organization, parse_certificate(text), actor=SYSTEM)
    return replace(entra, signer=signer)


def proposed() -> TrustedCertificate:
    return TrustedCertificate.objects.proposed().get()


@pytest.mark.parametrize("signed", ["assertion", "response", "both", "encrypted"])
def test_a_message_of_a_proposed_certificate_is_refused_with_its_own_code(
    following: Entra, bob: User, signed: str
) -> None:
    ours = load_pem_x509_certificate(keys.current_pair().certificate.encode())
    is_encrypted = signed == "encrypted"
    visitor = Visitor(following)
    asked = visitor.start()
    before = written()

    response = visitor.answer(
        asked,
        bob,
        signing_option="assertion" if is_encrypted else signed,
        encryption=TokenEncryption(ours) if is_encrypted else None,
    )

    assert response.status_code == 403
    assert refused_because() == ["certificate-proposed"]
    event = AuditEvent.objects.latest("id")
    assert event.context["hint"] == following.signer.thumbprint
    assert written() == before
    assert proposed().last_used_at is None
    # Nor did it answer the request: the present key still may.
    present = replace(visitor, entra=replace(following, signer=_present(following)))
    present.follow(present.answer(asked, bob))
    assert present.is_signed_in


def test_a_message_of_a_key_nobody_knows_is_not_of_a_proposed_certificate(
    following: Entra, bob: User
) -> None:
    visitor = Visitor(replace(following, signer=new_identity_provider("8" * 8)))

    visitor.answer(visitor.start(), bob)

    assert refused_because() == ["certificate-unknown"]


def test_it_signs_people_in_once_it_is_trusted(
    following: Entra, alice: User, bob: User
) -> None:
    visitor = Visitor(following)
    organization = following.organization
    version = following.provider.config_version

    row = proposed()
    rollover.trust(organization, row.pk, actor=actor_for(alice))
    with pytest.raises(rollover.AlreadyTrusted):
        rollover.trust(organization, row.pk, actor=actor_for(alice))
    visitor.sign_in(bob)

    assert visitor.is_signed_in
    assert following.provider.config_version == version  # the test stays passed
    (event,) = AuditEvent.objects.filter(action="saml.cert_added")
    assert event.actor["id"] == str(alice.pk)
    assert event.context["version"] == organization.saml_settings_versions.count()


def test_whoever_pastes_a_proposed_certificate_trusts_it(
    following: Entra, alice: User
) -> None:
    certificate = parse_certificate(proposed().pem)
    row = rollover.add(following.organization, certificate, actor=actor_for(alice))

    assert row.state == "next"
    assert not TrustedCertificate.objects.proposed().exists()


def test_whoever_does_not_trust_it_is_not_asked_again(
    following: Entra, alice: User, bob: User
) -> None:
    organization, certificate = (
        following.organization,
        parse_certificate(proposed().pem),
    )
    version = organization.saml_settings_versions.count()
    rollover.retire(organization, proposed().pk, actor=actor_for(alice))
    rollover.propose(organization, certificate, actor=SYSTEM)

    assert not TrustedCertificate.objects.proposed().exists()
    assert organization.saml_settings_versions.count() == version
    visitor = Visitor(following)
    visitor.answer(visitor.start(), bob)
    assert refused_because() == ["certificate-retired"]


def test_a_test_sign_in_says_so(following: Entra, alice: User) -> None:
    url = testing.start(following.organization, administrator=alice, next_path="/")
    Visitor(following).answer(asked_by(url), alice)

    test = testing.last_test(following.organization, alice)
    assert test is not None
    assert test.examination is not None
    reasons = [each["reason"] for each in test.examination["checks"] if each["reason"]]
    assert reasons == ["certificate-proposed"]
    assert not test.examination["passed"]


def test_a_logout_message_of_it_ends_nothing(
    following: Entra, entra: Entra, bob: User
) -> None:
    visitor = Visitor(entra)
    visitor.sign_in(bob)
    session = bob.sessions.get()
    query = told(following, session.saml_name_id, session.saml_session_index)

    assert bring(entra, query).status_code == 403

    assert refusals() == ["certificate-proposed"]
    assert visitor.is_signed_in


def test_it_is_no_valid_certificate_for_a_mode_and_no_reason_to_let_the_other_go(
    following: Entra, acme: Organization, alice: User
) -> None:
    provider = following.provider
    present = provider.certificates.trusted().get()
    for step in (rollover.retire, rollover.remove):
        with pytest.raises(rollover.LastCertificate):
            step(acme, present.pk, actor=actor_for(alice))
    with pytest.raises(IntegrityError, match="SAML is on"), transaction.atomic():
        TrustedCertificate.objects.filter(pk=present.pk).update(state="retired")

    IdentityProvider.objects.update(mode="off")
    rollover.retire(acme, present.pk, actor=actor_for(alice))
    found = modes.blockers(following.provider, Mode.OPTIONAL, administrator=alice)
    assert Blocker.CERTIFICATE_NOT_VALID in found


def _present(following: Entra) -> Signer:
    return signer_of(following.organization.slug)
