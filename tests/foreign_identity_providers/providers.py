"""Identity providers by others, as programs that a test can start."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.deployment.production import PROJECT
from tests.foreign_identity_providers.servers import free_port, serving
from tests.saml_sso import builders

HERE = Path(__file__).parent
TOOLS = PROJECT / ".tools"
HOST = "identity.example.jp"
URL = f"https://{HOST}"
INSTALL = "`make identity-providers` installs it where it may"

Person = dict[str, list[str]]


@dataclass(frozen=True)
class Provider:
    """`program` must be there, and `probe` must succeed, for `command` to work.

    The command is given directory, port and address, unless it has no use for them.
    """

    name: str
    program: Path | str
    probe: Sequence[str]
    command: Sequence[str | Path]
    metadata_path: str = "/metadata"

    def missing(self) -> str:
        """Say why it cannot be started here; empty when it can."""
        program = shutil.which(self.program)
        if program is None:
            return f"no {self.name}: {self.program} is not there; {INSTALL}"
        probed = subprocess.run(
            [program, *self.probe], check=False, capture_output=True, text=True
        )
        if probed.returncode:
            return f"no {self.name}: {probed.stderr.strip()[-200:]}; {INSTALL}"
        return ""


@dataclass(frozen=True)
class RunningProvider:
    """What a test tells it: who signs in, and how it answers."""

    provider: Provider
    directory: Path
    port: int

    @property
    def metadata_url(self) -> str:
        return f"{URL}{self.provider.metadata_path}"

    def describe(self, person: Person) -> None:
        """Let it sign this person in; `people.json` is for the one that asks."""
        self._write("person.json", person)
        self._write("people.json", {"somebody:secret": person})

    def choose(self, **options: object) -> None:
        self._write("options.json", options)

    def _write(self, name: str, content: Any) -> None:
        text = json.dumps(content, ensure_ascii=False)
        (self.directory / name).write_text(text, encoding="utf-8")


@contextlib.contextmanager
def started(
    provider: Provider, directory: Path, service_provider: bytes
) -> Iterator[RunningProvider]:
    """Run it until the end of the block; it knows our metadata, `service_provider`."""
    running = RunningProvider(provider, directory, free_port())
    running.describe({})
    running.choose()
    (directory / "service_provider.xml").write_bytes(service_provider)
    _make_key(directory)
    _lay_out_simplesamlphp(directory)
    words = {"DIRECTORY": str(directory), "PORT": str(running.port), "URL": URL}
    command = [_filled_in(str(word), words) for word in provider.command]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "SIMPLESAMLPHP_CONFIG_DIR": str(directory),
        "IDP_URL": URL,
        "SAMLP_DIRECTORY": str(TOOLS / "samlp"),
    }
    log = directory / "log"
    with serving(command, port=running.port, log=log, environment=environment):
        yield running


def _filled_in(word: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        word = word.replace(f"<{name}>", value)
    return word


def _make_key(directory: Path) -> None:
    now = datetime.now(UTC)
    period = {"not_before": now - builders.A_DAY, "not_after": now + builders.A_YEAR}
    (directory / "key.pem").write_text(builders.private_key_pem())
    (directory / "certificate.pem").write_text(builders.pem(**period))


def _lay_out_simplesamlphp(directory: Path) -> None:
    for name in ("metadata", "sessions", "tmp", "root"):
        (directory / name).mkdir()
    source = HERE / "simplesamlphp"
    shutil.copy(source / "config.php", directory)
    shutil.copy(source / "authsources.php", directory)
    shutil.copy(source / "saml20-idp-hosted.php", directory / "metadata")
    (directory / "root" / "simplesaml").symlink_to(SIMPLESAMLPHP)


SIMPLESAMLPHP = TOOLS / "simplesamlphp" / "usr" / "share" / "simplesamlphp" / "www"
ARGUMENTS = ("<DIRECTORY>", "<PORT>", "<URL>")
PROVIDERS = [
    Provider(
        name="SimpleSAMLphp",
        program="php",
        probe=["-r", f"exit(is_dir('{SIMPLESAMLPHP}') ? 0 : 1);"],
        command=["php", "-S", "127.0.0.1:<PORT>", "-t", "<DIRECTORY>/root"],
        metadata_path="/simplesaml/saml2/idp/metadata.php",
    ),
    Provider(
        name="pysaml2",
        program=TOOLS / "pysaml2" / "bin" / "python",
        probe=["-c", "import saml2.server, os; os.stat('/usr/bin/xmlsec1')"],
        command=[
            *[TOOLS / "pysaml2" / "bin" / "python", HERE / "pysaml2_provider.py"],
            *ARGUMENTS,
        ],
    ),
    Provider(
        name="Lasso",
        program="/usr/bin/python3",
        probe=["-c", "import lasso"],
        command=["/usr/bin/python3", HERE / "lasso_provider.py", *ARGUMENTS],
    ),
    Provider(
        name="samlp",
        program="node",
        probe=["-e", f"require('{TOOLS / 'samlp' / 'node_modules' / 'samlp'}')"],
        command=["node", HERE / "samlp" / "provider.js", *ARGUMENTS],
    ),
]
BY_NAME = {provider.name: provider for provider in PROVIDERS}
