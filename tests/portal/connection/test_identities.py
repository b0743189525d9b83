"""Workload identity federation on a client's page (B26)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization import workload_identities
from chatwork_admin.authorization.client_assertions import AssertionReason
from chatwork_admin.authorization.models import OAuthClient
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.connection.identity_words import REFUSALS
from chatwork_admin.synchronization import gate
from saml_sso.remote_metadata.fetching import FetchReason
from tests.authorization.asking import Ask
from tests.authorization.conftest import Registered, ask, registered
from tests.authorization.workloads import (
    AUDIENCE,
    SUBJECT,
    Trusted,
    entra_tenant,
    trusted,
)
from tests.conftest import actor_for
from tests.entra_id.sign_on.serving import serving
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant
from tests.entra_id.small_directory import DIRECTORY
from tests.entra_id.workload_identity import WorkloadIdentity

__all__ = ["ask"]  # a fixture
CLIENTS = "/manage/sync/connection/clients/"
AUDIT = "/manage/audit/"


@pytest.fixture
def entra(enabled_acme: Organization) -> Registered:
    return registered(enabled_acme)


@pytest.fixture
def workload(settings: Any) -> Iterator[WorkloadIdentity]:
    """A workload of the stand-in, whose keys can be had on this machine."""
    with serving(Site(Tenant(entra_tenant(), DIRECTORY))) as address:
        settings.SAML_STAND_INS = [address]
        provider = replace(entra_tenant(), authority=address)
        yield WorkloadIdentity(provider, SUBJECT, AUDIENCE)


def page_of(client: OAuthClient) -> str:
    return f"{CLIENTS}{client.pk}/"


def add_url(client: OAuthClient) -> str:
    return f"{page_of(client)}federation/"


def remove_url(client: OAuthClient) -> str:
    identity = client.workload_identities.get()
    return f"{add_url(client)}{identity.pk}/remove/"


def form(workload: WorkloadIdentity, **changed: str) -> dict[str, str]:
    return {
        "issuer": workload.issuer,
        "jwks_uri": workload.jwks_uri,
        "subject": workload.subject,
        "audience": workload.audience,
    } | changed


def test_an_identity_is_typed_in_and_proves_the_client(
    as_alice: Client, ask: Ask, entra: Registered, workload: WorkloadIdentity
) -> None:
    scope = f" {workload.audience}/.default "  # as Entra's pages show it

    page = as_alice.post(
        add_url(entra.row), form(workload, audience=scope), follow=True
    )

    assert page.redirect_chain == [(page_of(entra.row), 302)]
    assert "The identity is trusted, and its keys are here." in page.text
    assert SUBJECT in page.text
    assert "1 key" in page.text
    [event] = AuditEvent.objects.filter(action=Action.WORKLOAD_IDENTITY_ADDED)
    assert event.actor["label"] == "Alice"
    row = entra.row.workload_identities.get()
    assert ask(Trusted(row, workload).body()).status_code == 200
    assert "just now" in as_alice.get(page_of(entra.row)).text
    assert "just now" in as_alice.get("/manage/sync/connection/").text


BY_SECRET = "Authentication method: OAuth2 client credentials grant."
BY_IDENTITY = "Authentication method: workload identity federation"


def test_the_page_of_a_client_says_how_it_is_proven(
    as_alice: Client, entra: Registered
) -> None:
    def said() -> tuple[bool, bool]:
        page = as_alice.get(page_of(entra.row)).text
        return BY_SECRET in page, BY_IDENTITY in page

    assert said() == (True, False)
    trusted(entra.row)
    assert said() == (True, True)
    entra.row.secrets.update(revoked_at=timezone.now())
    assert said() == (False, True)


def test_the_form_says_what_goes_where(as_alice: Client, entra: Registered) -> None:
    page = as_alice.get(add_url(entra.row)).text
    assert "add-identity-form" in page
    assert "discovery/v2.0/keys" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"issuer": ""}, "This field is required."),
        ({"issuer": "https://x.test/<tenant>"}, "what is between brackets"),
        (
            {"jwks_uri": "https://evil.test/keys"},
            "from Microsoft&#x27;s addresses only",
        ),
        ({"jwks_uri": "https://127.0.0.1/keys"}, "must be reachable on the internet"),
        ({"jwks_uri": "keys"}, "it begins with https://"),
        (
            {"jwks_uri": "https://login.microsoftonline.com/common/keys"},
            "This address is of every tenant.",
        ),
        ({"subject": "x" * 256}, "at most 255 characters"),
        ({"audience": "/.default"}, "This field is required."),
    ],
)
def test_what_is_typed_wrong_is_trusted_by_nobody(
    as_alice: Client,
    entra: Registered,
    workload: WorkloadIdentity,
    changed: dict[str, str],
    said: str,
) -> None:
    answer = as_alice.post(add_url(entra.row), form(workload, **changed))

    assert answer.status_code == 422
    assert said in answer.text
    assert not entra.row.workload_identities.exists()
    assert not AuditEvent.objects.filter(action=Action.WORKLOAD_IDENTITY_ADDED).exists()


def test_the_same_identity_and_a_fourth_are_refused(
    as_alice: Client, entra: Registered, workload: WorkloadIdentity
) -> None:
    for subject in ("1", "2", "3"):
        as_alice.post(add_url(entra.row), form(workload, subject=subject))

    again = as_alice.post(add_url(entra.row), form(workload, subject="1"))
    fourth = as_alice.post(add_url(entra.row), form(workload, subject="4"))

    assert "and audience is trusted already." in again.text
    assert "Three identities are trusted already." in fourth.text
    assert [again.status_code, fourth.status_code] == [422, 422]
    assert entra.row.workload_identities.count() == 3


def test_keys_that_cannot_be_had_are_told_at_once(
    as_alice: Client, entra: Registered, workload: WorkloadIdentity
) -> None:
    elsewhere = workload.jwks_uri.replace("keys", "nothing")

    page = as_alice.post(
        add_url(entra.row), form(workload, jwks_uri=elsewhere), follow=True
    )

    assert "but its keys are missing: The server has no keys" in page.text
    assert "Not fetched" in page.text


def test_removing_an_identity_says_what_happens(
    as_alice: Client, entra: Registered
) -> None:
    trusted(entra.row)
    address = remove_url(entra.row)
    assert "Its tokens are refused at once" in as_alice.get(address).text

    answer = as_alice.post(address, follow=True).text

    assert "The workload identity is removed." in answer
    assert "No identity is trusted." in answer
    assert as_alice.post(address).status_code == 404


def test_one_that_disabling_has_ended_is_shown_as_such(
    as_alice: Client, alice: User, entra: Registered, enabled_acme: Organization
) -> None:
    trusted(entra.row)
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))
    page = as_alice.get(page_of(entra.row)).text
    assert "Ended when user synchronization was disabled" in page
    assert workload_identities.live_identities(entra.row) == []


def test_a_user_manager_sees_identities_and_changes_nothing(
    as_carol: Client, entra: Registered, workload: WorkloadIdentity
) -> None:
    trusted(entra.row)

    page = as_carol.get(page_of(entra.row)).text

    assert SUBJECT in page
    assert "federation/" not in page
    fields = form(workload, subject="another")
    for address in (add_url(entra.row), remove_url(entra.row)):
        assert as_carol.get(address).status_code == 403
        assert as_carol.post(address, fields).status_code == 403
    assert entra.row.workload_identities.filter(removed_at=None).count() == 1


def test_a_refusal_is_told_in_words(
    as_alice: Client, ask: Ask, entra: Registered
) -> None:
    workload = trusted(entra.row)
    ask(workload.body(workload.says(aud="api://another")))

    page = as_alice.get(AUDIT).text

    assert "Client assertion refused" in page
    assert "No workload identity that is trusted has this audience." in page
    assert "api://another" in page


def test_every_reason_has_its_words() -> None:
    assert REFUSALS.keys() == {*AssertionReason}


def test_every_problem_of_fetching_has_its_words(
    as_alice: Client, entra: Registered
) -> None:
    row = trusted(entra.row).row
    for reason in FetchReason:
        row.keys_problem = reason
        row.save()
        page = as_alice.get(page_of(entra.row)).text
        assert "Not fetched" in page
        assert "Enter the address as" not in page
