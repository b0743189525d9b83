"""One more web server, which answers many requests at a time, and who asks it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
import pytest

from chatwork_admin.supervisor.commands import commands
from tests.processes import within
from tests.running_product.conftest import RunningProduct, connected, free_port
from tests.running_product.races.crowd import (
    Crowd,
    crowd_of,
)

AT_A_TIME = 12  # one of each of the web server's processes


START_SECONDS = 120.0  # on a busy machine


@pytest.fixture(scope="session")
def wide_server(running: RunningProduct) -> Iterator[str]:
    """One more web server of the product, which answers many requests at a time."""
    _look_for_deadlocks_later(running)
    port = free_port()
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


@pytest.fixture(scope="session")
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
