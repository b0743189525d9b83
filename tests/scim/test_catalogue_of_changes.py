"""Rows of the catalogue about changes, groups and clients that no other test proves."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from chatwork_admin.organizations.models import Organization
from tests.conftest import ScimClientFor
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    GROUPS,
    PATCH_OP,
    USERS,
    Document,
    Provisioning,
)
from tests.scim.documents.examples import EVERY_ATTRIBUTE, without

TITLE: Document = {"op": "Replace", "path": "title", "value": "T"}
OWN = ("id", "meta")


@pytest.mark.parametrize("nothing", ["", None])
def test_each_attribute_can_be_emptied(entra: Provisioning, nothing: object) -> None:
    """Row F22: the gallery's test of null updates, over every attribute."""
    user = entra.post(USERS, EVERY_ATTRIBUTE).id
    top = set(EVERY_ATTRIBUTE) - {"schemas", "userName", "active", ENTERPRISE}
    extended = [f"{ENTERPRISE}:{name}" for name in EVERY_ATTRIBUTE[ENTERPRISE]]

    for path in (*sorted(top), *extended):
        emptying = {"op": "replace", "path": path, "value": nothing}
        assert entra.patch(f"{USERS}/{user}", emptying).status == 200, path

    assert without(entra.get(f"{USERS}/{user}").body, *OWN) == {
        "schemas": [CORE],
        "userName": EVERY_ATTRIBUTE["userName"],
        "active": False,
    }


def test_a_second_creation_conflicts_while_the_first_is_only_suspended(
    entra: Provisioning,
) -> None:
    """Rows G9 and L4: Okta posts again when somebody is assigned again."""
    body = {"userName": "a@example.jp", "externalId": "00u1"}
    user = entra.create(**body)
    entra.patch(f"{USERS}/{user}", {"op": "replace", "value": {"active": False}})

    assert entra.post(USERS, body).refusal == (409, "uniqueness", "CW-USER-3")
    assert entra.delete(f"{USERS}/{user}").status == 204
    assert entra.post(USERS, body).status == 201


def test_who_was_created_a_moment_ago_joins_a_group(entra: Provisioning) -> None:
    """Row H14."""
    group = entra.create_group("A")
    user = entra.create("a@example.jp")
    adding = {"op": "Add", "path": "members", "value": [{"value": user}]}

    entra.patch(f"{GROUPS}/{group}", adding)

    assert entra.members(group) == {user}


def test_a_group_is_no_member_of_a_group(entra: Provisioning) -> None:
    """Row H15: they are not provisioned; one that comes nevertheless is no user."""
    inner = entra.create_group("inner")
    member = {"value": inner, "type": "Group"}

    outer = entra.post(GROUPS, {"displayName": "outer", "members": [member]})

    assert (outer.status, entra.members(outer.id)) == (201, set())


def test_fifty_operations_change_many_members(entra: Provisioning) -> None:
    """Row H12."""
    people = [entra.create(f"user{number}@example.jp") for number in range(50)]
    group = entra.create_group("A")

    answer = entra.patch(
        f"{GROUPS}/{group}",
        *(
            {"op": "Add", "path": "members", "value": [{"value": person}]}
            for person in people
        ),
    )

    assert answer.status == 204
    assert entra.members(group) == set(people)


def test_a_group_is_shown_without_its_members_if_asked(entra: Provisioning) -> None:
    """Row H3: by id, in a list, and found by a filter."""
    group = entra.create_group("A", entra.create("a@example.jp"))
    hidden = {"excludedAttributes": "members"}

    shown = [
        entra.get(f"{GROUPS}/{group}", **hidden).body,
        *entra.get(GROUPS, **hidden).resources,
        *entra.get(GROUPS, filter='displayName eq "A"', **hidden).resources,
    ]

    assert [each["id"] for each in shown] == [group] * 3
    assert not any("members" in each for each in shown)
    assert "members" in entra.get(f"{GROUPS}/{group}").body


