"""Users, changed by many clients at the same moment: each is answered, one order is told."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.processes import within
from tests.running_product.conftest import RunningProduct, connected
from tests.running_product.races.crowd import (
    ROUNDS,
    Crowd,
    Holder,
    adding,
    creating,
    setting,
    spellings,
    statuses,
)

pytestmark = pytest.mark.processes


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
        assert within(30, holder.is_waited_for)
        creation = threads.submit(crowd.ask, creating(crowd.email("tanaka")))
        assert within(30, lambda: waiting(crowd) == 2)
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
    object_id = str(uuid.uuid4())
    former = crowd.create("sato", externalId=object_id)
    group = crowd.create_group("総務部", former)
    assert crowd.ask(("DELETE", f"Users/{former}", None)).status_code == 204
    names = [crowd.email(f"sato{number}") for number in range(20)]

    answers = crowd.at_once([creating(n, externalId=object_id) for n in names])

    assert statuses(answers) == {201: 20}
    members = crowd.members(group)
    assert len(members) == 1
    assert members < {each.json()["id"] for each in answers}


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
        assert crowd.version("user", final["id"]) == 3


def test_changes_of_one_user_are_all_kept(crowd: Crowd) -> None:
    one = f"Users/{crowd.create('yamada')}"
    names = ["title", "displayName", "nickName", "userType", "locale", "timezone"]

    answers = crowd.at_once([setting(one, name, f"the {name}") for name in names])

    assert statuses(answers) == {200: len(names)}
    final = crowd.read(one)
    assert {name: final.get(name) for name in names} == {
        name: f"the {name}" for name in names
    }
    assert crowd.version("user", final["id"]) == 1 + len(names)


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
