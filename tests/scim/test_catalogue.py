"""Rows of the requirement catalogue that no other test proves, one test each."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from django.test import Client

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.models import Organization, User
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    GROUPS,
    SCIM_JSON,
    USERS,
    Answer,
    Document,
    Provisioning,
    address,
)
from tests.scim.documents.examples import without

TITLE: Document = {"op": "Replace", "path": "title", "value": "T"}
OWN = ("id", "meta")


@pytest.mark.parametrize(
    "path", [USERS, GROUPS, *map("/scim/v2/{}".format, ("Schemas", "ResourceTypes"))]
)
def test_every_endpoint_is_directly_below_one_address(
    entra: Provisioning, path: str
) -> None:
    """Row A1; RFC 7644 §3.13."""
    assert entra.get(path).status == 200
    assert entra.get("/scim/v2/ServiceProviderConfig").status == 200
    assert entra.get("/scim/v3/Users").status == 400


def test_a_query_string_disturbs_no_request(entra: Provisioning) -> None:
    """Row A4: administrators append Entra's flag to the Tenant URL."""
    flag = "?aadOptscim062020"
    created = entra.post(USERS + flag, {"userName": "a@example.jp"})
    one = f"{USERS}/{created.id}{flag}"
    group = f"{GROUPS}/{entra.create_group('A', created.id)}{flag}"

    assert entra.patch(one, TITLE).body["title"] == "T"
    assert entra.put(one, {"userName": "a@example.jp"}).status == 200
    renamed = {"op": "replace", "path": "displayName", "value": "B"}
    assert entra.patch(group, renamed).status == 204
    assert entra.delete(group).status == entra.delete(one).status == 204


@pytest.mark.parametrize("blank", ["+", "%20"])
def test_a_filter_is_decoded_whatever_stands_for_a_blank(
    scim: Client, entra: Provisioning, blank: str
) -> None:
    """Row A5."""
    entra.create("o'neil+x&y@example.jp")
    literal = quote("o'neil+x&y@example.jp")

    answer = scim.get(f"{USERS}?filter=userName{blank}eq{blank}%22{literal}%22")

    assert answer.json()["totalResults"] == 1


def test_every_answer_with_a_body_is_scim_json(
    entra: Provisioning, neighbour: Provisioning
) -> None:
    """Row A7."""
    entra.create("a@example.jp")
    large = b" " * 1024 * 1024 + b"{}"
    answers = [
        Answer(Client().get(USERS)),
        neighbour.post(USERS, {"userName": "a@example.jp"}),
        entra.get(USERS),
        entra.get("/scim/v2/Schemas", filter="x"),
        entra.get("/scim/v2/nothing"),
        entra.get("/scim/v9/Users"),
        entra.get("/scim"),
        entra.get("/scim/v2/Me"),
        entra.send("PUT", USERS, b""),
        entra.send("POST", USERS, b"{", "application/json"),
        entra.send("POST", USERS, large),
        entra.send("POST", USERS, b"{}", "text/plain"),
    ]

    statuses = [401, 409, 200, 403, 404, 400, 404, 501, 405, 400, 413, 415]
    assert [each.status for each in answers] == statuses
    assert {each.headers["Content-Type"] for each in answers} == {SCIM_JSON}


@pytest.mark.parametrize("agent", [None, ""])
def test_a_request_needs_no_user_agent_and_a_bodiless_one_no_content_type(
    scim: Client, entra: Provisioning, agent: str | None
) -> None:
    """Rows A8 and A10."""
    headers = {} if agent is None else {"user-agent": agent}
    one = f"{USERS}/{entra.create('a@example.jp')}"

    read = scim.get(one, headers=headers)
    deleted = scim.delete(one, headers=headers)

    for answer in (read, deleted):
        sent = answer.request
        assert not sent.get("CONTENT_TYPE")
        assert not sent.get("HTTP_USER_AGENT")
    assert (read.status_code, deleted.status_code) == (200, 204)


def test_addresses_follow_the_configuration_and_not_the_host(scim: Client) -> None:
    """Row A12; RFC 7644 §3.3 and RFC 7643 §3.1."""
    created = scim.post(
        USERS,
        {"userName": "a@example.jp"},
        content_type="application/json",
        headers={"host": "internal:8000", "x-forwarded-host": "other.example"},
    )

    location = address(f"{USERS}/{created.json()['id']}")
    assert created["Location"] == created.json()["meta"]["location"] == location


