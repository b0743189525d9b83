"""The stand-in fetches its access tokens from the running product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import workload_identities
from chatwork_admin.authorization.models import AccessToken, Grant
from chatwork_admin.organizations.models import Organization
from tests.authorization.codes import code_of, exchange
from tests.authorization.conftest import registered
from tests.authorization.gallery import Gallery
from tests.authorization.workloads import AUDIENCE, SUBJECT, entra_tenant, trust_in
from tests.entra_id.client import ScimClient
from tests.entra_id.credentials import OAuthClient, Way, WorkloadClient
from tests.entra_id.failures import BadConnection
from tests.entra_id.sign_on.serving import serving
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant
from tests.entra_id.small_directory import DIRECTORY
from tests.entra_id.workload_identity import WorkloadIdentity

pytestmark = pytest.mark.django_db(transaction=True)
Connect = Callable[[OAuthClient], ScimClient]


@pytest.fixture
def endpoint(live_server: LiveServer) -> str:
    return f"{live_server.url}/oauth/token"


@pytest.fixture
def connect(live_server: LiveServer) -> Connect:
    return lambda known: ScimClient(f"{live_server.url}/scim/v2", known)


def ask(client: ScimClient) -> None:
    assert client.find("Users", 'userName eq "nobody@acme.test"') == []


@pytest.mark.parametrize("sent", ["header", "body", "both"])
def test_one_token_is_fetched_for_many_requests(
    enabled_acme: Organization, connect: Connect, endpoint: str, sent: Way
) -> None:
    entra = registered(enabled_acme)
    with connect(
        OAuthClient(endpoint, entra.client_id, entra.secret, sent=sent)
    ) as client:
        for _ in range(3):
            ask(client)

    assert AccessToken.objects.get().client == entra.row


def test_a_token_that_ends_soon_is_replaced(
    enabled_acme: Organization,
    connect: Connect,
    endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.entra_id.credentials._SPARE", 3600.0)
    entra = registered(enabled_acme)
    with connect(OAuthClient(endpoint, entra.client_id, entra.secret)) as client:
        ask(client)
        ask(client)

    assert AccessToken.objects.count() == 2


def test_a_wrong_secret_is_a_bad_connection(
    enabled_acme: Organization, connect: Connect, endpoint: str
) -> None:
    entra = registered(enabled_acme)
    with (
        connect(OAuthClient(endpoint, entra.client_id, "wrong")) as client,
        pytest.raises(BadConnection, match="401"),
    ):
        ask(client)


def test_what_was_authorized_is_exchanged_once_and_then_refreshed(
    as_alice: Client,
    gallery: Gallery,
    enabled_acme: Organization,
    connect: Connect,
    endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.entra_id.credentials._SPARE", 3600.0)
    given = exchange(code_of(as_alice, gallery))
    known = OAuthClient(endpoint, gallery.client_id, gallery.secret, grant=given)
    with connect(known) as client:
        ask(client)
        ask(client)

    assert Grant.objects.get().access_tokens.count() == 2


def test_a_workload_signs_who_it_is_and_knows_no_secret(
    enabled_acme: Organization,
    connect: Connect,
    endpoint: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.entra_id.credentials._SPARE", 3600.0)
    client = registered(enabled_acme).row
    with serving(Site(Tenant(entra_tenant(), DIRECTORY))) as address:
        settings.SAML_STAND_INS = [address]
        provider = replace(entra_tenant(), authority=address)
        workload = WorkloadIdentity(provider, SUBJECT, AUDIENCE)
        identity = workload_identities.add(
            enabled_acme, client.pk, trust_in(workload), actor=SYSTEM
        )
        known = WorkloadClient(endpoint, client.client_id, workload)
        with connect(known) as service:
            ask(service)
            ask(service)

    assert identity.access_tokens.count() == 2


def test_a_workload_that_nobody_trusts_is_a_bad_connection(
    enabled_acme: Organization, connect: Connect, endpoint: str
) -> None:
    client = registered(enabled_acme).row
    workload = WorkloadIdentity(entra_tenant(), SUBJECT, AUDIENCE)
    known = WorkloadClient(endpoint, client.client_id, workload)
    with connect(known) as service, pytest.raises(BadConnection, match="401"):
        ask(service)
