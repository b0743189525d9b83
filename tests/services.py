"""The pytest plugin that gives the tests a PostgreSQL and a Redis of their own.

Loaded by `-p tests.services`, before Django reads its settings. The servers lose their
data with the run, and end with it, even if it is killed. xdist's workers share them.
"""

import fcntl
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import scim2_client  # noqa: F401

from chatwork_admin.embedded import Services
from saml_sso.key_pairs import new_key_pair

# Early, as in scim/apps.py and for the same reason; so is the client above.
from scim.documents import schemas  # noqa: F401

SETTLED_SECONDS = 60  # younger directories may still be in the making
PREFIX = "chatwork-admin-tests-"
SETTINGS = {
    "ENVIRONMENT": "test",
    "SECRET_KEY": "only-for-tests-" + "k" * 50,
    "TOKEN_PEPPER": "only-for-tests-" + "p" * 50,
    "ENCRYPTION_KEYS": "only-for-tests-" + "e" * 50,
    "REQUIRE_SECOND_FACTOR": "false",
    "BASE_URL": "https://admin.example.jp",
    "ALLOWED_HOSTS": "testserver,admin.example.jp,127.0.0.1,localhost",
    # The owner makes the test database; conftest.py then takes the product's role.
    "DATABASE_ROLE": "",
}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start what the environment does not name, and complete the environment."""
    os.environ.update(SETTINGS)
    _set_key_pair()
    if "DATABASE_URL" in os.environ:
        os.environ.setdefault("REDIS_URL", "")
        return
    _sweep()
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    directory.chmod(0o711)  # PostgreSQL's user passes through
    early_config.add_cleanup(lambda: shutil.rmtree(directory))
    services = Services(directory, durable=False)
    services.start()
    early_config.add_cleanup(services.stop)
    os.environ["DATABASE_URL"] = services.database_url
    os.environ["REDIS_URL"] = services.redis_url


def _set_key_pair() -> None:
    """Make our SAML keys, once for all of xdist's workers."""
    if "SAML_SP_KEY" not in os.environ:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        key, certificate = new_key_pair("Test", now=yesterday)
        os.environ |= {"SAML_SP_KEY": key, "SAML_SP_CERTIFICATE": certificate}


def _sweep() -> None:
    """Remove what killed runs have left on disk."""
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = directory / "lock"
        if os.access(lock, os.W_OK) and _is_settled(lock) and _is_free(lock):
            shutil.rmtree(directory, ignore_errors=True)


def _is_settled(lock: Path) -> bool:
    return time.time() - lock.stat().st_mtime > SETTLED_SECONDS


def _is_free(lock: Path) -> bool:
    with lock.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
