"""Many clients at the same moment: each is answered, none is lost, one order is told."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from chatwork_admin.supervisor.commands import commands
from tests.processes import within
from tests.running_product.conftest import RunningProduct, _free_port
from tests.running_product.crowd import (
    Crowd,
    Holder,
    adding,
    connected,
    creating,
    crowd_of,
    removing,
    setting,
    spellings,
    statuses,
)
from tests.scim.conftest import SCIM_JSON

pytestmark = pytest.mark.processes

AT_A_TIME = 12  # one of each of the web server's processes
ROUNDS = 8
START_SECONDS = 120.0  # on a busy machine


@pytest.fixture(scope="module")
def wide_server(running: RunningProduct) -> Iterator[str]:
    """One more web server of the product, which answers many requests at a time."""
    _look_for_deadlocks_later(running)
    port = _free_port()
    words = commands(port)["web"]
    words[words.index("--workers") + 1] = str(AT_A_TIME)
    # More is asked of it than one organization may ask.
    server = running.product._child("wide-web", words, SCIM_RATE="0")
    server.start()
    try:
        assert within(
            START_SECONDS, lambda: _is_ready(f"http://127.0.0.1:{port}/readyz")
        )
        yield f"http://127.0.0.1:{port}/scim/v2/"
    finally:
        server.stop(10)


def _look_for_deadlocks_later(running: RunningProduct) -> None:
    """After 2 seconds, not 1: time to make one, also on a busy machine."""
    with connected(running) as database:
        name = database.info.dbname
        database.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '2s'")


def _is_ready(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address).status_code == 200
    return False


@pytest.fixture(scope="module")
def customer(running: RunningProduct) -> dict[str, str]:
    return running.organization("races")


@pytest.fixture
def crowd(
    running: RunningProduct, wide_server: str, customer: dict[str, str]
) -> Iterator[Crowd]:
    """People of one organization, under names that no other test uses."""
    with crowd_of(running, wide_server, customer) as crowd:
        yield crowd


@pytest.fixture
def crowd_of_its_own(running: RunningProduct, wide_server: str) -> Iterator[Crowd]:
    """An organization that has nobody else in it."""
    with crowd_of(
        running, wide_server, running.organization("races-licences")
    ) as crowd:
        yield crowd


def test_of_twenty_creations_of_one_user_one_succeeds(crowd: Crowd) -> None:
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


def test_of_twenty_who_create_a_deleted_user_again_one_brings_him_back(
    crowd: Crowd,
) -> None:
    names = spellings(crowd.email("suzuki"), 20)
    former = crowd.create("suzuki", externalId=crowd.domain)
    group = crowd.create_group("人事部", former)
    assert crowd.ask(("DELETE", f"Users/{former}", None)).status_code == 204
    version = crowd.read(f"Groups/{group}")["meta"]["version"]

    answers = crowd.at_once([creating(n, externalId=crowd.domain) for n in names])

    assert statuses(answers) == {201: 1, 409: 19}
    created = next(each.json() for each in answers if each.status_code == 201)
    assert created["id"] != former
    assert [each["value"] for each in created["groups"]] == [group]
    assert crowd.members(group) == {created["id"]}
    assert crowd.read(f"Groups/{group}")["meta"]["version"] != version
    told = crowd.events(created["id"])
    assert [action for action, _ in told] == ["user.provisioned", "user.restored"]
    assert told[1][1]["predecessor"] == former
    query = "SELECT count(*) FROM synchronization_tombstone WHERE external_id = %s"
    assert crowd.value(query, crowd.domain) == 0


def tombstones(crowd: Crowd, name: str) -> int:
    query = "SELECT count(*) FROM synchronization_tombstone WHERE user_name_key = %s"
    count: int = crowd.value(query, crowd.email(name))
    return count


def test_who_is_created_while_he_is_being_deleted_comes_again(
    running: RunningProduct, crowd: Crowd
) -> None:
    """His deletion has begun, waits for his group, and he is awaited in turn."""
    former = crowd.create("tanaka")
    group = crowd.create_group("広報部", former)
    with connected(running) as connection, ThreadPoolExecutor(2) as threads:
        holder = Holder(connection, crowd)
        holder.hold("group", group)
        deletion = threads.submit(crowd.ask, ("DELETE", f"Users/{former}", None))
        assert within(10, holder.is_waited_for)
        creation = threads.submit(crowd.ask, creating(crowd.email("tanaka")))
        assert within(10, lambda: waiting(crowd) == 2)
        connection.commit()
        answers = [deletion.result(), creation.result()]

    assert [each.status_code for each in answers] == [204, 201]
    assert crowd.members(group) == {answers[1].json()["id"]}
    assert tombstones(crowd, "tanaka") == 0


def waiting(crowd: Crowd) -> int:
    """How many transactions wait for another."""
    blocked = "cardinality(pg_blocking_pids(pid)) > 0"
    count: int = crowd.value(f"SELECT count(*) FROM pg_stat_activity WHERE {blocked}")
    return count


def test_however_creations_and_deletions_mix_one_is_remembered(crowd: Crowd) -> None:
    group = crowd.create_group("開発部")
    present = crowd.create("kato")
    for _ in range(ROUNDS):
        crowd.ask(adding(group, present))
        creations = [creating(crowd.email("kato"))] * 6
        answers = crowd.at_once([("DELETE", f"Users/{present}", None), *creations])

        deleted, *created = (each.status_code for each in answers)
        assert deleted == 204
        assert set(created) <= {201, 409}
        is_back = 201 in created
        assert tombstones(crowd, "kato") == (0 if is_back else 1)
        found = crowd.http.get(
            "Users", params={"filter": f'userName eq "{crowd.email("kato")}"'}
        )
        present = (
            found.json()["Resources"][0]["id"] if is_back else crowd.create("kato")
        )
        assert crowd.members(group) == {present}


def test_two_names_of_one_deleted_user_are_two_users_and_one_has_his_teams(
    crowd: Crowd,
) -> None:
    former = crowd.create("sato", externalId=crowd.domain)
    group = crowd.create_group("総務部", former)
    assert crowd.ask(("DELETE", f"Users/{former}", None)).status_code == 204
    names = [crowd.email(f"sato{number}") for number in range(20)]

    answers = crowd.at_once([creating(n, externalId=crowd.domain) for n in names])

    assert statuses(answers) == {201: 20}
    members = crowd.members(group)
    assert len(members) == 1
    assert members < {each.json()["id"] for each in answers}


def test_of_twenty_creations_of_one_group_one_succeeds(crowd: Crowd) -> None:
    names = spellings(f"sales {crowd.domain}", 20)
    bodies = [{"displayName": name} for name in names]

    answers = crowd.at_once([("POST", "Groups", body) for body in bodies])

    assert statuses(answers) == {201: 1, 409: 19}
    found = crowd.http.get("Groups", params={"filter": f'displayName eq "{names[0]}"'})
    assert found.json()["totalResults"] == 1


def test_the_last_five_licences_are_given_five_times(crowd_of_its_own: Crowd) -> None:
    crowd = crowd_of_its_own
    crowd.create("first")
    crowd.rows.execute(  # the administrator and the first have two
        "UPDATE organizations_organization SET licences = 7 WHERE slug = 'races-licences'"
    )

    answers = crowd.at_once(
        [creating(crowd.email(f"person{number}")) for number in range(20)]
    )

    assert statuses(answers) == {201: 5, 403: 15}
    details = [each.json()["detail"] for each in answers if each.status_code == 403]
    assert {each.partition(":")[0] for each in details} == {"CW-USER-1"}
    assert crowd.read("Users?count=0")["totalResults"] == 7


def test_parallel_changes_of_members_lose_nobody(crowd: Crowd) -> None:
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


def test_one_member_joins_once_however_many_add_him(crowd: Crowd) -> None:
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
    crowd: Crowd,
) -> None:
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


def test_changes_of_one_user_are_all_kept(crowd: Crowd) -> None:
    one = f"Users/{crowd.create('yamada')}"
    names = ["title", "displayName", "nickName", "userType", "locale", "timezone"]

    answers = crowd.at_once([setting(one, name, f"the {name}") for name in names])

    assert statuses(answers) == {200: len(names)}
    final = crowd.read(one)
    assert {name: final.get(name) for name in names} == {
        name: f"the {name}" for name in names
    }
    assert _version(crowd, "user", final["id"]) == 1 + len(names)


def test_who_is_deleted_while_being_changed_is_deleted(crowd: Crowd) -> None:
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


def test_one_user_is_deleted_once(crowd: Crowd) -> None:
    person = crowd.create("yamada")

    answers = crowd.at_once([("DELETE", f"Users/{person}", None)] * 8)

    assert statuses(answers) == {204: 1, 404: 7}
    told = [action for action, _ in crowd.events(person)]
    assert told == ["user.provisioned", "user.deleted"]


def test_a_group_deleted_while_people_join_leaves_no_trace(crowd: Crowd) -> None:
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
    crowd: Crowd,
) -> None:
    people = [crowd.create(f"person{number}") for number in range(20)]
    forth, back = crowd.create_group("forth"), crowd.create_group("back")
    for action in (adding, removing) * 3:
        requests = [action(forth, *people), action(back, *reversed(people))] * 4

        answers = crowd.at_once(requests)

        assert statuses(answers) == {204: len(requests)}
        expected = set(people) if action is adding else set()
        assert crowd.members(forth) == crowd.members(back) == expected


def test_people_deleted_while_groups_take_them_crosswise_do_not_fail(
    crowd: Crowd,
) -> None:
    forth, back = crowd.create_group("forth"), crowd.create_group("back")
    people = [crowd.create(f"person{number}") for number in range(10)]
    deletions = [("DELETE", f"Users/{person}", None) for person in people]

    changes = [adding(forth, *people), adding(back, *reversed(people))]
    answers = crowd.at_once([changes[0], *deletions[:5], changes[1], *deletions[5:]])

    assert statuses(answers) == {204: 12}
    assert crowd.members(forth) == crowd.members(back) == set()


def test_two_who_want_each_others_name_are_both_refused(crowd: Crowd) -> None:
    """Each may wait for the other's name: a deadlock, its victim tried once more."""
    first, second = crowd.create("first"), crowd.create("second")
    renames = [
        setting(f"Users/{first}", "userName", crowd.email("second")),
        setting(f"Users/{second}", "userName", crowd.email("first")),
    ]
    for _ in range(ROUNDS):
        assert statuses(crowd.at_once(renames * 4)) == {409: 8}
    assert crowd.read(f"Users/{first}")["userName"] == crowd.email("first")


