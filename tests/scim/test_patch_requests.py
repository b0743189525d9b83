"""PATCH /Users over HTTP (RFC 7644 §3.5.2): answers, atomicity, what is recorded."""

from __future__ import annotations

import uuid

import pytest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User
from tests.scim.conftest import CORE, ENTERPRISE, USERS, Provisioning


def test_the_answer_is_the_whole_user(entra: Provisioning) -> None:
    """Row F32; RFC 7644 §3.5.2."""
    user = entra.create("a@example.jp")

    answer = entra.patch(
        f"{USERS}/{user}",
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "営業"},
    )

    assert answer.status == 200
    assert answer.body[ENTERPRISE] == {"department": "営業"}
    assert answer.body == entra.get(f"{USERS}/{user}").body
    assert answer.headers["Location"] == answer.body["meta"]["location"]


def test_attributes_narrow_the_answer(entra: Provisioning) -> None:
    """§3.5.2, row F33."""
    user = entra.create("a@example.jp")

    answer = entra.patch(
        f"{USERS}/{user}?attributes=title",
        {"op": "add", "path": "title", "value": "T"},
    )

    assert set(answer.body) == {"schemas", "id", "title"}


def test_one_bad_operation_undoes_all(entra: Provisioning) -> None:
    """§3.5.2, row F26."""
    user = entra.create("a@example.jp", title="T")
    before = entra.get(f"{USERS}/{user}").body

    answer = entra.patch(
        f"{USERS}/{user}",
        {"op": "replace", "path": "title", "value": "U"},
        {"op": "replace", "path": "id", "value": "x"},
    )

    assert answer.refusal == (400, "mutability", "CW-REQ-2")
    assert answer.body["detail"].startswith(
        'CW-REQ-2: Operations[1]: "id" is read-only; leave it out. Ref '
    )
    assert entra.get(f"{USERS}/{user}").body == before
    assert not AuditEvent.objects.filter(action=Action.USER_CHANGED).exists()


def test_saying_it_twice_changes_and_records_once(entra: Provisioning) -> None:
    """§3.5.2.1, rows F31 and J8."""
    user = entra.create("a@example.jp")
    operation = {"op": "add", "path": "manager", "value": "26118915"}

    first = entra.patch(f"{USERS}/{user}", operation)
    second = entra.patch(f"{USERS}/{user}", operation)

    assert first.body == second.body
    assert AuditEvent.objects.filter(action=Action.USER_CHANGED).count() == 1


def test_a_renamed_user_is_found_under_the_new_name_only(entra: Provisioning) -> None:
    """Row F27."""
    user = entra.create("old@example.jp")

    answer = entra.patch(
        f"{USERS}/{user}",
        {"op": "replace", "path": "userName", "value": "New@example.jp"},
    )

    assert (answer.id, answer.body["userName"]) == (user, "New@example.jp")
    assert entra.found('userName eq "new@example.jp"') == ["New@example.jp"]
    assert entra.found('userName eq "old@example.jp"') == []


def test_a_rename_may_not_collide(entra: Provisioning) -> None:
    """Row F27."""
    entra.create("a@example.jp")
    user = entra.create("b@example.jp")

    answer = entra.patch(
        f"{USERS}/{user}",
        {"op": "replace", "path": "userName", "value": "A@example.jp"},
    )

    assert answer.refusal == (409, "uniqueness", "CW-USER-3")
    assert entra.get(f"{USERS}/{user}").body["userName"] == "b@example.jp"


def test_a_suspended_user_comes_back_with_the_same_id_and_groups(
    entra: Provisioning,
) -> None:
    """Rows F34, G1 and G3."""
    user = entra.create("a@example.jp")
    group = entra.create_group("営業部", user)
    one = f"{USERS}/{user}"

    entra.patch(one, {"op": "Replace", "path": "active", "value": "False"})
    suspended = entra.get(one).body
    entra.patch(one, {"op": "Replace", "path": "active", "value": "True"})

    assert suspended["active"] is False
    assert [each["value"] for each in suspended["groups"]] == [group]
    assert entra.get(one).body["active"] is True
    assert User.objects.get(pk=user).is_active


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": ENTERPRISE, "value": None},
        {"op": "replace", "path": ENTERPRISE, "value": ""},
        {"op": "replace", "value": {ENTERPRISE: None}},
        {"op": "remove", "path": ENTERPRISE},
    ],
)
def test_a_null_unassigns_an_extension(
    entra: Provisioning, operation: dict[str, object]
) -> None:
    """Row F22; RFC 7643 §2.5."""
    said = {ENTERPRISE: {"department": "営業"}, "title": "主任"}
    user = entra.create("yamada@example.jp", **said)

    answer = entra.patch(f"{USERS}/{user}", operation)

    assert answer.status == 200, answer.content
    assert answer.body["schemas"] == [CORE]
    assert ENTERPRISE not in answer.body
    assert answer.body["title"] == "主任"


def test_an_unknown_user_is_not_found(entra: Provisioning) -> None:
    """Row F34."""
    answer = entra.patch(
        f"{USERS}/{uuid.uuid4()}", {"op": "add", "path": "title", "value": "x"}
    )

    assert answer.refusal == (404, None, "CW-USER-6")
