from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from saml_sso.models import IdentityProvider, MetadataFetch, identity_provider_of
from tests.portal.saml.test_settings import SAVE, HiddenFields
from tests.saml_sso import builders

PAGE = "/manage/security/login/"
FETCH = f"{PAGE}address/"
WATCH = f"{PAGE}watch/"
URL = (
    "https://login.microsoftonline.com/8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
    "/federationmetadata/2007-06/federationmetadata.xml?appid=1"
)
WHOLE_TENANT = (
    "https://login.microsoftonline.com/8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
    "/FederationMetadata/2007-06/FederationMetadata.xml"
)


def ask(client: Client, url: str = URL) -> str:
    response = client.post(FETCH, {"address": url})
    assert response.status_code == 302, response.text
    return str(response["Location"])


def come_back(document: bytes = b"", problem: str = "", status: int = 0) -> None:
    """As the worker writes it down."""
    MetadataFetch.objects.update(
        document=document, problem=problem, status=status, finished_at=timezone.now()
    )


def test_metadata_is_fetched_previewed_saved_and_watched(
    as_alice: Client, acme: Organization
) -> None:
    waiting = ask(as_alice)
    assert 'http-equiv="refresh"' in as_alice.get(waiting).text
    come_back(builders.entra_metadata())
    preview = as_alice.get(waiting)
    assert "Nothing is saved yet." in preview.text
    assert identity_provider_of(acme) is None

    fields = HiddenFields(preview.text).values | {"watched": URL}
    page = as_alice.post(SAVE, fields, follow=True).text

    provider = IdentityProvider.objects.get()
    assert provider.metadata_url == URL
    assert "Not looked yet" in page
    assert "metadata_url" in str(AuditEvent.objects.latest("id").changes)


def test_saving_without_the_tick_watches_nothing(
    as_alice: Client, acme: Organization
) -> None:
    waiting = ask(as_alice)
    come_back(builders.entra_metadata())
    as_alice.post(SAVE, HiddenFields(as_alice.get(waiting).text).values)

    assert IdentityProvider.objects.get().metadata_url == ""


def test_an_address_nobody_may_visit_saves_nothing(
    as_alice: Client, acme: Organization
) -> None:
    waiting = ask(as_alice)
    come_back(builders.entra_metadata())
    fields = HiddenFields(as_alice.get(waiting).text).values
    response = as_alice.post(SAVE, fields | {"watched": "https://169.254.169.254/"})

    assert response.status_code == 422
    assert identity_provider_of(acme) is None
    assert not AuditEvent.objects.filter(action="saml.updated").exists()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "This field is required."),
        ("http://login.microsoftonline.com/x", "must begin with https://"),
        ("https://127.0.0.1/", "reachable on the internet"),
        ("https://evil.test/", "from Microsoft&#x27;s addresses only"),
        ("https://login.microsoftonline.com/common/x?appid=1", "not that of a tenant"),
        ("javascript:alert(1)", "must begin with https://"),
    ],
)
def test_an_address_that_may_not_be_visited_says_why(
    as_alice: Client, acme: Organization, url: str, sentence: str
) -> None:
    response = as_alice.post(FETCH, {"address": url})

    assert response.status_code == 422
    assert sentence in response.text
    assert not MetadataFetch.objects.exists()
    assert not AuditEvent.objects.filter(action__startswith="saml.").exists()


@pytest.mark.parametrize(
    ("came", "sentence"),
    [
        ({"problem": "too-slow"}, "did not answer within five seconds"),
        ({"problem": "refused", "status": 404}, "HTTP status 404"),
        ({"document": b"<html/>"}, "This XML is not SAML metadata."),
        ({"document": b""}, "not a complete XML document"),
    ],
)
def test_what_did_not_come_back_says_why(
    as_alice: Client, acme: Organization, came: dict[str, object], sentence: str
) -> None:
    waiting = ask(as_alice)
    come_back(**came)  # type: ignore[arg-type]
    response = as_alice.get(waiting)

    assert response.status_code == 422
    assert sentence in response.text
    assert URL.replace("&", "&amp;") in response.text


def test_the_address_of_a_whole_tenant_is_warned_of(
    as_alice: Client, acme: Organization
) -> None:
    waiting = ask(as_alice, WHOLE_TENANT)
    come_back(builders.entra_metadata())
    page = as_alice.get(waiting).text

    assert "This address is of the whole tenant" in page
    assert " checked>" not in page


def test_the_address_of_a_whole_tenant_is_warned_of_before_and_after(
    as_alice: Client, acme: Organization, acme_idp: IdentityProvider
) -> None:
    hint = "Use the “App Federation Metadata Url” of the application"
    waiting = ask(as_alice, WHOLE_TENANT)
    assert hint in as_alice.get(waiting).text
    come_back(problem="refused", status=404)
    assert hint in as_alice.get(waiting).text

    acme_idp.metadata_url = WHOLE_TENANT
    acme_idp.save()
    assert hint in as_alice.get(PAGE).text
    acme_idp.metadata_url = URL
    acme_idp.save()
    assert hint not in as_alice.get(PAGE).text


def test_a_fetch_that_nobody_carries_out_is_said_to_be_late(
    as_alice: Client, acme: Organization
) -> None:
    waiting = ask(as_alice)
    MetadataFetch.objects.update(requested_at=timezone.now() - timedelta(minutes=1))

    assert "It takes longer than usual." in as_alice.get(waiting).text


def test_where_new_certificates_are_looked_for_is_changed_and_given_up(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    page = as_alice.post(WATCH, {"watched": URL, "activates": "on"}, follow=True).text
    acme_idp.refresh_from_db()
    assert "The address of the metadata is saved." in page
    assert (acme_idp.metadata_url, acme_idp.activates_new_certificates) == (URL, True)

    IdentityProvider.objects.update(
        metadata_problem="other-login-url", metadata_checked_at=timezone.now()
    )
    assert "names another login URL" in as_alice.get(PAGE).text
    as_alice.post(WATCH, {"watched": ""})
    acme_idp.refresh_from_db()
    assert acme_idp.metadata_url == ""


def test_an_address_that_may_not_be_watched_is_refused(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    response = as_alice.post(WATCH, {"watched": "https://evil.test/"})

    assert response.status_code == 422
    acme_idp.refresh_from_db()
    assert acme_idp.metadata_url == ""


@pytest.mark.parametrize("path", [FETCH, WATCH])
def test_a_user_manager_fetches_and_watches_nothing(
    as_carol: Client, acme_idp: IdentityProvider, path: str
) -> None:
    sent = {"address": URL, "watched": URL}

    assert as_carol.post(path, sent).status_code == 403
    assert not MetadataFetch.objects.exists()
