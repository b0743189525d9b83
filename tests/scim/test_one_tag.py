"""A resource has one tag, wherever it is named (RFC 7644 §3.14; rows G15, K4)."""

from __future__ import annotations

import pytest

from scim.documents import messages
from tests.scim.conftest import GROUPS, PATCH_OP, USERS, Document, Provisioning


@pytest.fixture
def pair(entra: Provisioning) -> dict[str, str]:
    """A user who is in a group, and the group."""
    user = entra.create()
    return {USERS: user, GROUPS: entra.create_group("営業部", user)}


def rename(name: str) -> Document:
    return {"op": "replace", "path": "displayName", "value": name}


def by_bulk(entra: Provisioning, path: str, operation: Document) -> str:
    data = {"schemas": [PATCH_OP], "Operations": [operation]}
    job = {"method": "PATCH", "path": path, "data": data}
    body = {"schemas": [messages.BULK_REQUEST], "Operations": [job]}
    version: str = entra.post("/scim/v2/Bulk", body).body["Operations"][0]["version"]
    return version


@pytest.mark.parametrize("collection", [USERS, GROUPS])
def test_a_resource_has_one_tag_whatever_an_answer_shows(
    entra: Provisioning, pair: dict[str, str], collection: str
) -> None:
    one = f"{collection}/{pair[collection]}"
    tag = entra.get(one).headers["ETag"]
    hidden = {"excludedAttributes": "members,groups"}

    assert entra.get(one).body["meta"]["version"] == tag
    assert entra.get(one, **hidden).headers["ETag"] == tag
    assert entra.get(one, **hidden).body["meta"]["version"] == tag
    assert entra.get(one, attributes="displayName").headers["ETag"] == tag
    assert entra.get(one, attributes="meta").body["meta"]["version"] == tag
    for asked in ({}, hidden):
        listed = entra.get(collection, filter=f'id eq "{pair[collection]}"', **asked)
        assert [each["meta"]["version"] for each in listed.resources] == [tag]


@pytest.mark.parametrize("collection", [USERS, GROUPS])
def test_a_write_answers_with_the_tag_of_the_next_read(
    entra: Provisioning, pair: dict[str, str], collection: str
) -> None:
    one = f"{collection}/{pair[collection]}"

    def present() -> str:
        return str(entra.get(one).headers["ETag"])

    assert entra.patch(one, rename("A")).headers["ETag"] == present()
    shown = entra.patch(f"{one}?attributes=displayName", rename("B"))
    assert shown.headers["ETag"] == present()
    assert by_bulk(entra, one.removeprefix("/scim/v2"), rename("C")) == present()
    whole = entra.get(one).body
    assert entra.put(one, whole | {"displayName": "D"}).headers["ETag"] == present()


@pytest.mark.parametrize("collection", [USERS, GROUPS])
def test_the_tag_of_a_write_is_the_condition_of_the_next(
    entra: Provisioning, pair: dict[str, str], collection: str
) -> None:
    one = f"{collection}/{pair[collection]}"
    first = entra.patch(one, rename("A")).headers["ETag"]
    body = {"schemas": [PATCH_OP], "Operations": [rename("B")]}

    done = entra.send("PATCH", one, body, headers={"If-Match": first})
    known = entra.client.get(one, headers={"If-None-Match": done.headers["ETag"]})
    again = entra.send("PATCH", one, body, headers={"If-Match": first})

    assert done.status < 300
    assert known.status_code == 304
    assert again.refusal == (412, None, "CW-REQ-3")


def test_a_filter_by_version_finds_what_the_tag_says(
    entra: Provisioning, pair: dict[str, str]
) -> None:
    for collection, resource in pair.items():
        tag = entra.get(f"{collection}/{resource}").headers["ETag"]
        quoted = tag.replace('"', '\\"')

        found = entra.get(collection, filter=f'meta.version eq "{quoted}"')

        assert [each["id"] for each in found.resources] == [resource]


def test_a_group_that_loses_a_member_by_deletion_has_another_tag(
    entra: Provisioning, pair: dict[str, str]
) -> None:
    group = f"{GROUPS}/{pair[GROUPS]}"
    before = entra.get(group).headers["ETag"]

    entra.delete(f"{USERS}/{pair[USERS]}")

    after = entra.client.get(group, headers={"If-None-Match": before})
    assert (after.status_code, after.headers["ETag"]) == (200, 'W/"2"')
    refused = entra.send("DELETE", group, b"", headers={"If-Match": before})
    assert refused.refusal == (412, None, "CW-REQ-3")
