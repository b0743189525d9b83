"""Many clients at the same moment: each is answered, none is lost, one order is told."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import httpx
import psycopg
import pytest

from chatwork_admin.supervisor.commands import commands
from tests.processes import within
from tests.running_product.conftest import RunningProduct, _free_port
from tests.scim.conftest import CORE, GROUP, PATCH_OP, SCIM_JSON

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("product")]

THREADS = 8  # of each of the web server's processes
ROUNDS = 8
SECONDS = 30.0

Row = tuple[Any, ...]
Request = tuple[str, str, object]


@dataclass(frozen=True)
class Crowd:
    """Clients of one organization that all ask at once, and what the database then holds."""

    http: httpx.Client
    rows: psycopg.Connection[Row]
    slug: str

    def ask(self, request: Request) -> httpx.Response:
        method, path, body = request
        return self.http.request(method, path, json=body, timeout=SECONDS)

    def at_once(self, requests: Sequence[Request]) -> list[httpx.Response]:
        start = Barrier(len(requests))

        def ask(request: Request) -> httpx.Response:
            start.wait()
            return self.ask(request)

        with ThreadPoolExecutor(len(requests)) as threads:
            return list(threads.map(ask, requests))

    def create(self, name: str, **more: object) -> str:
        answer = self.ask(creating(self.email(name), **more))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def create_group(self, name: str, *members: str) -> str:
        body = {"schemas": [GROUP], "displayName": name, "members": listed(members)}
        return str(self.ask(("POST", "Groups", body)).json()["id"])

    def email(self, name: str) -> str:
        return f"{name}@{self.slug}.example.jp"

    def read(self, path: str) -> dict[str, Any]:
        answer = self.ask(("GET", path, None))
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def members(self, group: str) -> set[str]:
        shown = self.read(f"Groups/{group}").get("members", [])
        return {member["value"] for member in shown}

    def value(self, query: str, *parameters: object) -> Any:
        row = self.rows.execute(query, parameters).fetchone()
        assert row is not None
        return row[0]

    def events(self, target: str) -> list[tuple[str, dict[str, Any]]]:
        """What the audit log says of a user or group, in its order."""
        found = self.rows.execute(
            "SELECT action, context FROM audit_auditevent"
            " WHERE target ->> 'id' = %s ORDER BY id",
            [target],
        )
        return [(action, context) for action, context in found]


CrowdOf = Callable[[str], Crowd]


@pytest.fixture(scope="module")
def wide_server(running: RunningProduct) -> Iterator[str]:
    """One more web server of the product, which answers sixteen requests at a time."""
    port = _free_port()
    words = commands(port)["web"]
    words[words.index("--blocking-threads") + 1] = str(THREADS)
    server = running.product._child("wide-web", words)
    server.start()
    try:
        assert within(SECONDS, lambda: _is_ready(f"http://127.0.0.1:{port}/readyz"))
        yield f"http://127.0.0.1:{port}/scim/v2/"
    finally:
        server.stop(10)


def _is_ready(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address).status_code == 200
    return False


@pytest.fixture
def crowd_of(running: RunningProduct, wide_server: str) -> Iterator[CrowdOf]:
    with contextlib.ExitStack() as exits:
        rows = exits.enter_context(_connected(running))
        rows.autocommit = True

        def crowd_of(slug: str) -> Crowd:
            token = running.organization(slug)["scim_token"]
            headers = {"Authorization": f"Bearer {token}", "Content-Type": SCIM_JSON}
            client = httpx.Client(base_url=wide_server, headers=headers)
            return Crowd(exits.enter_context(client), rows, slug)

        yield crowd_of


def _connected(running: RunningProduct) -> psycopg.Connection[Row]:
    return psycopg.connect(running.product.environment["DATABASE_URL"])


def creating(user_name: str, **more: object) -> Request:
    return "POST", "Users", {"schemas": [CORE], "userName": user_name, **more}


def patching(path: str, *operations: object) -> Request:
    return "PATCH", path, {"schemas": [PATCH_OP], "Operations": operations}


def listed(members: Sequence[str]) -> list[dict[str, str]]:
    return [{"value": member} for member in members]


def adding(group: str, *members: str) -> Request:
    operation = {"op": "Add", "path": "members", "value": listed(members)}
    return patching(f"Groups/{group}", operation)


def removing(group: str, *members: str) -> Request:
    operation = {"op": "Remove", "path": "members", "value": listed(members)}
    return patching(f"Groups/{group}", operation)


def setting(path: str, name: str, value: object) -> Request:
    return patching(path, {"op": "replace", "path": name, "value": value})


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def spellings(name: str, count: int) -> list[str]:
    """The same address in so many letter cases."""
    return [
        "".join(
            letter.upper() if number >> place & 1 else letter
            for place, letter in enumerate(name)
        )
        for number in range(count)
    ]


def test_of_twenty_creations_of_one_user_one_succeeds(crowd_of: CrowdOf) -> None:
    crowd = crowd_of("one-name")
    names = spellings(crowd.email("yamada"), 20)

    answers = crowd.at_once([creating(name) for name in names])

    assert statuses(answers) == {201: 1, 409: 19}
    created = next(each.json()["id"] for each in answers if each.status_code == 201)
    refused = [each.json() for each in answers if each.status_code == 409]
    assert {each["scimType"] for each in refused} == {"uniqueness"}
    assert {each["detail"].partition(":")[0] for each in refused} == {"CW-USER-3"}
    found = crowd.http.get("Users", params={"filter": f'userName eq "{names[0]}"'})
    assert [each["id"] for each in found.json()["Resources"]] == [created]
    assert [action for action, _ in crowd.events(created)] == ["user.provisioned"]


def test_of_twenty_creations_of_one_group_one_succeeds(crowd_of: CrowdOf) -> None:
    crowd = crowd_of("one-group")
    bodies = [{"displayName": name} for name in spellings("sales", 20)]

    answers = crowd.at_once([("POST", "Groups", body) for body in bodies])

    assert statuses(answers) == {201: 1, 409: 19}
    assert crowd.read("Groups")["totalResults"] == 1


def test_the_last_five_licences_are_given_five_times(crowd_of: CrowdOf) -> None:
    crowd = crowd_of("five-licences")
    crowd.create("first")
    crowd.rows.execute(  # the administrator and the first have two
        "UPDATE organizations_organization SET licences = 7 WHERE slug = %s",
        [crowd.slug],
    )

    answers = crowd.at_once(
        [creating(crowd.email(f"person{number}")) for number in range(20)]
    )

    assert statuses(answers) == {201: 5, 403: 15}
    details = [each.json()["detail"] for each in answers if each.status_code == 403]
    assert {each.partition(":")[0] for each in details} == {"CW-USER-1"}
    assert crowd.read("Users?count=0")["totalResults"] == 7


def test_parallel_changes_of_members_lose_nobody(crowd_of: CrowdOf) -> None:
    crowd = crowd_of("members")
    people = [crowd.create(f"person{number}") for number in range(250)]
    leaving, joining = people[:50], people[50:]
    group = crowd.create_group("営業部", *leaving)
    additions = [adding(group, *joining[start::10]) for start in range(10)]
    removals = [removing(group, *leaving[start::5]) for start in range(5)]

    requests = [*additions[:5], *removals, *additions[5:]]
    answers = crowd.at_once(requests)

    assert statuses(answers) == {204: len(requests)}
    assert crowd.members(group) == set(joining)
    first, *told = crowd.events(group)
    assert Counter(first[1]["joined"]) == Counter(leaving)
    assert [action for action, _ in told] == ["group.changed"] * len(requests)
    assert Counter(_named(told, "joined")) == Counter(joining)  # each of them once
    assert Counter(_named(told, "left")) == Counter(leaving)
    assert _version(crowd, "group", group) == 1 + len(requests)


def _named(events: list[tuple[str, dict[str, Any]]], word: str) -> Iterator[str]:
    return (each for _, context in events for each in context.get(word, []))


def _version(crowd: Crowd, kind: str, resource_id: str) -> Any:
    query = f"SELECT version FROM organizations_{kind} WHERE id = %s"
    return crowd.value(query, resource_id)


def test_one_member_joins_once_however_many_add_him(crowd_of: CrowdOf) -> None:
    crowd = crowd_of("one-member")
    person = crowd.create("yamada")
    group = crowd.create_group("営業部")

    answers = crowd.at_once([adding(group, person)] * 12)

    assert statuses(answers) == {204: 12}
    assert crowd.members(group) == {person}
    assert [action for action, _ in crowd.events(group)] == [
        "group.provisioned",
        "group.changed",
    ]


def test_a_replacement_and_a_change_come_to_one_of_their_orders(
    crowd_of: CrowdOf,
) -> None:
    crowd = crowd_of("put-and-patch")
    for number in range(ROUNDS):
        name = crowd.email(f"person{number}")
        one = f"Users/{crowd.create(f'person{number}', nickName='N')}"
        replacing = ("PUT", one, {"userName": name, "displayName": "replaced"})

        answers = crowd.at_once([replacing, setting(one, "title", "T")])

        assert statuses(answers) == {200: 2}
        final = crowd.read(one)
        replaced, changed = (answer.json() for answer in answers)
        assert "nickName" not in final
        assert final["displayName"] == "replaced"
        # Whoever came last saw what the other had written, and was answered the end.
        assert final == (changed if "title" in final else replaced)
        assert _version(crowd, "user", final["id"]) == 3


def test_changes_of_one_user_are_all_kept(crowd_of: CrowdOf) -> None:
    crowd = crowd_of("attributes")
    one = f"Users/{crowd.create('yamada')}"
    names = ["title", "displayName", "nickName", "userType", "locale", "timezone"]

    answers = crowd.at_once([setting(one, name, f"the {name}") for name in names])

    assert statuses(answers) == {200: len(names)}
    final = crowd.read(one)
    assert {name: final.get(name) for name in names} == {
        name: f"the {name}" for name in names
    }
    assert _version(crowd, "user", final["id"]) == 1 + len(names)


def test_who_is_deleted_while_being_changed_is_deleted(crowd_of: CrowdOf) -> None:
    crowd = crowd_of("delete-and-patch")
    group = crowd.create_group("営業部")
    for number in range(ROUNDS):
        person = crowd.create(f"person{number}")
        one = f"Users/{person}"

        deleted, changed, added = crowd.at_once(
            [("DELETE", one, None), setting(one, "title", "T"), adding(group, person)]
        )

        assert (deleted.status_code, added.status_code) == (204, 204)
        assert changed.status_code in {200, 404}
        assert crowd.ask(("GET", one, None)).status_code == 404
        assert crowd.members(group) == set()
        told = [action for action, _ in crowd.events(person)]
        was_changed = ["user.changed"] if changed.status_code == 200 else []
        assert sorted(told) == sorted(
            ["user.provisioned", *was_changed, "user.deleted"]
        )


def test_one_user_is_deleted_once(crowd_of: CrowdOf) -> None:
    crowd = crowd_of("delete-twice")
    person = crowd.create("yamada")

    answers = crowd.at_once([("DELETE", f"Users/{person}", None)] * 8)

    assert statuses(answers) == {204: 1, 404: 7}
    told = [action for action, _ in crowd.events(person)]
    assert told == ["user.provisioned", "user.deleted"]


def test_a_group_deleted_while_people_join_leaves_no_trace(crowd_of: CrowdOf) -> None:
    crowd = crowd_of("delete-group")
    person = crowd.create("yamada")
    for number in range(ROUNDS):
        group = crowd.create_group(f"group {number}")

        deleted, added = crowd.at_once(
            [("DELETE", f"Groups/{group}", None), adding(group, person)]
        )

        assert deleted.status_code == 204
        assert added.status_code in {204, 404}
        assert crowd.ask(("GET", f"Groups/{group}", None)).status_code == 404
        assert "groups" not in crowd.read(f"Users/{person}")


def test_groups_that_take_the_same_people_crosswise_do_not_fail(
    crowd_of: CrowdOf,
) -> None:
    crowd = crowd_of("crosswise")
    people = [crowd.create(f"person{number}") for number in range(20)]
    forth, back = crowd.create_group("forth"), crowd.create_group("back")
    for action in (adding, removing) * 3:
        requests = [action(forth, *people), action(back, *reversed(people))] * 4

        answers = crowd.at_once(requests)

        assert statuses(answers) == {204: len(requests)}
        expected = set(people) if action is adding else set()
        assert crowd.members(forth) == crowd.members(back) == expected


def test_people_deleted_while_groups_take_them_crosswise_do_not_fail(
    crowd_of: CrowdOf,
) -> None:
    crowd = crowd_of("crosswise-delete")
    forth, back = crowd.create_group("forth"), crowd.create_group("back")
    people = [crowd.create(f"person{number}") for number in range(10)]
    deletions = [("DELETE", f"Users/{person}", None) for person in people]

    changes = [adding(forth, *people), adding(back, *reversed(people))]
    answers = crowd.at_once([changes[0], *deletions[:5], changes[1], *deletions[5:]])

    assert statuses(answers) == {204: 12}
    assert crowd.members(forth) == crowd.members(back) == set()


def test_two_who_want_each_others_name_are_both_refused(crowd_of: CrowdOf) -> None:
    """Each waits for the other's name: a deadlock, and for its victim one more try."""
    crowd = crowd_of("names")
    first, second = crowd.create("first"), crowd.create("second")
    renames = [
        setting(f"Users/{first}", "userName", crowd.email("second")),
        setting(f"Users/{second}", "userName", crowd.email("first")),
    ]
    for _ in range(3):
        assert statuses(crowd.at_once(renames)) == {409: 2}
    assert crowd.read(f"Users/{first}")["userName"] == crowd.email("first")


