"""Any sequence of writes, in any dialect, against a model of plain dictionaries."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.scim import wording
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    GROUP,
    GROUPS,
    USERS,
    Document,
    Provisioning,
)
from tests.scim.directory import Directory
from tests.scim.published import Published
from tests.scim.wording import changed, listed, meaningful

EXAMPLES = int(os.environ.get("STATEFUL_EXAMPLES", "0"))  # by night, as many as asked
SETTINGS = hypothesis_settings(
    max_examples=EXAMPLES or 10,
    stateful_step_count=20,
    derandomize=not EXAMPLES,
    report_multiple_bugs=False,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Writes(Directory):
    """Each rule is a request, and what it makes of the model."""

    @initialize(contents=wording.PEOPLE, members=wording.SOME)
    def begin(self, contents: list[wording.Changes], members: set[int]) -> None:
        for content in contents:
            self.create_user(content)
        self.create_group("本社", members)

    @rule(content=wording.CONTENTS)
    def create_user(self, content: wording.Changes) -> None:
        wanted = {"active": True} | changed({}, content)
        answer = self.client.post(USERS, {"schemas": [CORE]} | changed({}, content))
        if self.is_taken(self.users, "userName", wanted, None):
            self.was_refused(answer)
            return
        assert answer.status == 201, answer.content
        assert answer.id not in self.users
        if former := self.predecessor(wanted):
            self.was_succeeded(former, answer.id)
            names = {"displayName": former.content.get("displayName")}
            wanted = {n: v for n, v in names.items() if v} | wanted
        self.was_written(USERS, self.users, answer.id, wanted, answer.body)

    @precondition(lambda self: self.is_populated)
    @rule(number=wording.ONE, changes=wording.CHANGES, dialect=wording.DIALECTS)
    def patch_user(self, number: int, changes: wording.Changes, dialect: Any) -> None:
        user = self.one_of(self.users, number)
        before = self.users[user].content
        meant = meaningful(changes, before)
        if not meant:
            return
        answer = self.client.patch(f"{USERS}/{user}", *dialect(meant, before))
        self.was_replaced(user, changed(before, meant), answer)

    @precondition(lambda self: self.is_populated)
    @rule(number=wording.ONE, content=wording.CONTENTS, is_renamed=st.booleans())
    def put_user(
        self, number: int, content: wording.Changes, *, is_renamed: bool
    ) -> None:
        user = self.one_of(self.users, number)
        before = self.users[user].content
        kept = {"userName": before["userName"]}
        wanted = changed({}, content) | ({} if is_renamed else kept)
        answer = self.client.put(f"{USERS}/{user}", wanted)
        self.was_replaced(user, {"active": before["active"]} | wanted, answer)  # G14

    @precondition(lambda self: self.is_populated)
    @rule(number=wording.ONE)
    def say_again_what_is_known(self, number: int) -> None:
        user = self.one_of(self.users, number)
        body = self.client.get(f"{USERS}/{user}").body
        self.was_replaced(
            user, self.users[user].content, self.client.put(f"{USERS}/{user}", body)
        )

    @precondition(lambda self: self.is_populated)
    @rule(number=wording.ONE)
    def delete_user(self, number: int) -> None:
        user = self.one_of(self.users, number)
        assert self.client.delete(f"{USERS}/{user}").status == 204
        self.was_deleted(user)
        assert self.client.get(f"{USERS}/{user}").status == 404

    @rule(name=wording.GROUP_NAMES, members=wording.SOME)
    def create_group(self, name: str, members: set[int]) -> None:
        people = self.some_users(members)
        body = {"schemas": [GROUP], "displayName": name, "members": listed(people)}
        answer = self.client.post(GROUPS, body)
        wanted = {"displayName": name}
        if self.is_taken(self.groups, "displayName", wanted, None):
            self.was_refused(answer)
            return
        assert answer.status == 201, answer.content
        self.was_written(
            GROUPS, self.groups, answer.id, wanted, answer.body, set(people)
        )

    @precondition(lambda self: self.groups)
    @rule(number=wording.ONE, members=wording.SOME, say=wording.JOINING)
    def join(self, number: int, members: set[int], say: Any) -> None:
        people = self.some_users(members)
        if people:
            self.patch_members(number, say(people), lambda before: before | {*people})

    @precondition(lambda self: self.groups)
    @rule(number=wording.ONE, members=wording.SOME, say=wording.LEAVING)
    def leave(self, number: int, members: set[int], say: Any) -> None:
        people = self.some_users(members)
        if people:
            self.patch_members(number, say(people), lambda before: before - {*people})

    @precondition(lambda self: self.groups)
    @rule(number=wording.ONE, members=wording.SOME)
    def replace_members(self, number: int, members: set[int]) -> None:
        people = self.some_users(members)
        operation = {"op": "replace", "path": "members", "value": listed(people)}
        self.patch_members(number, [operation], lambda _: {*people})

    def patch_members(
        self, number: int, operations: list[Document], after: Any
    ) -> None:
        group = self.one_of(self.groups, number)
        known = self.groups[group]
        answer = self.client.patch(f"{GROUPS}/{group}", *operations)
        assert (answer.status, answer.content) == (204, b"")
        members = after(known.members)
        self.was_written(GROUPS, self.groups, group, known.content, None, members)

    @precondition(lambda self: self.groups)
    @rule(
        number=wording.ONE, name=wording.GROUP_NAMES, members=st.none() | wording.SOME
    )
    def put_group(self, number: int, name: str, members: set[int] | None) -> None:
        group = self.one_of(self.groups, number)
        body: Document = {"displayName": name, "externalId": name}
        people = self.groups[group].members
        if members is not None:
            people = set(self.some_users(members))
            body["members"] = listed(sorted(people))
        answer = self.client.put(f"{GROUPS}/{group}", body)
        wanted = {"displayName": name, "externalId": name}
        if self.is_taken(self.groups, "displayName", wanted, group):
            self.was_refused(answer)
            return
        assert answer.status == 200, answer.content
        self.was_written(GROUPS, self.groups, group, wanted, answer.body, people)

    @precondition(lambda self: self.groups)
    @rule(number=wording.ONE)
    def delete_group(self, number: int) -> None:
        group = self.one_of(self.groups, number)
        assert self.client.delete(f"{GROUPS}/{group}").status == 204
        del self.groups[group]
        self.one_event_more()
        assert self.client.get(f"{GROUPS}/{group}").status == 404

    @rule(size=st.integers(1, 3))
    def pages_are_disjoint_and_complete(self, size: int) -> None:
        for collection, known in ((USERS, self.users), (GROUPS, self.groups)):
            seen: list[str] = []
            for start in range(1, len(known) + 1, size):
                page = self.client.get(collection, startIndex=start, count=size)
                assert page.body["totalResults"] == len(known)
                seen += [each["id"] for each in page.resources]
            assert sorted(seen) == sorted(known)


@pytest.fixture
def published(entra: Provisioning) -> Published:
    listed_schemas = entra.get("/scim/v2/Schemas").resources
    return Published({each["id"]: each for each in listed_schemas})


def test_any_sequence_of_writes_leaves_what_was_written(
    entra: Provisioning, published: Published
) -> None:
    run_state_machine_as_test(
        lambda: Writes(entra, published),  # type: ignore[arg-type] # or a factory
        settings=SETTINGS,
    )


def test_the_schemas_find_what_is_wrong_with_a_document(published: Published) -> None:
    """The check above can fail: a document with a fault of every kind."""
    meta = {"resourceType": "User", "created": "2026-01-01T00:00:00Z"}
    document = {
        "schemas": [CORE, ENTERPRISE],
        "id": "1",
        "meta": meta,
        "active": "True",
        "title": None,
        "emails": [],
        "roles": [{"value": 1}],
        "name": {"first": "x"},
        "shoeSize": 43,
    }
    assert sorted(published.faults(document)) == sorted(
        [
            "/meta/lastModified is missing",
            "/meta/location is missing",
            "/active is no boolean",
            "/title is no string",
            "/emails is no list of values",
            "/roles/value is no string",
            "/name/first is in no schema",
            "/shoeSize is in no schema",
            "/userName is missing",
            f"/{ENTERPRISE} is missing",
        ]
    )
