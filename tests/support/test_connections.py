"""What support sees of what lets provisioning clients in: all but what lets one in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, grants, tokens
from chatwork_admin.authorization.models import (
    AccessToken,
    Grant,
    OAuthClient,
    WorkloadIdentity,
)
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.support.read_only import history_of
from chatwork_admin.synchronization import gate
from tests.authorization.conftest import (
    another_secret,
    authorizable,
    granted,
    registered,
)
from tests.authorization.gallery import BACK
from tests.conftest import actor_for, enable
from tests.support.test_pages import list_of, page_of, read, results


def by_hand(organization: Organization, name: str = "Okta") -> AccessToken:
    return tokens.issue(organization, name=name, expires_at=None, actor=SYSTEM)[0]


def fetched(client: OAuthClient) -> AccessToken:
    soon = timezone.now() + timedelta(hours=1)
    return AccessToken.objects.create(
        organization=client.organization, client=client, expires_at=soon, digest="x"
    )


def test_a_clients_page_has_its_secrets_by_purpose_and_last_characters(
    as_victor: Client, enabled_acme: Organization
) -> None:
    entra = registered(enabled_acme, "SCIM of Entra")
    second = another_secret(entra.row, "the next one")
    ended = entra.row.secrets.get(note="first")
    clients.revoke_secret(enabled_acme, entra.row.pk, ended.pk, actor=SYSTEM)

    page = read(as_victor, page_of(entra.row))

    for shown in (entra.client_id, "the next one", ended.last_characters, "Revoked"):
        assert shown in page
    for secret in (entra.secret, second):
        assert secret not in page


def test_a_clients_page_says_where_its_codes_go(
    as_victor: Client, enabled_acme: Organization
) -> None:
    client = authorizable(enabled_acme, BACK, f"{BACK}/2").row
    assert f"{BACK}, {BACK}/2" in read(as_victor, page_of(client))


def test_a_client_without_a_secret_says_what_that_means(
    as_victor: Client, acme: Organization
) -> None:
    client = clients.register(acme, name="x", token_minutes=60, actor=SYSTEM)
    said = "No secret was issued: only a workload identity lets the client sign in."
    assert said in read(as_victor, page_of(client))


def test_a_client_says_whose_assertions_prove_it(
    as_victor: Client, acme: Organization
) -> None:
    client = registered(acme).row
    assert "No workload identity is trusted" in read(as_victor, page_of(client))
    WorkloadIdentity.objects.create(
        organization=acme,
        client=client,
        issuer="https://login.microsoftonline.com/tenant/v2.0",
        subject="the service principal",
        audience="api://chatwork",
        keys_problem="unreachable",
    )

    page = read(as_victor, page_of(client))

    for shown in ("/tenant/v2.0", "the service principal", "api://", "unreachable"):
        assert shown in page


def test_a_grant_says_who_gave_it_and_until_when_it_is_to_be_given_again(
    as_victor: Client, enabled_acme: Organization
) -> None:
    grant = granted(enabled_acme)
    Grant.objects.update(hand_over_by=timezone.now() + timedelta(days=3))
    grant.refresh_from_db()
    day = f"{timezone.localdate(grant.hand_over_by):%Y-%m-%d}"

    for page in (read(as_victor, list_of(Grant)), read(as_victor, page_of(grant))):
        assert "alice@acme.test" in page
        assert day in page
        assert "Valid" in page


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_end_has_its_word(
    as_victor: Client, enabled_acme: Organization, alice: User, language: str
) -> None:
    as_victor.cookies["__Host-language"] = language
    words = {
        "en": ("Ended when user synchronization was disabled", "Valid", "Revoked"),
        "ja": ("ユーザー同期の無効化により終了", "有効", "失効済み"),
    }[language]
    old = by_hand(enabled_acme)
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))
    enable(enabled_acme)
    alive, revoked = by_hand(enabled_acme, "a"), by_hand(enabled_acme, "b")
    tokens.revoke(enabled_acme, revoked.pk, actor=SYSTEM)

    for row, word in zip((old, alive, revoked), words, strict=True):
        assert word in read(as_victor, page_of(row))


def test_tokens_by_hand_and_of_clients_are_told_apart(
    as_victor: Client, enabled_acme: Organization
) -> None:
    mine = by_hand(enabled_acme)
    theirs = fetched(registered(enabled_acme).row)

    for chosen, row, other in (("yes", mine, theirs), ("no", theirs, mine)):
        page = read(as_victor, f"{list_of(AccessToken)}?by_hand={chosen}")
        assert str(row.pk) in page
        assert str(other.pk) not in page
    organization = read(as_victor, page_of(enabled_acme))
    assert mine.last_characters in organization
    assert str(theirs.pk) not in organization


@pytest.mark.parametrize("model", [OAuthClient, Grant, AccessToken])
def test_they_are_found_by_organization_or_by_their_own_id(
    as_victor: Client,
    enabled_acme: Organization,
    globex: Organization,
    model: type[OAuthClient | Grant | AccessToken],
) -> None:
    enable(globex)
    for organization in (enabled_acme, globex):
        registered(organization)
        granted(organization)
        by_hand(organization)
    row = model.objects.get(organization=enabled_acme)

    for term in ("acme", "Acme 株式会社", str(enabled_acme.pk), str(row.pk)):
        page = read(as_victor, f"{list_of(model)}?q={term}")
        assert results(page) == 1
        assert str(row.pk) in page
    assert results(read(as_victor, f"{list_of(model)}?q=nothing")) == 0
    chosen = f"{list_of(model)}?organization={enabled_acme.pk}"
    assert results(read(as_victor, chosen)) == 1
    assert chosen in read(as_victor, page_of(enabled_acme))


def test_the_history_of_each_is_in_the_audit_log(
    as_victor: Client, enabled_acme: Organization
) -> None:
    grant = granted(enabled_acme)
    grants.revoke(enabled_acme, grant.pk, actor=SYSTEM)

    page = read(as_victor, history_of(grant))

    assert results(page) == 2
    assert str(Action.GRANT_REVOKED.label) in page


@pytest.mark.parametrize("model", [OAuthClient, Grant, AccessToken])
def test_a_list_takes_as_many_statements_however_long_it_is(
    as_victor: Client,
    enabled_acme: Organization,
    model: type[OAuthClient | Grant | AccessToken],
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            read(as_victor, list_of(model))
        return len(queries)

    registered(enabled_acme, "first")
    granted(enabled_acme)
    by_hand(enabled_acme, "first")
    few = statements()
    for number in range(4):
        registered(enabled_acme, f"{number}")
        granted(enabled_acme)
        by_hand(enabled_acme, f"{number}")

    assert statements() == few
