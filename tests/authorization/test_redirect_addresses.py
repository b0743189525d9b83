"""Where the codes of an organization's own client go (rows B9 and L7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import (
    clients,
    grants,
    redirect_addresses,
    registrations,
)
from chatwork_admin.authorization.grants import Asked
from chatwork_admin.authorization.models import Grant, OAuthClient
from chatwork_admin.authorization.redirect_addresses import (
    CodeFlow,
    InvalidAddresses,
    TooManyAddresses,
)
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User
from tests.authorization.asking import Ask, scim
from tests.authorization.codes import (
    ANSWER,
    AUTHORIZE,
    Knowing,
    code_of,
    exchange,
    query,
    refresh,
)
from tests.authorization.conftest import Registered, authorizable, registered
from tests.authorization.gallery import BACK, Gallery
from tests.conftest import actor_for

OKTA = "https://system-admin.okta.com/admin/app/cpc/chatwork_1/oauth/callback"
NOWHERE = CodeFlow((), may_omit_response_type=False)


def set_flow(client: OAuthClient, flow: CodeFlow) -> None:
    clients.set_code_flow(client.organization, client.pk, flow, actor=SYSTEM)


def changes() -> list[list[dict[str, object]]]:
    events = AuditEvent.objects.filter(action=Action.CLIENT_ADDRESSES_CHANGED)
    return [event.changes for event in events.order_by("pk")]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "required"),
        ("portal.azure.com/TokenAuthorize", "not-a-uri"),
        ("http://portal.azure.com/TokenAuthorize", "not-https"),
        ("javascript:alert(1)", "not-https"),
        ("https://portal.azure.com/TokenAuthorize#x", "has-fragment"),
        ("https://portal.azure.com/TokenAuthorize#", "has-fragment"),
        ("https://portal.azure.com@evil.example/", "has-user-information"),
        ("https://localhost/callback", "host-not-public"),
        ("https://10.0.0.1/callback", "host-not-public"),
        ("https://[::1]/callback", "host-not-public"),
        ("https:///callback", "invalid-host"),
        ("https://*.okta.com/callback", "invalid-host"),
        ("https://okta.com/a b", "not-a-uri"),
        ("https://okta.com/é", "not-a-uri"),
        (OKTA.replace("chatwork_1", "{appName}"), "placeholder"),
        ("https://okta.com/" + "x" * 2048, "too-long"),
    ],
)
def test_what_no_code_may_go_to_is_refused(address: str, reason: str) -> None:
    with pytest.raises(InvalidAddresses) as invalid:
        CodeFlow((BACK, address), may_omit_response_type=False)
    assert invalid.value.errors == {address: reason}


def test_five_addresses_are_enough() -> None:
    five = tuple(f"{BACK}/{number}" for number in range(5))
    CodeFlow(five, may_omit_response_type=False)
    with pytest.raises(TooManyAddresses):
        CodeFlow((*five, BACK), may_omit_response_type=False)


def test_what_is_offered_is_fit_once_the_application_is_named() -> None:
    offered = redirect_addresses.known()
    assert ("Microsoft Entra ID", BACK) in offered
    named = tuple(uri.replace("{appName}", "chatwork_1") for _, uri in offered)
    assert OKTA in CodeFlow(named, may_omit_response_type=False).redirect_uris


def test_a_client_is_authorized_by_its_own_address(
    as_alice: Client, ask: Ask, enabled_acme: Organization
) -> None:
    okta = authorizable(enabled_acme, OKTA, name="Okta")

    page = as_alice.post(f"{AUTHORIZE}?{urlencode(query(okta, redirect_uri=OKTA))}")

    answer = ANSWER.search(page.text)
    assert answer is not None
    assert answer[1].startswith(f"{OKTA}?code=")
    code = answer[1].partition("code=")[2].partition("&")[0]
    said = ask(exchange(code, redirect_uri=OKTA) | okta.body).json()
    assert scim(said["access_token"]).status_code == 200


def test_no_client_has_the_addresses_of_another(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    okta = authorizable(enabled_acme, OKTA, name="Okta")
    none = registered(enabled_acme, "by credentials")
    wrong: list[tuple[Knowing, str]] = [
        (okta, BACK),
        (gallery, OKTA),
        (none, BACK),
        (none, OKTA),
        (none, ""),
    ]
    for client, address in wrong:
        asked = urlencode(query(client, redirect_uri=address))
        for answer in (
            as_alice.get(f"{AUTHORIZE}?{asked}"),
            as_alice.post(f"{AUTHORIZE}?{asked}"),
            as_alice.post(f"/oauth/deny?{asked}"),
        ):
            assert answer.status_code == 400
            assert "You are not led there." in answer.text
            assert ANSWER.search(answer.text) is None
    assert not Grant.objects.exists()


def test_an_address_that_is_taken_away_gets_no_code_and_what_was_given_goes_on(
    as_alice: Client, ask: Ask, enabled_acme: Organization
) -> None:
    entra = authorizable(enabled_acme)
    said = ask(exchange(code_of(as_alice, entra)) | entra.body).json()

    set_flow(entra.row, NOWHERE)

    answer = as_alice.post(f"{AUTHORIZE}?{urlencode(query(entra))}")
    assert answer.status_code == 400
    assert ask(refresh(said["refresh_token"]) | entra.body).status_code == 200


def test_a_code_on_its_way_to_an_address_that_is_taken_away_is_void(
    as_alice: Client, ask: Ask, enabled_acme: Organization
) -> None:
    entra = authorizable(enabled_acme)
    gone, kept = code_of(as_alice, entra), code_of(as_alice, entra)
    Grant.objects.filter(pk=Grant.objects.latest("pk").pk).update(redirect_uri=OKTA)

    set_flow(entra.row, CodeFlow((OKTA,), may_omit_response_type=False))

    refused = ask(exchange(gone) | entra.body)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    answer = ask(exchange(kept, redirect_uri=OKTA) | entra.body)
    assert answer.status_code == 200
    assert Grant.objects.exclude(revoked_at=None).get().revoked_by == SYSTEM.label


def test_codes_of_an_address_that_stays_are_good_whatever_else_changes(
    as_alice: Client, ask: Ask, enabled_acme: Organization
) -> None:
    entra = authorizable(enabled_acme)
    code = code_of(as_alice, entra)

    set_flow(entra.row, CodeFlow((OKTA, BACK), may_omit_response_type=True))

    assert ask(exchange(code) | entra.body).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_no_code_is_given_for_an_address_that_goes_while_somebody_consents(
    enabled_acme: Organization, alice: User
) -> None:
    entra = authorizable(enabled_acme)
    client = registrations.find(entra.client_id)
    assert client is not None
    asked = Asked(client, BACK, None, "")

    def consent() -> str:
        try:
            return grants.authorize(
                enabled_acme, asked, administrator=alice, actor=actor_for(alice)
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            set_flow(entra.row, NOWHERE)
            code = pool.submit(consent)
            with pytest.raises(TimeoutError):
                code.result(timeout=0.5)  # it waits to see what becomes of the client
        with pytest.raises(grants.NoLongerThere):
            code.result()
    assert not Grant.objects.exists()


def test_what_changes_is_recorded_once(entra: Registered) -> None:
    flow = CodeFlow((BACK,), may_omit_response_type=True)
    for _ in range(2):
        set_flow(entra.row, flow)
    set_flow(entra.row, CodeFlow((BACK,), may_omit_response_type=False))

    marked = {"attribute": "may_omit_response_type", "before": False, "after": True}
    assert changes() == [
        [{"attribute": "redirect_uris", "before": [], "after": [BACK]}, marked],
        [marked | {"before": True, "after": False}],
    ]


def test_whoever_does_not_administer_changes_no_address(
    acme: Organization, carol: User
) -> None:
    client = registered(acme).row
    flow = CodeFlow((BACK,), may_omit_response_type=True)

    with pytest.raises(NotAllowed):
        clients.set_code_flow(acme, client.pk, flow, actor=actor_for(carol))

    client.refresh_from_db()
    assert client.redirect_uris == []
    assert changes() == []


def test_a_neighbours_client_gets_no_address(
    acme: Organization, globex: Organization
) -> None:
    theirs = registered(globex).row
    flow = CodeFlow((BACK,), may_omit_response_type=False)
    with pytest.raises(clients.NoSuchClient):
        clients.set_code_flow(acme, theirs.pk, flow, actor=SYSTEM)


def test_clients_that_were_authorized_keep_the_address_they_had(
    as_alice: Client, enabled_acme: Organization
) -> None:
    entra, other = authorizable(enabled_acme), registered(enabled_acme, "Okta")
    for _ in range(2):
        code_of(as_alice, entra)
    OAuthClient.objects.update(redirect_uris=[])
    migrations = "chatwork_admin.authorization.migrations"
    migration = import_module(f"{migrations}.0007_redirect_addresses_of_clients")

    with connection.cursor() as cursor:
        cursor.execute(migration.WHERE_THEY_WENT)

    entra.row.refresh_from_db()
    other.row.refresh_from_db()
    assert (entra.row.redirect_uris, other.row.redirect_uris) == ([BACK], [])