def test_names_are_read_in_any_letter_case(entra: Provisioning) -> None:
    """Row A14; RFC 7643 §2.1."""
    created = entra.post(
        USERS,
        {
            "SCHEMAS": [CORE],
            "UserName": "a@example.jp",
            "Emails": [{"TYPE": "work", "Value": "w@x.jp", "Primary": True}],
            ENTERPRISE.upper(): {"Department": "D"},
        },
    )
    shouted = {"op": "REPLACE", "path": f"{ENTERPRISE.upper()}:DEPARTMENT"}
    patched = entra.patch(f"{USERS}/{created.id}", shouted | {"value": "E"})

    assert without(created.body, *OWN) == {
        "schemas": [CORE, ENTERPRISE],
        "userName": "a@example.jp",
        "active": True,
        "emails": [{"type": "work", "value": "w@x.jp", "primary": True}],
        ENTERPRISE: {"department": "D"},
    }
    assert patched.body[ENTERPRISE] == {"department": "E"}
    shown = entra.get(f"{USERS}/{created.id}", attributes="EMAILS.VALUE").body
    assert shown["emails"] == [{"value": "w@x.jp"}]


def test_a_token_of_entra_itself_opens_nothing(enabled_acme: Organization) -> None:
    """Row B5: with a blank Secret Token, Entra sends a JSON Web Token of its own."""
    token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiI4YWRmOGU2ZSJ9.c2lnbmF0dXJl"

    answer = Client(headers={"authorization": f"Bearer {token}"}).get(USERS)

    assert Answer(answer).refusal == (401, None, "CW-AUTH-1")