class Holder:
    """Somebody else's transaction, which is never the one that a deadlock ends."""

    def __init__(self, connection: psycopg.Connection[Row], crowd: Crowd) -> None:
        self.connection, self.crowd = connection, crowd
        connection.execute("SET deadlock_timeout = '30s'")
        connection.commit()

    def hold(self, kind: str, resource_id: str) -> None:
        query = f"SELECT 1 FROM organizations_{kind} WHERE id = %s FOR UPDATE"
        self.connection.execute(query, [resource_id])

    def is_waited_for(self, times: int = 1) -> bool:
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE %s = ANY (pg_blocking_pids(pid))"
        )
        pid = self.connection.info.backend_pid
        return bool(self.crowd.value(query, pid) == times)


@dataclass
class Deadlock:
    """A request locks the group, then the user; a holder has the user, then wants the group."""

    crowd: Crowd
    user: str
    group: str
    holders: tuple[Holder, Holder]
    thread: ThreadPoolExecutor

    def request(self) -> Future[httpx.Response]:
        return self.thread.submit(self.crowd.ask, adding(self.group, self.user))


@pytest.fixture
def deadlock(running: RunningProduct, crowd_of: CrowdOf) -> Iterator[Deadlock]:
    crowd = crowd_of(f"deadlock-{time.monotonic_ns()}")
    with (
        _connected(running) as first,
        _connected(running) as second,
        ThreadPoolExecutor(2) as thread,
    ):
        holders = Holder(first, crowd), Holder(second, crowd)
        user, group = crowd.create("yamada"), crowd.create_group("営業部")
        yield Deadlock(crowd, user, group, holders, thread)
        first.rollback()
        second.rollback()