def test_two_clients_provision_one_organization(
    enabled_acme: Organization, scim_client: ScimClientFor
) -> None:
    """Row J11."""
    one, other = (Provisioning(scim_client(enabled_acme)) for _ in range(2))
    user = one.create("a@example.jp")

    assert other.found('userName eq "a@example.jp"') == ["a@example.jp"]
    assert other.patch(f"{USERS}/{user}", TITLE).status == 200
    assert one.get(f"{USERS}/{user}").body["title"] == "T"


def test_nobody_gets_mail_for_being_provisioned(entra: Provisioning) -> None:
    """Row J12."""
    user = entra.create("a@example.jp")
    entra.patch(f"{USERS}/{user}", {"op": "replace", "value": {"active": False}})
    entra.delete(f"{USERS}/{user}")

    assert mail.outbox == []


def test_okta_probes_and_matches_page_by_page(entra: Provisioning) -> None:
    """Row L1."""
    entra.create("a@example.jp")

    assert entra.get(USERS, startIndex=1, count=2).body["itemsPerPage"] == 2
    assert entra.get(GROUPS, startIndex=1, count=100).body["totalResults"] == 0
    for name, times in (("a@example.jp", 1), ("b@example.jp", 0)):
        match = f'userName eq "{name}"'
        found = entra.get(USERS, filter=match, startIndex=1, count=100)
        assert (found.status, found.body["totalResults"]) == (200, times)


OKTA: Document = {
    "schemas": [CORE],
    "userName": "a@example.jp",
    "externalId": "00u1",
    "name": {"givenName": "G", "familyName": "F"},
    "emails": [{"primary": True, "value": "a@example.jp", "type": "work"}],
    "locale": "en-US",
    "active": True,
}


def test_okta_creates_with_a_placeholder_for_a_password(entra: Provisioning) -> None:
    """Row L2."""
    answer = entra.post(USERS, OKTA | {"password": "1mz050nq", "groups": []})

    assert answer.status == 201
    assert without(answer.body, *OWN) == OKTA
    assert b"1mz050nq" not in answer.content


def test_okta_suspends_by_replacing_what_it_has_read(entra: Provisioning) -> None:
    """Row L3."""
    one = f"{USERS}/{entra.post(USERS, OKTA).id}"
    read = entra.get(one).body

    replaced = entra.put(one, read | {"active": False})

    assert (replaced.status, replaced.body["active"]) == (200, False)
    assert without(replaced.body, *OWN) == OKTA | {"active": False}


def test_onelogin_creates_from_its_template(entra: Provisioning) -> None:
    """Row L8."""
    template: dict[str, Any] = {
        "schemas": ["urn:scim:schemas:core:1.0"],
        "id": None,
        "userName": "a@example.jp",
        "active": "true",
        "manager": {"managerId": "9"},
        ENTERPRISE: {"department": "D", "manager": {"managerId": "9"}},
    }

    answer = entra.send("POST", USERS, template, headers={"user-agent": ""})

    assert answer.status == 201
    assert without(answer.body, *OWN) == {
        "schemas": [CORE, ENTERPRISE],
        "userName": "a@example.jp",
        "active": True,
        ENTERPRISE: {"department": "D", "manager": {"value": "9"}},
    }


def test_google_deletes_without_suspending_first(entra: Provisioning) -> None:
    """Rows G6 and L9."""
    assert entra.get("/scim/v2/Schemas").status == 200
    one = f"{USERS}/{entra.create('a@example.jp')}"

    assert entra.delete(one).status == 204
    assert entra.get(one).status == 404


def test_without_its_schema_a_message_of_another_kind_is_no_patch(
    entra: Provisioning,
) -> None:
    """Row F37: tolerated if absent, refused if it is clearly another message."""
    one = f"{USERS}/{entra.create('a@example.jp')}"
    other = PATCH_OP.replace("PatchOp", "BulkRequest")
    said = {"Operations": [TITLE]}

    assert entra.send("PATCH", one, said).status == 200
    refused = entra.send("PATCH", one, {"schemas": [other], **said})
    assert refused.refusal[:2] == (400, "invalidSyntax")
