from __future__ import annotations

import json

import pytest
from django.test import Client

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.certificate_warnings import warning_of
from saml_sso.models import (
    IdentityProvider,
    TrustedCertificate,
    identity_provider_of,
)
from tests.saml_sso.certificate_rows import (
    add_certificate,
    expire_in,
    let_all_expire,
)

PAGES = ["/manage/", "/manage/sync/", "/manage/security/login/"]
State = TrustedCertificate.State


@pytest.fixture
def certificate(acme_idp: IdentityProvider) -> TrustedCertificate:
    return acme_idp.certificates.get()


def kind(organization: Organization) -> str:
    warning = warning_of(identity_provider_of(organization))
    return warning.kind if warning else ""


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        *[(61, ""), (59.5, "info"), (31, "info"), (29.5, "warn"), (8, "warn")],
        *[(6.5, "bad"), (0.1, "bad"), (-0.1, "bad")],
    ],
)
def test_the_warning_gets_more_urgent_as_the_end_comes_nearer(
    acme: Organization, certificate: TrustedCertificate, days: float, expected: str
) -> None:
    expire_in(certificate, days=days)
    assert kind(acme) == expected


def test_without_settings_there_is_nothing_to_warn_of() -> None:
    assert warning_of(None) is None


def test_a_later_certificate_calms_the_warning_and_a_retired_one_does_not(
    acme: Organization, certificate: TrustedCertificate
) -> None:
    expire_in(certificate, days=5)
    later = add_certificate(certificate, days=900)
    assert kind(acme) == "info"

    TrustedCertificate.objects.filter(pk=later.pk).update(state=State.RETIRED)
    assert kind(acme) == "bad"


def test_who_has_retired_the_old_certificate_is_left_in_peace(
    acme: Organization, certificate: TrustedCertificate
) -> None:
    expire_in(certificate, days=5)
    add_certificate(certificate, days=900)
    TrustedCertificate.objects.filter(pk=certificate.pk).update(state=State.RETIRED)

    assert kind(acme) == ""


@pytest.mark.parametrize("page", PAGES)
def test_each_page_that_it_matters_to_shows_the_warning(
    as_alice: Client, certificate: TrustedCertificate, page: str
) -> None:
    assert "certificate-warning" not in as_alice.get(page).text

    expire_in(certificate, days=20)

    text = as_alice.get(page).text
    assert "expires within 20 days" in text
    assert certificate.sha1 in text


@pytest.mark.parametrize("page", PAGES)
def test_it_is_shown_in_japanese_too(
    as_alice: Client, certificate: TrustedCertificate, page: str
) -> None:
    expire_in(certificate, days=-1)

    japanese = as_alice.get(page, headers={"Accept-Language": "ja"}).text
    assert "ユーザー同期は継続しています" in japanese


def test_an_expired_certificate_never_stops_who_is_to_lose_access(
    enabled_acme: Organization, scim: Client, bob: User, carol: User
) -> None:
    let_all_expire()
    off = {"op": "replace", "path": "active", "value": False}
    schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
    body = json.dumps({"schemas": [schema], "Operations": [off]})

    suspended = scim.patch(
        f"/scim/v2/Users/{bob.pk}", body, content_type="application/scim+json"
    )
    deleted = scim.delete(f"/scim/v2/Users/{carol.pk}")

    assert (suspended.status_code, deleted.status_code) == (200, 204)
    bob.refresh_from_db()
    assert not bob.is_active
    assert not enabled_acme.users.present().filter(pk=carol.pk).exists()