def test_the_victim_of_a_real_deadlock_succeeds_at_the_second_try(
    deadlock: Deadlock,
) -> None:
    holder, _ = deadlock.holders
    holder.hold("user", deadlock.user)
    answer = deadlock.request()
    assert within(3, holder.is_waited_for)

    holder.hold("group", deadlock.group)  # granted: the request was ended by 40P01
    assert not answer.done()
    holder.connection.commit()

    assert answer.result().status_code == 204
    assert deadlock.crowd.members(deadlock.group) == {deadlock.user}
    assert len(deadlock.crowd.events(deadlock.group)) == 2


def test_the_victim_of_two_deadlocks_is_told_to_come_back(deadlock: Deadlock) -> None:
    first, second = deadlock.holders
    first.hold("user", deadlock.user)
    answer = deadlock.request()
    assert within(3, first.is_waited_for)
    first.hold("group", deadlock.group)
    waiting = deadlock.thread.submit(second.hold, "user", deadlock.user)
    assert within(3, lambda: first.is_waited_for(2))
    first.connection.commit()
    waiting.result()
    assert within(3, second.is_waited_for)

    second.hold("group", deadlock.group)

    assert_told_to_come_back(answer.result())
    second.connection.commit()
    assert deadlock.crowd.members(deadlock.group) == set()
    assert len(deadlock.crowd.events(deadlock.group)) == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_lock_that_does_not_come_free_is_no_fault_of_the_client(
    deadlock: Deadlock, method: str
) -> None:
    holder, _ = deadlock.holders
    one, crowd = f"Users/{deadlock.user}", deadlock.crowd
    before = crowd.read(one)
    _, _, patch = setting(one, "title", "T")
    bodies = {"PUT": {"userName": crowd.email("yamada"), "title": "T"}, "PATCH": patch}
    holder.hold("user", deadlock.user)

    answer = crowd.ask((method, one, bodies.get(method)))

    assert_told_to_come_back(answer)
    holder.connection.rollback()
    assert crowd.read(one) == before
    assert [action for action, _ in crowd.events(deadlock.user)] == ["user.provisioned"]


def assert_told_to_come_back(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Type"] == SCIM_JSON
    assert answer.json()["status"] == "503"
    assert answer.json()["detail"].startswith("CW-SYS-1: ")
