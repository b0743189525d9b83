"""Deadlocks, and locks that do not come free: tried again, or told to come back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import httpx
import pytest

from tests.running_product.conftest import RunningProduct, connected
from tests.running_product.races.crowd import (
    Crowd,
    Holder,
    adding,
    creating,
    setting,
)
from tests.scim.conftest import SCIM_JSON

pytestmark = pytest.mark.processes


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
