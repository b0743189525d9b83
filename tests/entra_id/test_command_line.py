import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.entra_id.__main__ import main
from tests.entra_id.directory import write_directory
from tests.entra_id.small_directory import DIRECTORY
from tests.entra_id.small_target import TOKEN, SmallTarget


class Listener(BaseHTTPRequestHandler):
    """Puts a SmallTarget behind a real socket."""

    protocol_version = "HTTP/1.1"
    target: SmallTarget

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        request = httpx.Request(
            self.command,
            f"http://{self.headers['Host']}{self.path}",
            headers=dict(self.headers),
            content=self.rfile.read(length),
        )
        answer = self.target.answer(request)
        self.send_response(answer.status_code)
        if answer.status_code != 204:
            self.send_header("Content-Type", "application/scim+json")
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server looks them up

    def log_message(self, *_arguments: object) -> None:
        """Keep the test's output for the test."""


@pytest.fixture
def address() -> Iterator[str]:
    Listener.target = SmallTarget()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/scim/v2"
    server.shutdown()
    thread.join()
    server.server_close()


def cycle(address: str, folder: Path, *options: str) -> int:
    write_directory(DIRECTORY, folder)
    places = ["--directory", str(folder), "--state", str(folder / "state.json")]
    return main(["cycle", "--scim-base", address, "--token", TOKEN, *places, *options])


def test_the_first_cycle_is_the_initial_one_and_the_second_incremental(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = [cycle(address, tmp_path, "--json"), cycle(address, tmp_path, "--json")]

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert codes == [0, 0]
    assert (first["kind"], first["created"]) == ("initial", 4)
    assert (second["kind"], second["created"]) == ("incremental", 0)


def test_a_failure_is_shown_with_its_reason_and_an_exit_code(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Listener.target.refused_names = {"taro@example.jp"}

    code = cycle(address, tmp_path, "--workers", "4")

    shown = capsys.readouterr().out
    assert code == 1
    assert "CW-USER-1: 1 failed" in shown
    assert "taro@example.jp: CW-USER-1: No licence left" in shown


@pytest.mark.parametrize(("token", "code"), [(TOKEN, 0), ("another", 1)])
def test_the_connection_test_has_an_exit_code(
    address: str, monkeypatch: pytest.MonkeyPatch, token: str, code: int
) -> None:
    monkeypatch.setenv("ENTRA_ID_TOKEN", token)

    assert main(["test-connection", "--scim-base", address]) == code


def test_metadata_is_written_with_the_key_that_is_kept(tmp_path: Path) -> None:
    output = tmp_path / "metadata.xml"

    assert main(["metadata", "--folder", str(tmp_path), "--output", str(output)]) == 0

    tenant = (tmp_path / "tenant-id.txt").read_text()
    assert tenant in output.read_text(encoding="utf-8-sig")


def test_a_missing_directory_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ["--directory", str(tmp_path), "--state", str(tmp_path / "state.json")]

    assert main(["cycle", "--scim-base", "http://127.0.0.1:9", *places]) == 2
    assert "users.csv does not exist" in capsys.readouterr().err
