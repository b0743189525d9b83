from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import rollover
from saml_sso.identity_providers.certificates import parse_certificate
from saml_sso.models import IdentityProvider, TrustedCertificate
from tests.conftest import actor_for
from tests.saml_sso import builders

PAGE = "/manage/security/login/"
ADD = "/manage/security/login/certificates/"


def step(certificate: TrustedCertificate, name: str) -> str:
    return f"{ADD}{certificate.pk}/{name}/"


def written() -> tuple[object, ...]:
    rows = TrustedCertificate.objects.order_by("pk").values("pk", "state")
    return list(rows), AuditEvent.objects.count()


def test_the_next_certificate_is_added_activated_and_the_old_one_retired(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    old = acme_idp.certificates.get()
    text = builders.pem()
    page = as_alice.post(ADD, {"certificate": text}, follow=True).text

    added = TrustedCertificate.objects.get(sha1=parse_certificate(text).sha1)
    assert f"The certificate {added.sha1} is trusted from now on." in page
    assert added.sha256 in page
    assert "None yet" in page
    page = as_alice.post(step(added, "activate"), follow=True).text
    assert "The certificate is active." in page
    page = as_alice.post(step(old, "retire"), follow=True).text
    assert "nothing signed with it is accepted" in page
    assert "Trust again" in page
    page = as_alice.post(step(old, "remove"), follow=True).text
    assert "The certificate is removed." in page
    assert TrustedCertificate.objects.get() == added


def test_the_page_says_when_a_certificate_signed(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    used_at = timezone.now() - timedelta(days=3)
    acme_idp.certificates.update(first_used_at=used_at, last_used_at=used_at)

    day = f"{timezone.localtime(used_at):%Y-%m-%d}"
    assert day in as_alice.get(PAGE).text.split("Signed sign-ins")[1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This field is required."),
        ("hello", "This is not a certificate in PEM form."),
        (builders.private_key_pem(), "This is a private key, not a certificate."),
        (
            builders.pem() + builders.pem(),
            "Several certificates stand where one is expected, and none was added.",
        ),
    ],
    ids=["nothing", "words", "key", "two"],
)
def test_what_is_no_certificate_is_refused(
    as_alice: Client, acme_idp: IdentityProvider, text: str, sentence: str
) -> None:
    before = written()
    response = as_alice.post(ADD, {"certificate": text})

    assert response.status_code == 422
    assert sentence in response.text
    assert "PRIVATE KEY" not in response.text
    assert written() == before


def test_a_certificate_that_is_there_is_said_to_be_there(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    before = written()
    response = as_alice.post(ADD, {"certificate": acme_idp.certificates.get().pem})

    assert response.status_code == 422
    assert "here and trusted already. Nothing was changed." in response.text
    assert "trusted from now on" not in response.text
    assert written() == before


def test_a_fifth_or_expired_certificate_is_refused(
    as_alice: Client, acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    now = timezone.now()
    old = builders.pem(
        not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
    )
    response = as_alice.post(ADD, {"certificate": old})
    assert response.status_code == 422
    assert "This certificate has expired." in response.text

    for _ in range(3):
        certificate = parse_certificate(builders.pem())
        rollover.add(acme, certificate, actor=actor_for(alice))
    before = written()
    response = as_alice.post(ADD, {"certificate": builders.pem()})
    assert response.status_code == 422
    assert "Four certificates are trusted already." in response.text
    assert written() == before


@pytest.mark.parametrize("name", ["retire", "remove"])
def test_the_last_valid_certificate_stays_under_an_open_gate(
    as_alice: Client, enabled_acme: Organization, name: str
) -> None:
    IdentityProvider.objects.update(mode="optional")
    certificate = TrustedCertificate.objects.get()
    before = written()
    response = as_alice.post(step(certificate, name))

    assert response.status_code == 409
    assert "Add the next one first." in response.text
    page = as_alice.get(PAGE).text
    assert "it stays until the next one is added" in page
    assert step(certificate, name) not in page
    assert written() == before


@pytest.mark.parametrize("name", ["retire", "remove"])
def test_the_certificate_that_signed_last_stays_while_saml_is_on(
    as_alice: Client, acme: Organization, acme_idp: IdentityProvider, name: str
) -> None:
    IdentityProvider.objects.update(mode="optional")
    acme_idp.certificates.update(last_used_at=timezone.now())
    proven = acme_idp.certificates.get()
    as_alice.post(ADD, {"certificate": builders.pem()})
    before = written()
    response = as_alice.post(step(proven, name))

    assert response.status_code == 409
    assert "The last sign-in was signed with this certificate." in response.text
    page = as_alice.get(PAGE).text
    assert "it stays until a sign-in with another one" in page
    assert step(proven, name) not in page
    assert written() == before


def test_a_proposed_certificate_is_shown_first_and_trusted_or_not(
    as_alice: Client, acme: Organization, acme_idp: IdentityProvider
) -> None:
    for _ in range(2):
        rollover.propose(acme, parse_certificate(builders.pem()), actor=SYSTEM)
    one, other = TrustedCertificate.objects.proposed()
    page = as_alice.get(PAGE).text
    certificates = page.split('id="certificates-heading"')[1]
    assert "A new SAML certificate is proposed, and not trusted yet." in page
    assert certificates.index(one.sha1) < certificates.index(
        acme_idp.certificates.trusted().get().sha1
    )
    assert step(one, "activate") not in page
    assert step(one, "remove") not in page

    page = as_alice.post(step(one, "trust"), follow=True).text
    assert "The certificate is trusted from now on." in page
    page = as_alice.post(step(other, "retire"), follow=True).text
    assert "A new SAML certificate is proposed" not in page
    states = {each.sha1: each.state for each in TrustedCertificate.objects.all()}
    assert (states[one.sha1], states[other.sha1]) == ("next", "retired")


@pytest.mark.parametrize("page", ["/manage/", "/manage/sync/", PAGE])
def test_a_proposal_is_told_of_wherever_it_matters(
    as_alice: Client, acme: Organization, acme_idp: IdentityProvider, page: str
) -> None:
    rollover.propose(acme, parse_certificate(builders.pem()), actor=SYSTEM)

    assert "A new SAML certificate is proposed" in as_alice.get(page).text
    japanese = as_alice.get(page, headers={"Accept-Language": "ja"}).text
    assert "新しい SAML 証明書" in japanese


def test_a_certificate_that_somebody_removed_is_not_found(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    gone = f"{ADD}{uuid.uuid4()}/retire/"

    assert as_alice.post(gone).status_code == 404


def test_adding_to_settings_that_somebody_removed_says_so(
    as_alice: Client, acme: Organization
) -> None:
    response = as_alice.post(ADD, {"certificate": builders.pem()})

    assert response.status_code == 409
    assert "There are no SAML login settings any more." in response.text


def test_a_user_manager_sees_certificates_and_changes_none(
    as_carol: Client, acme_idp: IdentityProvider
) -> None:
    certificate = acme_idp.certificates.get()
    before = written()

    page = as_carol.get(PAGE).text
    assert certificate.sha1 in page
    assert "Retire" not in page
    for address in (
        ADD,
        *(step(certificate, each) for each in ("trust", "activate", "retire")),
    ):
        assert as_carol.post(address, {}).status_code == 403
    assert written() == before


def test_a_certificate_that_is_not_valid_yet_is_said_to_count_from_its_day(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    day = timezone.now() + timedelta(days=30)
    later = builders.pem(not_before=day, not_after=day + timedelta(days=30))

    said = as_alice.post(ADD, {"certificate": later}, follow=True).text

    assert f"is trusted from {timezone.localtime(day):%Y-%m-%d} on." in said


def test_what_is_no_certificate_stays_in_its_box_unless_it_is_a_private_key(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    refused = as_alice.post(ADD, {"certificate": "typed by mistake"})
    assert "typed by mistake" in refused.text

    key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"
    assert "c2VjcmV0" not in as_alice.post(ADD, {"certificate": key}).text