TRIES = 20  # to make a deadlock on a busy machine, before a request gives up


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

    def becomes_victim(self, times: int) -> httpx.Response | None:
        """Return the answer to a request that deadlocks end so often.

        None if the machine was too busy to make them before the request gave up.
        """
        holder, _ = self.holders
        holder.hold("user", self.user)
        answer = self.request()
        is_made = all(self._ends(holder) for _ in range(times))
        holder.connection.rollback()
        said = answer.result()
        return said if is_made else None

    def _ends(self, holder: Holder) -> bool:
        with holder.connection.transaction(force_rollback=True):
            return holder.closes_circle("group", self.group)


@pytest.fixture
def deadlock(running: RunningProduct, crowd: Crowd) -> Iterator[Deadlock]:
    with (
        connected(running) as first,
        connected(running) as second,
        ThreadPoolExecutor(2) as thread,
    ):
        holders = Holder(first, crowd), Holder(second, crowd)
        user, group = crowd.create("yamada"), crowd.create_group("営業部")
        yield Deadlock(crowd, user, group, holders, thread)
        first.rollback()
        second.rollback()


def victims(deadlock: Deadlock, times: int) -> Iterator[tuple[str, httpx.Response]]:
    """Yield groups, and how their changes are answered that deadlocks end so often."""
    for number in range(TRIES):
        group = deadlock.crowd.create_group(f"group {number}")
        answer = replace(deadlock, group=group).becomes_victim(times)
        if answer is not None:
            yield group, answer


