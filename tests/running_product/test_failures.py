"""Processes killed in the middle of a cycle: nothing is lost, nothing happens twice."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from chatwork_admin.authorization import credentials
from chatwork_admin.authorization.credentials import Prefix
from tests.entra_id.client import Retries
from tests.entra_id.directory import Directory
from tests.entra_id.provisioning import ProvisioningService
from tests.entra_id.report import CycleReport
from tests.running_product.conftest import (
    RunningProduct,
    entra,
    in_a_domain_of_its_own,
    smaller,
)

pytestmark = pytest.mark.processes

KILLS = 3
NO_RETRIES = Retries(attempts=1, longest_wait=0.0, first_wait=0.0)


def meanwhile(
    running: RunningProduct,
    service: ProvisioningService,
    disturb: Callable[[], None],
    times: int,
) -> CycleReport:
    """Run a cycle in a thread; from the main thread, tend the product and disturb it."""
    with ThreadPoolExecutor(1) as thread:
        cycle: Future[CycleReport] = thread.submit(service.initial_cycle)
        for _ in range(times):
            running.product.watch(0.8)
            disturb()
        while not cycle.done():
            running.product.watch(0.1)
        return cycle.result()


def events_of(running: RunningProduct) -> tuple[int, Counter[str]]:
    """Return how many events there are, and how often each was delivered."""
    status = running.wait_until_delivered()
    lines = running.delivered_lines()
    return status["events"], Counter(line["event_id"] for line in lines)


def test_a_killed_worker_loses_no_event(
    running: RunningProduct, directory: Directory, tmp_path: Path
) -> None:
    customer = running.organization("killed-worker")
    before, delivered_before = events_of(running)
    worker = running.product._processes["worker"]

    def kill() -> None:
        if worker.child.process is not None and worker.child.is_running:
            os.killpg(worker.child.process.pid, signal.SIGKILL)

    people = in_a_domain_of_its_own(smaller(directory, 60), "killed-worker")
    service = entra(customer, people, tmp_path / "state.json")
    with service.client:
        report = meanwhile(running, service, kill, KILLS)
    events, delivered = events_of(running)

    assert worker.deaths >= 1
    assert report.failures == ()
    # Events of the installation, which others may have left, go to no log.
    assert len(delivered) - len(delivered_before) == events - before > 0
    # A kill may fall between the log's line and the row's end: the same id once more.
    assert delivered.total() - len(delivered) <= KILLS


def test_without_redis_no_request_fails_and_events_arrive_when_it_returns(
    running: RunningProduct, directory: Directory, tmp_path: Path
) -> None:
    customer = running.organization("frozen-redis")
    before, delivered_before = events_of(running)
    redis = next(
        server for server in running.product._services.servers if server.name == "redis"
    )
    assert redis.child.process is not None
    people = in_a_domain_of_its_own(smaller(directory, 30), "frozen-redis")
    service = entra(customer, people, tmp_path / "state.json", retries=NO_RETRIES)

    redis.child.process.send_signal(signal.SIGSTOP)
    try:
        with service.client:
            report = meanwhile(running, service, lambda: None, 1)
    finally:
        redis.child.process.send_signal(signal.SIGCONT)
    events, delivered = events_of(running)

    assert report.failures == ()
    # Events of the installation, which others may have left, go to no log.
    assert len(delivered) - len(delivered_before) == events - before > 0


def test_who_shows_no_token_is_refused_before_his_body_comes(
    running: RunningProduct,
) -> None:
    address = urlsplit(running.product.base_url)
    head = (
        f"POST /scim/v2/Users HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Content-Type: application/scim+json\r\nContent-Length: 99\r\n"
        "Authorization: Bearer x\r\nExpect: 100-continue\r\n\r\n"
    )
    where = address.hostname or "", address.port or 0
    with socket.create_connection(where, timeout=10) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"application/scim+json" in answer


@pytest.mark.parametrize("path", ["/scim/v2/Users", "/sign-in/", "/saml/acme/acs"])
def test_bodies_that_do_not_come_keep_nobody_waiting(
    running: RunningProduct, path: str
) -> None:
    address = urlsplit(running.product.base_url)
    where = address.hostname or "", address.port or 0
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 99\r\n"
        f"Authorization: Bearer {credentials.new(Prefix.ACCESS_TOKEN)}\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            late = stack.enter_context(socket.create_connection(where))
            late.sendall(head.encode())
        answer = httpx.get(f"{running.product.base_url}/readyz", timeout=20)

    assert answer.status_code == 200
