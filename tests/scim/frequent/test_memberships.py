"""Whoever joins or leaves before Django is asked is whom Django would have let."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Group, Membership, Organization, User
from chatwork_admin.synchronization import provisioning
from tests.examples import DEAR
from tests.scim.conftest import GROUPS, Document, Provisioning
from tests.scim.frequent.both_ways import by_django
from tests.scim.frequent.writing import (
    Send,
    at_once,
    fresh,
    listing,
    nothing_is_done,
    operations,
    outcome,
    replacing,
    together,
)
from tests.synchronization.test_gate_races import at_once as at_the_same_moment

STRANGER = str(uuid.uuid4())


@pytest.fixture
def people(entra: Provisioning, mallory: User) -> list[str]:
    """Four users; somebody of another organization, and nobody."""
    ours = [entra.create(f"{name}@example.jp") for name in "abcd"]
    return [*ours, str(mallory.pk), STRANGER]


@pytest.fixture
def group(entra: Provisioning, people: list[str]) -> str:
    """A group of the first two."""
    return entra.create_group('営業 "1"', *people[:2])


def leaving(member: str) -> Document:
    return {"op": "remove", "path": f'members[value eq "{member}"]'}


MEANT = st.sets(st.integers(0, 5), min_size=1)
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["add", "Add", "remove"]), MEANT),
        st.tuples(st.just("filter"), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=4,
)


@DEAR
@given(asked=OPERATIONS)
def test_whoever_joins_and_leaves_is_the_same(
    send: Send, group: str, people: list[str], asked: list[tuple[str, Any]]
) -> None:
    sent = [
        leaving(people[meant])
        if op == "filter"
        else listing(op, *(people[each] for each in meant))
        for op, meant in asked
    ]
    environ = send("PATCH", f"{GROUPS}/{group}", operations(*sent))

    done = outcome(lambda: at_once(fresh(environ)))

    assert done.said is not None
    assert done == outcome(lambda: by_django(fresh(environ)))


@pytest.mark.parametrize(
    "operation",
    [
        replacing("displayName", "Sales"),
        replacing("members", [{"value": STRANGER}]),
        {"op": "remove", "path": "members"},
        {"op": "remove", "path": 'members[display eq "a"]'},
        listing("add", "no id"),  # to be logged
        listing("add", STRANGER) | {"unknown": "x", "path": "members.value"},
        {"op": "add", "value": {"unknown": "x"}},
        {"op": "add", "path": "members", "value": [3]},
    ],
)
def test_what_asks_for_more_than_moves_goes_the_long_way(
    send: Send, group: str, operation: Document
) -> None:
    adding = listing("add", STRANGER)

    assert nothing_is_done(
        send("PATCH", f"{GROUPS}/{group}", operations(adding, operation))
    )


@pytest.mark.parametrize("changed", [{"HTTP_IF_MATCH": "*"}, {"QUERY_STRING": "a=b"}])
def test_so_does_what_is_sent_otherwise(
    send: Send, group: str, people: list[str], changed: dict[str, str]
) -> None:
    body = operations(listing("add", people[2]))

    assert nothing_is_done(send("PATCH", f"{GROUPS}/{group}", body, **changed))


def test_a_group_that_is_not_there_goes_the_long_way(
    send: Send, people: list[str], globex: Organization
) -> None:
    theirs = Group.objects.create(organization=globex, display_name="G")

    for name in (theirs.pk, uuid.uuid4()):
        environ = send(
            "PATCH", f"{GROUPS}/{name}", operations(listing("add", people[2]))
        )
        assert nothing_is_done(environ)
        assert by_django(fresh(environ)).status == "404 Not Found"


def test_whoever_is_nobody_here_is_said_in_the_log(
    send: Send, group: str, people: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Row H9; whoever was a member before is somebody."""
    with caplog.at_level(logging.INFO):
        assert at_once(
            send("PATCH", f"{GROUPS}/{group}", operations(listing("add", *people)))
        )
        assert at_once(
            send("PATCH", f"{GROUPS}/{group}", operations(listing("add", people[0])))
        )

    said = [vars(line) for line in caplog.records]
    (left_out,) = [e for e in said if e["msg"] == "unknown members left out"]
    assert left_out["members"] == sorted(people[4:])
    assert (left_out["group"], left_out["count"]) == (group, 2)
    event = AuditEvent.objects.get(action=Action.MEMBERS_UNKNOWN)
    assert event.target == {"kind": "group", "id": group, "label": '営業 "1"'}
    assert event.context["unknown"] == left_out["members"]
    assert AuditEvent.objects.filter(reference=event.reference).count() == 2


def test_it_takes_one_statement(
    send: Send,
    group: str,
    people: list[str],
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    for op in ("add", "remove"):
        environ = send(
            "PATCH", f"{GROUPS}/{group}", operations(listing(op, *people[2:4]))
        )
        with django_assert_num_queries(1 if op == "remove" else 2):  # who calls
            assert at_once(environ)


@pytest.mark.django_db(transaction=True)
def test_whoever_is_let_in_by_many_at_once_is_a_member_once(
    send: Send, group: str, people: list[str]
) -> None:
    body = operations(listing("add", *people[2:4]))

    statuses = together([send("PATCH", f"{GROUPS}/{group}", body) for _ in range(6)])

    assert statuses == ["204 No Content"] * 6
    assert Membership.objects.filter(group_id=group).count() == 4
    assert AuditEvent.objects.filter(action="group.changed").count() == 1
    assert Group.objects.get(pk=group).version == 2


@pytest.mark.django_db(transaction=True)
def test_who_is_deleted_while_joining_is_no_member(
    send: Send, entra: Provisioning, group: str, enabled_acme: Organization
) -> None:
    for number in range(8):
        user = uuid.UUID(entra.create(f"u{number}@example.jp"))
        environ = send(
            "PATCH", f"{GROUPS}/{group}", operations(listing("add", str(user)))
        )

        def delete(user: uuid.UUID = user) -> None:
            provisioning.deprovision_user(enabled_acme, user, actor=SYSTEM)

        def join(environ: Any = environ) -> None:
            together([environ])

        assert at_the_same_moment(join, delete) == ["", ""]
        assert not Membership.objects.filter(user=user).exists()
