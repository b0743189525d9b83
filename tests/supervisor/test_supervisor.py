"""The supervisor: what it refuses, remembers, revives and stops."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatwork_admin.embedded.children import CannotStart, Child
from chatwork_admin.embedded.directories import claim
from chatwork_admin.supervisor import Product, commands
from chatwork_admin.supervisor.environment import remember
from chatwork_admin.supervisor.kept_alive import KeptAlive
from saml_sso.key_pairs import parse_key_pair
from tests.processes import mentioning, within

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = {"BASE_URL": "http://127.0.0.1:8000", "REDIS_URL": ""}
EMBEDDED = ("DATABASE_URL", "REDIS_URL")


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """A directory that PostgreSQL's user can reach, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="chatwork-admin-product-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def serving(directory: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run the product until its end, which is SIGKILL unless the test chose another."""
    environment = {
        name: os.environ[name] for name in os.environ if name not in EMBEDDED
    }
    environment |= {"DATA_DIRECTORY": str(directory), "PORT": str(port)}
    serve = [sys.executable, "-m", "chatwork_admin.supervisor", "serve"]
    with subprocess.Popen(
        serve, stdout=subprocess.PIPE, text=True, env=environment, cwd=PROJECT
    ) as supervisor:
        try:
            yield supervisor
        finally:
            supervisor.kill()


def test_a_taken_port_is_named_and_nothing_is_left_behind(
    tmp_path: Path, taken_port: int
) -> None:
    data = tmp_path / "data"
    with pytest.raises(CannotStart, match=rf"port {taken_port} is taken .* PORT="):
        Product(port=taken_port, directory=data).__enter__()
    assert not data.exists()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused_in_one_line(tmp_path: Path, port: str) -> None:
    refused = _supervise("serve", DATA_DIRECTORY=str(tmp_path / "data"), PORT=port)
    assert refused.returncode == 1
    assert refused.stderr == (
        f"Cannot serve: PORT must be a number from 1 to 65535, not {port}.\n"
    )
    assert not (tmp_path / "data").exists()


def test_the_environment_file_is_for_its_owner_only_and_keeps_its_secrets(
    tmp_path: Path,
) -> None:
    first = remember(tmp_path, SETTINGS)
    second = remember(tmp_path, SETTINGS | {"BASE_URL": "http://127.0.0.1:9000"})
    file = tmp_path / "environment"
    assert file.stat().st_mode & 0o777 == 0o600
    assert second == first | {"BASE_URL": "http://127.0.0.1:9000"}
    assert dict(line.split("=", 1) for line in file.read_text().splitlines()) == second
    assert len(first["SECRET_KEY"]) >= 50
    assert first["SECRET_KEY"] != first["TOKEN_PEPPER"]


def test_two_products_have_different_secrets(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = remember(tmp_path, {}), remember(tmp_path / "other", {})
    assert one["SECRET_KEY"] != other["SECRET_KEY"]
    assert one["TOKEN_PEPPER"] != other["TOKEN_PEPPER"]
    assert one["SAML_SP_KEY"] != other["SAML_SP_KEY"]


def test_a_product_makes_its_saml_key_once(tmp_path: Path) -> None:
    first = remember(tmp_path, {})
    assert remember(tmp_path, {})["SAML_SP_KEY"] == first["SAML_SP_KEY"]
    pair = parse_key_pair(first["SAML_SP_KEY"], first["SAML_SP_CERTIFICATE"])
    assert pair.private_key.startswith("-----BEGIN PRIVATE KEY-----")


def test_a_process_that_keeps_dying_is_started_less_and_less_often(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process = KeptAlive("worker", Child(["false"], tmp_path / "worker.log", os.environ))
    process.start()
    assert within(30, lambda: _tended(process).deaths == 3)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "worker ended (exit code 1), again in 0.5 s",
        "worker ended (exit code 1), again in 1 s",
        "worker ended (exit code 1), again in 2 s",
    ]


def test_the_survivors_of_a_dead_process_end_before_it_starts_again(
    tmp_path: Path,
) -> None:
    leave_one = ["sh", "-c", f"sleep 60 {tmp_path} & exit 1"]
    process = KeptAlive("web", Child(leave_one, tmp_path / "web.log", os.environ))
    process.start()
    assert within(30, lambda: _tended(process).deaths == 1)
    assert within(30, lambda: not mentioning(tmp_path))


def test_the_data_of_a_running_product_is_not_removed(tmp_path: Path) -> None:
    with claim(tmp_path):
        refused = _supervise("reset", DATA_DIRECTORY=str(tmp_path))
    assert refused.returncode == 1
    assert "is in use" in refused.stderr
    assert (tmp_path / "lock").exists()


def test_only_the_data_of_a_product_is_removed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    claim(data).close()
    (tmp_path / "letters").touch()
    assert _supervise("reset", DATA_DIRECTORY=str(data)).returncode == 0
    assert not data.exists()
    assert _supervise("reset", DATA_DIRECTORY=str(tmp_path)).returncode == 0
    assert (tmp_path / "letters").exists()


def test_a_folder_that_holds_the_project_is_not_removed_even_if_it_was_used() -> None:
    with tempfile.TemporaryDirectory() as home:
        claim(Path(home)).close()
        refused = _supervise("reset", DATA_DIRECTORY=home, HOME=home)
        assert refused.returncode == 1
        assert Path(home, "lock").exists()


@pytest.mark.processes
def test_the_product_serves_revives_what_dies_and_stops_without_a_reader(
    directory: Path, free_port: int
) -> None:
    with serving(directory, free_port) as supervisor:
        assert supervisor.stdout
        assert f"http://127.0.0.1:{free_port}" in supervisor.stdout.readline()
        for process in _processes(directory, "audit_relay"):
            os.kill(process, signal.SIGKILL)
        assert supervisor.stdout.readline().startswith("relay ended (exit code -9)")
        assert within(30, lambda: len(_processes(directory, "audit_relay")) == 1)
        assert _status(free_port, "/readyz") == 200
        supervisor.stdout.close()
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(40) == 0
        assert mentioning(directory) == set()


@pytest.mark.processes
def test_killing_the_supervisor_leaves_no_process(
    directory: Path, free_port: int
) -> None:
    with serving(directory, free_port) as supervisor:
        assert supervisor.stdout
        assert supervisor.stdout.readline()
        for name in commands(free_port):
            assert (directory / "log" / f"{name}.log").exists()
        supervisor.kill()
        assert within(30, lambda: not mentioning(directory))


def _supervise(action: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chatwork_admin.supervisor", action],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | settings,
        cwd=PROJECT,
    )


def _tended(process: KeptAlive) -> KeptAlive:
    process.tend()
    return process


def _processes(directory: Path, word: str) -> set[int]:
    found = mentioning(directory)
    return {pid for pid in found if word in Path(f"/proc/{pid}/cmdline").read_text()}


def _status(port: int, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as response:
        return int(response.status)
