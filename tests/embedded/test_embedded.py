"""The embedded servers: real ones, in a directory that only this file uses."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from kombu import Connection

from chatwork_admin.embedded import Services
from chatwork_admin.embedded.children import CannotStart, Child
from chatwork_admin.embedded.directories import claim, private, short, twin
from tests.processes import mentioning, within

OWNER_TO_BE_KILLED = """
import sys, time
from pathlib import Path
from chatwork_admin.embedded import Services
Services(Path(sys.argv[1]), durable=False).start()
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def unnamed_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """A directory that PostgreSQL's user can reach, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="chatwork-admin-embedded-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@contextmanager
def running(directory: Path) -> Iterator[Services]:
    services = Services(directory, durable=False)
    services.start()
    try:
        yield services
    finally:
        services.stop()


def test_the_servers_answer_at_their_addresses_and_leave_no_process_behind(
    directory: Path,
) -> None:
    with running(directory) as services:
        assert _query(services, "SELECT current_user") == "chatwork_owner"
        assert _carries_a_message(services.redis_url)
        assert mentioning(directory)
    assert mentioning(directory) == set()


def test_nobody_else_may_enter_the_directories_of_the_sockets(directory: Path) -> None:
    with running(directory):
        for server in ("postgresql", "redis"):
            assert (directory / server).stat().st_mode & 0o077 == 0


def test_a_second_start_in_the_same_directory_is_refused(directory: Path) -> None:
    with running(directory) as services:
        with pytest.raises(CannotStart, match=f"{directory} is in use"):
            Services(directory).start()
        assert _query(services, "SELECT 1") == 1


def test_a_restart_finds_the_data_again(directory: Path) -> None:
    with (
        running(directory) as services,
        psycopg.connect(services.database_url) as connection,
    ):
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
    with running(directory) as services:
        assert _query(services, "SELECT answer FROM kept") == 42


def test_crashed_servers_are_revived_at_the_same_addresses(directory: Path) -> None:
    with running(directory) as services:
        before = (services.database_url, services.redis_url)
        assert services.revive() == []
        for server in services.servers:
            assert server.child.process
            server.child.process.kill()
            server.child.process.wait()
        assert services.revive() == ["postgresql", "redis"]
        assert (services.database_url, services.redis_url) == before
        assert _query(services, "SELECT 1") == 1
        assert _carries_a_message(services.redis_url)


def test_killing_their_owner_ends_the_servers(
    directory: Path,
) -> None:
    command = [sys.executable, "-c", OWNER_TO_BE_KILLED, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        assert owner.stdout.readline() == b"started\n"
        assert len(mentioning(directory)) > 2
        owner.kill()
    assert within(30, lambda: not mentioning(directory))
    with running(directory) as services:
        assert _query(services, "SELECT 1") == 1


def test_what_a_killed_start_left_on_disk_does_not_hinder_the_next(
    directory: Path,
) -> None:
    with running(directory):
        pass
    home = directory / "postgresql"
    (home / "unfinished-cluster").mkdir()
    # This test's own number: a living process, which is no PostgreSQL.
    (home / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    (directory / "redis" / "redis.sock").touch()
    with running(directory) as services:
        assert _query(services, "SELECT 1") == 1
        assert _carries_a_message(services.redis_url)
        assert not (home / "unfinished-cluster").exists()


def test_servers_that_the_environment_names_are_used_and_not_started(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/chatwork")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with running(directory) as services:
        assert services.database_url == "postgresql://elsewhere/chatwork"
        assert services.redis_url == "redis://elsewhere"
        assert mentioning(directory) == set()


def test_an_empty_redis_url_means_to_do_without_redis(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "")
    with running(directory) as services:
        assert services.redis_url == ""
        assert [server.name for server in services.servers] == ["postgresql"]


def test_a_cluster_of_another_version_is_refused_and_left_alone(
    directory: Path,
) -> None:
    with running(directory):
        pass
    version = directory / "postgresql" / "cluster" / "PG_VERSION"
    before = version.read_text()
    version.write_text("9\n")
    with pytest.raises(CannotStart, match="was made by PostgreSQL 9"):
        Services(directory).start()
    version.write_text(before)
    assert mentioning(directory) == set()


def test_servers_start_in_the_main_thread_only(tmp_path: Path) -> None:
    refusals: list[str] = []

    def start() -> None:
        try:
            Child(["true"], tmp_path / "log", environment={}).start()
        except RuntimeError as refusal:
            refusals.append(str(refusal))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert refusals == ["a child dies with its thread: use the main thread"]


def test_a_child_that_ignores_its_farewell_is_ended_with_its_own_children(
    tmp_path: Path,
) -> None:
    stubborn = f"trap '' TERM; sleep 60 {tmp_path} & echo ready; wait; wait"
    child = Child(["sh", "-c", stubborn], tmp_path / "log", environment=os.environ)
    child.start()
    assert within(30, lambda: "ready" in child.log.read_text())
    child.stop(seconds=0.2)
    assert within(30, lambda: not mentioning(tmp_path))


def test_the_log_of_the_database_quotes_nothing_of_people(directory: Path) -> None:
    """RFC 7644 §7.5.1: neither a key that is there already, nor what was to be done."""
    once = "INSERT INTO people VALUES (%s)"
    with running(directory) as services:
        with psycopg.connect(services.database_url, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS people")
            connection.execute("CREATE TABLE people (login text UNIQUE)")
            for _ in range(2):
                with suppress(psycopg.errors.UniqueViolation):
                    connection.execute(once, ["taro@example.jp"])
        log = (services.directory / "log" / "postgresql.log").read_text()

    assert 'violates unique constraint "people_login_key"' in log
    assert "@" not in log
    assert "INSERT" not in log


def test_a_program_that_fails_is_reported_with_the_end_of_its_log(
    tmp_path: Path,
) -> None:
    command = ["sh", "-c", "echo no such table; exit 3"]
    child = Child(command, tmp_path / "log", environment=os.environ)
    with pytest.raises(CannotStart, match=r"(?s)exit code 3.*no such table"):
        child.complete()


def test_a_program_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    child = Child(["/nowhere/postgres"], tmp_path / "log", environment={})
    with pytest.raises(CannotStart, match="/nowhere/postgres does not start"):
        child.start()


def test_a_path_that_a_socket_cannot_carry_has_a_short_twin() -> None:
    long, comma = Path("/", "long" * 30), Path("/a,b")
    assert short(Path("/short")) == Path("/short")
    assert short(long) == twin(long) == twin(long)
    assert len(os.fsencode(short(long))) < 90
    assert "," not in str(short(comma))
    assert twin(long) != twin(comma)


def test_a_directory_of_somebody_else_is_not_made_ours(tmp_path: Path) -> None:
    foreign = Path("/usr")
    if os.geteuid() == 0:
        foreign = tmp_path / "foreign"
        foreign.mkdir()
        os.chown(foreign, 1, 1)
    with pytest.raises(CannotStart, match="belongs to another user"):
        private(foreign)


def test_a_directory_that_cannot_be_made_is_reported_with_a_way_out(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="DATA_DIRECTORY"):
        claim(tmp_path / "file" / "data")


def _query(services: Services, statement: str) -> object:
    with psycopg.connect(services.database_url) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row
    return row[0]


def _carries_a_message(url: str) -> bool:
    with Connection(url) as connection:
        queue = connection.SimpleQueue("test")
        queue.put("hello")
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
    return bool(message.payload == "hello")
