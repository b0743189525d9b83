"""Bulk requests (RFC 7644 §3.7; row K1): as many requests in one, and no other rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from scim.documents import bulk, messages
from tests.scim.bulk_requests import (
    BULK,
    group,
    id_of,
    managed,
    patch,
    post,
    results,
    run,
    statuses,
    user,
)
from tests.scim.conftest import (
    ENTERPRISE,
    ERROR,
    GROUPS,
    USERS,
    Provisioning,
    address,
)


def test_each_operation_says_what_came_of_it(entra: Provisioning) -> None:
    one, gone = entra.create("one@example.jp"), entra.create("gone@example.jp")
    team = entra.create_group("Team")

    answer = run(
        entra,
        user("new"),
        {
            "method": "PUT",
            "path": f"/Users/{one}",
            "data": {"userName": "uno@example.jp"},
        },
        {"method": "DELETE", "path": f"/Users/{gone}"},
        patch(
            f"/Groups/{team}",
            {"op": "add", "path": "members", "value": [{"value": one}]},
        ),
        {"method": "delete", "path": "/Groups/nobody", "bulkId": "mine"},
    )

    new = entra.get(USERS, filter='userName eq "new@example.jp"').resources[0]
    *done, refused = results(answer)
    assert done == [
        {
            "method": "POST",
            "bulkId": "new",
            "version": 'W/"1"',
            "location": address(f"{USERS}/{new['id']}"),
            "status": "201",
        },
        {
            "method": "PUT",
            "version": 'W/"2"',
            "location": address(f"{USERS}/{one}"),
            "status": "200",
        },
        {
            "method": "DELETE",
            "location": address(f"{USERS}/{gone}"),
            "status": "204",
        },
        {
            "method": "PATCH",
            "version": 'W/"2"',
            "location": address(f"{GROUPS}/{team}"),
            "status": "204",
        },
    ]
    reference = answer.headers["X-Request-Id"]
    assert refused == {
        "method": "DELETE",
        "bulkId": "mine",
        "location": address(f"{GROUPS}/nobody"),
        "status": "404",
        "response": {
            "schemas": [ERROR],
            "status": "404",
            "detail": "CW-GROUP-2: No such group. It may have been deleted in "
            f"Chatwork. Ref {reference}",
        },
    }
    assert entra.members(team) == {one}


def test_a_patch_may_list_its_operations_bare(entra: Provisioning) -> None:
    """The example of RFC 7644 §3.7.3."""
    one = entra.create("one@example.jp", nickName="uno")
    listed = [
        {"op": "remove", "path": "nickName"},
        {"op": "add", "path": "userName", "value": "dave@example.jp"},
    ]
    bare = {"method": "PATCH", "path": f"/Users/{one}", "data": listed}

    assert statuses(run(entra, {**bare, "version": 'W/"1"'})) == ["200"]
    read = entra.get(f"{USERS}/{one}").body
    assert read["userName"] == "dave@example.jp"
    assert "nickName" not in read
    assert statuses(run(entra, {**bare, "method": "PUT"})) == ["400"]


def test_a_group_may_come_before_its_members(entra: Provisioning) -> None:
    answer = run(entra, group("Team", "a", "b"), user("a"), user("b"))

    team, *people = (id_of(each) for each in results(answer))
    assert statuses(answer) == ["201"] * 3
    assert entra.members(team) == set(people)


def test_who_manage_each_other_are_created(entra: Provisioning) -> None:
    """§3.7.1: circular references must be tried to be resolved."""
    answer = run(entra, managed("a", "b"), managed("b", "c"), managed("c", "a"))

    a, b, c = (id_of(each) for each in results(answer))
    managers = [
        entra.get(f"{USERS}/{each}").body[ENTERPRISE]["manager"]["value"]
        for each in (a, b, c)
    ]
    assert managers == [b, c, a]


def test_one_may_manage_himself(entra: Provisioning) -> None:
    answer = run(entra, managed("a", "a"))

    a = id_of(results(answer)[0])
    assert entra.get(f"{USERS}/{a}").body[ENTERPRISE]["manager"]["value"] == a


def test_references_may_be_in_a_path_and_in_a_patch(entra: Provisioning) -> None:
    team = entra.create_group("Team")
    joining = {"op": "add", "path": "members", "value": [{"value": "bulkId:a"}]}
    leaving = {"op": "remove", "path": 'members[value eq "bulkId:b"]'}
    title = {"op": "add", "path": "title", "value": "T"}

    answer = run(
        entra,
        patch(f"/Groups/{team}", joining),
        patch("/Users/bulkId:a", title),
        patch(f"/Groups/{team}", leaving),
        user("a"),
        user("b"),
        {"method": "DELETE", "path": "/Users/bulkId:b"},
    )

    assert statuses(answer) == ["204", "200", "204", "201", "201", "204"]
    a = id_of(results(answer)[3])
    assert entra.members(team) == {a}
    assert entra.get(f"{USERS}/{a}").body["title"] == "T"


def test_what_refers_to_a_failure_fails(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    """§3.7.1: 409 where a reference cannot be resolved."""
    entra.create("a@example.jp")

    answer = run(entra, group("Team", "a"), user("a"), managed("b", "nobody"))

    assert statuses(answer) == ["409", "409", "409"]
    first, second, third = (each["response"]["detail"] for each in results(answer))
    assert first.startswith("CW-REQ-2: Operations[0]: nothing is bulkId:a")
    assert second.startswith("CW-USER-3: ")
    assert third.startswith("CW-REQ-2: Operations[2]: nothing is bulkId:nobody")
    assert "location" not in results(answer)[0]
    assert not enabled_acme.groups.exists()


def test_one_failure_undoes_nothing_else(entra: Provisioning) -> None:
    """§3.7: a bulk request is no transaction, each of its operations is."""
    bad = [{"op": "add", "path": "title", "value": "T"}, {"op": "add", "path": "id"}]
    one = entra.create("one@example.jp")

    answer = run(entra, user("a"), patch(f"/Users/{one}", *bad), user("b"))

    assert statuses(answer) == ["201", "400", "201"]
    assert "title" not in entra.get(f"{USERS}/{one}").body
    assert set(entra.found("userName pr")) >= {"a@example.jp", "b@example.jp"}


@pytest.mark.parametrize(("most", "done"), [(1, 2), (2, 4), (3, 5), (None, 5)])
def test_after_enough_errors_the_rest_is_left_undone(
    entra: Provisioning, most: int | None, done: int
) -> None:
    wrong = post("/Users", "x", userName="x")
    more = {} if most is None else {"failOnErrors": most}

    operations = [user("a"), wrong, user("b"), wrong | {"bulkId": "y"}, user("c")]
    answer = run(entra, *operations, **more)

    assert len(results(answer)) == done
    people = set(entra.found("userName sw a or userName sw b or userName sw c"))
    created = [each for each in results(answer) if each["status"] == "201"]
    assert len(people - {"alice@acme.test"}) == len(created)


def test_who_is_needed_first_counts_first(entra: Provisioning) -> None:
    """§3.7.3: what was done is answered for; the group waited for its member."""
    answer = run(entra, group("g", "x"), post("/Users", "x", userName="x"), user("a"))
    stopped = run(
        entra,
        group("h", "y"),
        user("b"),
        post("/Users", "y", userName="y"),
        failOnErrors=1,
    )

    assert statuses(answer) == ["409", "400", "201"]
    assert [(e["bulkId"], e["status"]) for e in results(stopped)] == [("y", "400")]
    assert entra.found("userName sw b") == []


def test_a_version_is_heeded(entra: Provisioning) -> None:
    one = f"/Users/{entra.create()}"
    title = {"op": "add", "path": "title", "value": "T"}

    answer = run(
        entra,
        patch(one, title, version='W/"7"'),
        patch(one, title, version='W/"1"'),
        {"method": "DELETE", "path": one, "version": 'W/"1"'},
        {"method": "DELETE", "path": one, "version": 'W/"2"'},
    )

    assert statuses(answer) == ["412", "200", "412", "204"]


@pytest.mark.parametrize("version", [['W/"1"'], 5, True, [], {}, ""])
def test_a_version_that_cannot_be_read_is_not_skipped(
    entra: Provisioning, version: object
) -> None:
    one = f"/Users/{entra.create()}"

    answer = run(entra, {"method": "DELETE", "path": one, "version": version})

    assert statuses(answer) == ["412"]


def test_a_precondition_of_the_request_is_not_one_of_its_operations(
    entra: Provisioning,
) -> None:
    one = f"/Users/{entra.create()}"
    body = {
        "schemas": [messages.BULK_REQUEST],
        "Operations": [{"method": "DELETE", "path": one}],
    }

    answer = entra.send("POST", BULK, body, headers={"if-match": 'W/"9"'})

    assert statuses(answer) == ["204"]


def test_refusals_and_events_are_recorded_as_of_single_requests(
    entra: Provisioning, alice: User
) -> None:
    answer = run(entra, user("a"), {"method": "DELETE", "path": f"/Users/{alice.pk}"})

    reference = answer.headers["X-Request-Id"]
    events = AuditEvent.objects.filter(reference=reference).order_by("id")
    assert [each.action for each in events] == [
        Action.USER_PROVISIONED,
        Action.REQUEST_REFUSED,
    ]
    refused = events[1]
    assert refused.context["code"] == "CW-USER-5"
    assert refused.context["request"] == f"DELETE {USERS}/{alice.pk}"


def test_the_neighbour_s_users_are_out_of_reach(
    entra: Provisioning, neighbour: Provisioning
) -> None:
    theirs = neighbour.create("n@globex.test")
    team = post("/Groups", "t", displayName="T", members=[{"value": theirs}])

    answer = run(entra, {"method": "DELETE", "path": f"/Users/{theirs}"}, team)

    assert statuses(answer) == ["404", "201"]
    assert entra.members(id_of(results(answer)[1])) == set()
    assert neighbour.get(f"{USERS}/{theirs}").status == 200


NAMES = st.sampled_from(["a", "b", "c", "d"])


@given(
    references=st.dictionaries(NAMES, st.lists(NAMES, max_size=4), max_size=4),
    order=st.permutations(["a", "b", "c", "d"]),
)
def test_the_order_has_each_operation_once_and_creations_first(
    references: dict[str, list[str]], order: list[str]
) -> None:
    sent = [group(name, *references.get(name, [])) for name in order]
    asked = bulk.parse({"schemas": [messages.BULK_REQUEST], "Operations": sent})

    ordered = [each.bulk_id for each in bulk.in_order(asked.operations)]

    assert sorted(ordered) == ["a", "b", "c", "d"]
    for name, needed in references.items():
        for other in needed:
            is_before = ordered.index(other) <= ordered.index(name)
            assert is_before or _leads(references, other, name)


def _leads(references: dict[str, list[str]], start: str, end: str) -> bool:
    reached, pending = {start}, [start]
    while pending:
        new = set(references.get(pending.pop(), [])) - reached
        reached |= new
        pending += new
    return end in reached