@pytest.mark.parametrize("name", ["access_token", "token", "Authorization"])
def test_a_token_elsewhere_than_in_the_header_is_none_and_is_never_logged(
    enabled_acme: Organization, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """Row B7; RFC 6750 §2.2, §2.3; RFC 7644 §7.5.2."""
    _, token = tokens.issue(enabled_acme, name="x", expires_at=None, actor=SYSTEM)
    form = "application/x-www-form-urlencoded"

    with caplog.at_level(logging.DEBUG):
        in_address = Client().get(USERS, {name: token})
        in_body = Client().post(USERS, f"{name}={token}", content_type=form)
        Client(headers={"authorization": f"Bearer {token}"}).get(f"{USERS}/x")

    assert in_address.status_code == in_body.status_code == 401
    secret = token.removeprefix("scim_")[:40]
    assert secret not in str([vars(line) for line in caplog.records])


def test_a_token_fits_where_entra_keeps_it(enabled_acme: Organization) -> None:
    """Row J10: 1 KB for all credentials together, in the government clouds."""
    _, token = tokens.issue(enabled_acme, name="x", expires_at=None, actor=SYSTEM)

    assert len(token) < 100


def test_an_external_id_may_be_absent_and_may_change(entra: Provisioning) -> None:
    """Row D10: it is a mailNickname by default."""
    one = f"{USERS}/{entra.create('a@example.jp')}"

    for external_id in ("taro", "Taro", "other"):
        change = {"op": "Add", "path": "externalId", "value": external_id}
        assert entra.patch(one, change).body["externalId"] == external_id
        assert entra.found(f'externalId eq "{external_id}"') == ["a@example.jp"]


@pytest.mark.parametrize(
    "body", [{}, {"userName": None}, {"userName": ""}, {"userName": " \t"}]
)
def test_a_missing_user_name_is_an_invalid_value(
    entra: Provisioning, body: Document
) -> None:
    """Row D11."""
    assert entra.post(USERS, body).refusal[:2] == (400, "invalidValue")


ROLE = '{"id":"1","value":"Admin","displayName":"Admin"}'


def test_roles_come_as_texts_of_json_or_plain(entra: Provisioning) -> None:
    """Row D15."""
    plain = {"value": "Admin", "type": "WindowsAzureActiveDirectoryRole"}
    user = entra.create("a@example.jp", roles=[plain | {"primary": "True"}])
    adding = {"op": "Add", "path": "roles", "value": [{"value": ROLE}]}

    patched = entra.patch(f"{USERS}/{user}", adding)

    assert patched.body["roles"] == [plain | {"primary": True}, {"value": ROLE}]


@pytest.mark.parametrize("manager", ["unknown", {"value": "unknown"}])
def test_a_manager_may_come_before_he_exists(
    entra: Provisioning, manager: object
) -> None:
    """Row D16."""
    user = entra.create("a@example.jp", **{ENTERPRISE: {"manager": manager}})

    shown = entra.get(f"{USERS}/{user}").body[ENTERPRISE]
    assert shown == {"manager": {"value": "unknown"}}


def test_what_was_answered_is_found_at_once(entra: Provisioning) -> None:
    """Rows D21 and E21: after a lost answer Entra asks by the matching attribute."""
    created = entra.post(USERS, {"userName": "a@example.jp", "externalId": "e"})
    one = f"{USERS}/{created.id}"

    for expression in ('userName eq "a@example.jp"', 'externalId eq "e"'):
        assert entra.get(USERS, filter=expression).resources == [created.body]
    entra.patch(one, TITLE)
    assert entra.get(one).body["title"] == "T"
    assert entra.found('title eq "T"') == ["a@example.jp"]


def test_a_suspended_user_is_shown_by_id_in_a_list_and_by_a_filter(
    entra: Provisioning,
) -> None:
    """Row E7."""
    user = entra.create("a@example.jp", active=False)

    one = entra.get(f"{USERS}/{user}").body
    listed = {each["id"]: each for each in entra.get(USERS).resources}
    found = entra.get(USERS, filter="active eq false").resources

    assert one["active"] is False
    assert listed[user] == one
    assert found == [one]


def test_pages_do_not_shift_while_somebody_is_created(entra: Provisioning) -> None:
    """Row E15."""
    known = {entra.create(f"user{number}@example.jp") for number in range(5)}

    pages = []
    for start in (1, 3, 5, 7):
        page = entra.get(USERS, startIndex=start, count=2).body
        pages += [user["id"] for user in page["Resources"]]
        entra.create(f"late{start}@example.jp")

    assert known <= set(pages)
    assert len(set(pages)) == len(pages) == 8


def test_a_page_holds_two_hundred_at_most(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    """Row E16; RFC 7644 §3.4.2.4."""
    User.objects.bulk_create(
        User(
            organization=enabled_acme,
            user_name=f"user{number}@example.jp",
            user_name_key=f"user{number}@example.jp",
            document={"userName": f"user{number}@example.jp", "active": True},
        )
        for number in range(210)
    )

    body = entra.get(USERS, count=1_000_000).body

    assert (body["itemsPerPage"], len(body["Resources"])) == (200, 200)
    assert body["totalResults"] == 211


def test_an_instant_is_told_in_utc(entra: Provisioning) -> None:
    """RFC 7643 §2.3.5."""
    meta = entra.get(f"{USERS}/{entra.create('a@example.jp')}").body["meta"]

    for name in ("created", "lastModified"):
        assert datetime.fromisoformat(meta[name]).utcoffset() == timedelta(0)
        assert meta[name].endswith("Z")


def test_texts_are_compared_in_one_unicode_form(entra: Provisioning) -> None:
    """Row D7; RFC 7644 §5, §7.8; what was sent is what is shown."""
    composed, decomposed = "Renée@example.jp", "RENE\u0301E@example.jp"
    entra.create(composed)

    assert entra.found(f'userName eq "{decomposed}"') == [composed]
    assert entra.post(USERS, {"userName": decomposed}).status == 409


def test_a_token_leaves_no_cookie(scim: Client) -> None:
    """RFC 7644 §7.4."""
    answer = scim.post(USERS, {"userName": "a@example.jp"}, "application/json")

    assert (answer.status_code, len(answer.cookies)) == (201, 0)


def test_a_token_that_is_no_good_is_told_from_none(enabled_acme: Organization) -> None:
    """RFC 6750 §3.1: an error code if there was a token, none if there was not."""
    bad = Client(headers={"authorization": "Bearer nonsense"}).get(USERS)

    assert "error" not in Client().get(USERS)["WWW-Authenticate"]
    assert 'error="invalid_token"' in bad["WWW-Authenticate"]
