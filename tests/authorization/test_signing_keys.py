"""Where keys come from, over real connections; and how often anybody goes there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import signing_keys, workload_identities
from chatwork_admin.authorization.models import AccessToken, WorkloadIdentity
from chatwork_admin.authorization.signing_keys import NO_KEYS, PAUSE
from chatwork_admin.organizations.models import Organization
from saml_sso.remote_metadata.addresses import AddressReason
from saml_sso.remote_metadata.fetching import FetchReason
from tests.authorization.asking import Ask, refused
from tests.authorization.conftest import Registered, registered
from tests.authorization.workloads import (
    AUDIENCE,
    SUBJECT,
    Trusted,
    another_tenant,
    entra_tenant,
    reasons,
    trust_in,
    trusted,
)
from tests.entra_id.sign_on.serving import serving
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant
from tests.entra_id.small_directory import DIRECTORY
from tests.entra_id.workload_identity import WorkloadIdentity as Workload
from tests.entra_id.workload_identity import key_set
from tests.saml_sso.tls_servers import Server, answer, authority, serve

HOST = "login.microsoftonline.com"


@pytest.fixture
def workload(entra: Registered) -> Trusted:
    return trusted(entra.row, has_keys=False)


def look(workload: Trusted, server: Server, assertion: str = "") -> list[str]:
    """Look for the keys of an assertion; return whom it called."""
    network, called = server.network()
    text = assertion or workload.workload.assertion()
    signing_keys.look_for(workload.client.client_id, text, network=network)
    workload.row.refresh_from_db()
    return called


def at(address: str, entra: Registered) -> Trusted:
    """Trust the workload of a stand-in on this machine."""
    provider = replace(entra_tenant(), authority=address)
    workload = Workload(provider, SUBJECT, AUDIENCE)
    row = workload_identities.add(
        entra.row.organization, entra.row.pk, trust_in(workload), actor=SYSTEM
    )
    return Trusted(row, workload)


def pass_time(seconds: float) -> None:
    row = WorkloadIdentity.objects.get()
    for name in ("keys_sought_at", "keys_fetched_at"):
        if instant := getattr(row, name):
            setattr(row, name, instant - timedelta(seconds=seconds))
    row.save()


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Server]:
    context = authority().serving(HOST, tmp_path)
    with serve(context, answer(key_set(entra_tenant()))) as server:
        yield server


def test_keys_are_fetched_when_they_are_needed_and_kept(
    ask: Ask, workload: Trusted, issuer: Server
) -> None:
    assert look(workload, issuer)
    assert workload.row.keys_problem == ""
    [head] = issuer.requests
    assert head.startswith(b"GET /8adf8e6e-67b2-4cf2-a259-e3dc5476c621/discovery/")
    assert b"Accept: application/jwk-set+json" in head

    assert ask(workload.body()).status_code == 200
    assert not look(workload, issuer)


def test_an_unknown_key_is_looked_for_once_a_minute(
    workload: Trusted, issuer: Server
) -> None:
    look(workload, issuer)
    made_up = workload.headed(kid="made-up")
    assert not look(workload, issuer, made_up)  # somebody has looked just now

    pass_time(PAUSE.total_seconds())

    assert look(workload, issuer, made_up)
    for number in range(5):
        assert not look(workload, issuer, workload.headed(kid=str(number)))
    assert len(issuer.requests) == 2


def test_what_does_not_name_all_that_is_trusted_sends_us_nowhere(
    workload: Trusted, issuer: Server, enabled_acme: Organization
) -> None:
    wrong = [
        workload.says(iss="https://evil.test"),
        workload.says(sub="nobody"),
        workload.says(aud="api://another"),
        workload.headed(jku="https://evil.test/keys"),
        "x",
    ]
    assert not any(look(workload, issuer, each) for each in wrong)
    other = registered(enabled_acme, "Okta").client_id
    network, called = issuer.network()
    for client_id in (other, "x", ""):
        text = workload.workload.assertion()
        signing_keys.look_for(client_id, text, network=network)
    assert called == []


def test_after_half_a_day_keys_are_fetched_again(
    workload: Trusted, tmp_path: Path, issuer: Server
) -> None:
    look(workload, issuer)
    pass_time(12 * 3600)

    context = authority().serving(HOST, tmp_path)
    with serve(context, answer(key_set(another_tenant()))) as later:
        assert look(workload, later)

    assert workload.row.keys.keys() == {another_tenant().thumbprint}


def test_a_key_that_the_issuer_has_ended_proves_nobody(
    ask: Ask, workload: Trusted, tmp_path: Path
) -> None:
    context = authority().serving(HOST, tmp_path)
    with serve(context, answer(key_set(another_tenant()))) as server:
        look(workload, server)

    assert refused(ask(workload.body()))
    assert reasons() == ["assertion-key-unknown"]


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"{}", "200 OK", NO_KEYS),
        (b"<html></html>", "200 OK", NO_KEYS),
        (b"", "500 Oops", FetchReason.REFUSED),
        (b"", "302 Found", FetchReason.REDIRECTED),
        (b"x" * 600_000, "200 OK", FetchReason.TOO_LARGE),
    ],
)
def test_what_cannot_be_had_is_noted_and_proves_nothing_either_way(
    ask: Ask, workload: Trusted, tmp_path: Path, body: bytes, status: str, problem: str
) -> None:
    context = authority().serving(HOST, tmp_path)
    with serve(context, answer(body, status=status)) as server:
        look(workload, server)

    assert workload.row.keys_problem == problem
    answered = ask(workload.body())
    assert refused(answered, "temporarily_unavailable", 503)
    assert reasons() == []  # it is not the client that failed
    assert not AccessToken.objects.exists()


def test_known_keys_are_believed_while_the_issuer_cannot_be_reached(
    ask: Ask, workload: Trusted, tmp_path: Path, issuer: Server
) -> None:
    look(workload, issuer)
    pass_time(13 * 3600)
    context = authority().serving(HOST, tmp_path)
    with serve(context, answer(b"", status="500 Oops")) as broken:
        assert look(workload, broken)

    assert workload.row.keys_problem == FetchReason.REFUSED
    assert ask(workload.body()).status_code == 200


def test_an_address_that_leads_inside_is_not_called(
    workload: Trusted, issuer: Server
) -> None:
    network, called = issuer.network(["169.254.169.254"])
    signing_keys.renew(workload.row, network=network)
    workload.row.refresh_from_db()
    assert workload.row.keys_problem == FetchReason.NOT_PUBLIC
    assert called == []


def test_an_address_is_judged_again_whenever_somebody_goes_there(
    workload: Trusted, issuer: Server
) -> None:
    """A host may have been taken off the list since."""
    WorkloadIdentity.objects.update(jwks_uri="https://keys.example.jp/jwks")
    workload.row.refresh_from_db()
    network, called = issuer.network()
    signing_keys.renew(workload.row, network=network)
    workload.row.refresh_from_db()
    assert workload.row.keys_problem == AddressReason.HOST_NOT_LISTED
    assert called == []


def test_a_host_of_the_installation_may_be_called(
    workload: Trusted, tmp_path: Path, settings: Any
) -> None:
    settings.OAUTH_KEY_HOSTS = ["keys.example.jp"]
    WorkloadIdentity.objects.update(jwks_uri="https://keys.example.jp/jwks")
    workload.row.refresh_from_db()
    context = authority().serving("keys.example.jp", tmp_path)
    with serve(context, answer(key_set(entra_tenant()))) as server:
        assert look(workload, server)
    assert workload.row.keys_problem == ""


def test_the_token_endpoint_looks_for_keys_by_itself(
    ask: Ask, entra: Registered, settings: Any
) -> None:
    """At a stand-in on this machine, which no production may name."""
    site = Site(Tenant(entra_tenant(), DIRECTORY))
    with serving(site) as address:
        settings.SAML_STAND_INS = [address]
        workload = at(address, entra)
        assert ask(workload.body()).status_code == 200
        settings.SAML_STAND_INS = []
        pass_time(13 * 3600)
        assert ask(workload.body()).status_code == 200

    workload.row.refresh_from_db()
    assert workload.row.keys_problem == "not-https"


@pytest.mark.django_db(transaction=True)
def test_processes_that_look_at_once_send_one_of_them(
    entra: Registered, issuer: Server
) -> None:
    workload = trusted(entra.row, has_keys=False)
    network, called = issuer.network(*[["8.8.8.8"]] * 8)
    start = threading.Barrier(8)

    def look() -> None:
        start.wait()
        signing_keys.renew(workload.row, network=network)
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(called) == 1
    workload.row.refresh_from_db()
    assert workload.row.keys


class Watching(Site):
    """Counts what our connection to the database holds while keys are asked for."""

    def __init__(self, tenant: Tenant, process: int) -> None:
        super().__init__(tenant)
        self.process = process
        self.seen: list[int] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE pid = %s", [self.process]
            )
            self.seen.append(cursor.fetchone()[0])
        connection.close()
        return super().__call__(environ, start_response)


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_an_issuer_in_a_transaction(
    ask: Ask, entra: Registered, settings: Any
) -> None:
    connection.ensure_connection()
    tenant = Tenant(entra_tenant(), DIRECTORY)
    site = Watching(tenant, connection.connection.info.backend_pid)
    with serving(site) as address:
        settings.SAML_STAND_INS = [address]
        assert ask(at(address, entra).body()).status_code == 200

    assert site.seen == [0]  # not even the lock on itself that a transaction has