def test_the_victim_of_a_real_deadlock_succeeds_at_the_second_try(
    deadlock: Deadlock,
) -> None:
    """On a busy machine the second try may wait for too long: then, another request."""
    found = victims(deadlock, times=1)
    group = next(group for group, answer in found if answer.status_code == 204)

    assert deadlock.crowd.members(group) == {deadlock.user}
    assert len(deadlock.crowd.events(group)) == 2


def test_the_victim_of_two_deadlocks_is_told_to_come_back(deadlock: Deadlock) -> None:
    """The first may be before Django is asked: it counts."""
    group, answer = next(victims(deadlock, times=2))

    assert_told_to_come_back(answer)
    assert deadlock.crowd.members(group) == set()
    assert len(deadlock.crowd.events(group)) == 1


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


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_name_that_somebody_is_about_to_take_is_worth_another_try(
    deadlock: Deadlock, method: str
) -> None:
    holder, _ = deadlock.holders
    crowd, name = deadlock.crowd, deadlock.crowd.email("wanted")
    other = crowd.create("other")
    holder.connection.execute(
        "UPDATE organizations_user SET user_name_key = %s WHERE id = %s",
        [name, deadlock.user],
    )
    requests = {
        "POST": creating(name),
        "PATCH": setting(f"Users/{other}", "userName", name),
    }

    assert_told_to_come_back(crowd.ask(requests[method]))
    holder.connection.rollback()

    assert crowd.ask(requests[method]).status_code in {200, 201}


def assert_told_to_come_back(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Type"] == SCIM_JSON
    assert answer.json()["status"] == "503"
    assert answer.json()["detail"].startswith("CW-SYS-1: ")
