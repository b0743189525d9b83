"""Entra ID proves itself in each way that it can (rows B6, B8 to B26 of the catalogue)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

import httpx
import pytest

from tests.entra_id.administrator import Administrator
from tests.entra_id.authorization import Click
from tests.entra_id.credentials import Bearer, OAuthClient, Way, WorkloadClient
from tests.entra_id.directory import Directory
from tests.entra_id.failures import BadConnection
from tests.entra_id.identity_provider import new_identity_provider
from tests.entra_id.sign_on.serving import serving
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant
from tests.entra_id.workload_identity import WorkloadIdentity
from tests.running_product.conftest import (
    STAND_IN,
    RunningProduct,
    connected,
    entra,
    in_a_domain_of_its_own,
    smaller,
)

pytestmark = pytest.mark.processes

WayIn = Callable[[Administrator, RunningProduct], httpx.Auth]


def by_authorize(administrator: Administrator, running: RunningProduct) -> httpx.Auth:
    click = Click(running.registration)
    token = click.redeem(administrator.authorize(click.address))
    return running.registration.client(token)


def by_client_credentials(
    sent: Way, administrator: Administrator, running: RunningProduct
) -> httpx.Auth:
    client_id, secret = administrator.register_client("Entra ID")
    return OAuthClient(
        running.registration.token_endpoint, client_id, secret, sent=sent
    )


def by_bearer_token(administrator: Administrator, _: RunningProduct) -> httpx.Auth:
    return Bearer(administrator.issue_token("Entra ID"))


def by_workload_identity(
    administrator: Administrator, running: RunningProduct
) -> httpx.Auth:
    provider = replace(new_identity_provider(str(uuid.uuid4())), authority=STAND_IN)
    workload = WorkloadIdentity(provider, subject=str(uuid.uuid4()), audience="api://x")
    site = Site(Tenant(provider, Directory()))
    with serving(site, int(STAND_IN.rpartition(":")[2])):
        client_id = administrator.trust_workload("Entra ID", workload)
    return WorkloadClient(running.registration.token_endpoint, client_id, workload)


WAYS: dict[str, WayIn] = {
    "authorize": by_authorize,
    "header": partial(by_client_credentials, "header"),
    "body": partial(by_client_credentials, "body"),
    "both": partial(by_client_credentials, "both"),
    "bearer": by_bearer_token,
    "workload": by_workload_identity,
}


def let_in(running: RunningProduct, customer: dict[str, str], way: str) -> httpx.Auth:
    with Administrator(running.product.base_url) as administrator:
        administrator.sign_in(
            customer["administrator_email"], customer["administrator_password"]
        )
        return WAYS[way](administrator, running)


@pytest.mark.parametrize("way", WAYS)
def test_a_first_cycle_creates_everybody_and_a_second_changes_nothing(
    running: RunningProduct, directory: Directory, tmp_path: Path, way: str
) -> None:
    customer = running.organization(f"way-{way}")
    people = in_a_domain_of_its_own(smaller(directory, 6), f"way-{way}")
    credentials = let_in(running, customer, way)
    service = entra(customer, people, tmp_path / "state.json", credentials=credentials)
    with service.client:
        assert service.test_connection().succeeded
        first = service.initial_cycle()
        recorded = running.wait_until_delivered()["events"]
        second = service.initial_cycle(restart=True)

    assert first.failures == second.failures == ()
    assert first.count("created", "users") == len(people.users)
    assert (second.created, second.updated) == (0, 0)
    assert second.linked == first.created
    assert running.wait_until_delivered()["events"] == recorded


def test_a_token_that_has_expired_is_replaced_before_the_next_cycle(
    running: RunningProduct,
    directory: Directory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer = running.organization("an-hour-later")
    people = in_a_domain_of_its_own(smaller(directory, 3), "an-hour-later")
    credentials = let_in(running, customer, "authorize")
    service = entra(customer, people, tmp_path / "state.json", credentials=credentials)
    with service.client:
        assert service.initial_cycle().failures == ()
        with connected(running) as database:
            database.execute(
                "UPDATE authorization_accesstoken SET expires_at = now() WHERE grant_id IS NOT NULL"
            )
        with pytest.raises(BadConnection, match="CW-AUTH-1"):
            service.client.find("Users", 'userName eq "nobody"')

        monkeypatch.setattr(
            "tests.entra_id.credentials.monotonic", lambda: monotonic() + 3600
        )
        later = service.initial_cycle(restart=True)

    assert later.failures == ()
    assert (later.created, later.updated) == (0, 0)
