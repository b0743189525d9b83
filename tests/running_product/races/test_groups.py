"""Groups, changed by many clients at the same moment: nobody is lost, one order is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.running_product.races.crowd import (
    ROUNDS,
    Crowd,
    adding,
    removing,
    spellings,
    statuses,
)

pytestmark = pytest.mark.processes


def test_of_twenty_creations_of_one_group_one_succeeds(crowd: Crowd) -> None:
    names = spellings(f"sales {crowd.domain}", 20)
    bodies = [{"displayName": name} for name in names]

    answers = crowd.at_once([("POST", "Groups", body) for body in bodies])

    assert statuses(answers) == {201: 1, 409: 19}
    found = crowd.http.get("Groups", params={"filter": f'displayName eq "{names[0]}"'})
    assert found.json()["totalResults"] == 1


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
    assert crowd.version("group", group) == 1 + len(requests)


def _named(events: list[tuple[str, dict[str, Any]]], word: str) -> Iterator[str]:
    return (each for _, context in events for each in context.get(word, []))


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
