"""No secret that was issued is kept or written down where somebody could read it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core import signing
from redis import Redis

from tests.running_product import issuing
from tests.running_product.conftest import RunningProduct, connected
from tests.running_product.leaks import search

pytestmark = pytest.mark.processes

KINDS = {
    *("SECRET_KEY", "TOKEN_PEPPER", "ENCRYPTION_KEYS", "SAML_SP_KEY"),
    *("OAUTH_GALLERY_SECRETS", "client secret", "authorization code"),
    *("access token", "refresh token", "bearer token"),
    *("cookie session", "cookie csrf", "assertion", "saml_sso/sign_in/tickets.py"),
    *("password", "emergency code", "key of an app", "recovery code", "wrong secret"),
}


def test_no_secret_is_in_database_sessions_redis_logs_or_mails(
    running: RunningProduct, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issuing.everything(running, tmp_path)
    running.wait_until_delivered()
    assert set(running.issued.secrets().values()) >= KINDS

    searched = running.search_for_secrets()

    with capsys.disabled():
        print(f"\n{searched}")
    assert not searched.found


def test_what_is_planted_is_found_wherever_it_is(running: RunningProduct) -> None:
    secret = running.organization("planted")["scim_token"]

    with planted(running, secret):
        found = running.search_for_secrets().found

    places = ("database", "log", "mail", "redis", "sessions")
    assert found == [f"bearer token in {place}" for place in places]
    assert not running.search_for_secrets().found


@pytest.mark.parametrize(
    "written",
    [
        lambda secret: secret,
        lambda secret: secret[::-1],
        lambda secret: f'{{"a": "{secret}"}}'.encode().hex(),
        lambda secret: f"..{secret}".encode().hex().upper(),
        lambda secret: base64.b64encode(f"a{secret}bc".encode()).decode(),
        lambda secret: base64.b64encode(f"ab:{secret}".encode()).decode(),
        lambda secret: base64.urlsafe_b64encode(f"abc{secret}".encode()).decode(),
        lambda secret: base64.b32encode(secret.encode()).decode(),
        lambda secret: quote(f"?token={secret}&x"),
    ],
)
def test_each_form_of_a_secret_is_found(
    tmp_path: Path, written: Callable[[str], str]
) -> None:
    secret = "scim_~a/secret?of+some=length"
    (folder := tmp_path / "open").mkdir()
    (folder / "log").write_text(f"before {written(secret)} after")
    known = {secret.encode(): "token", b"another secret": "another"}

    searched = search(folder, known, tmp_path / "patterns")

    assert searched.found == ["token in log"]
    assert [each.name for each in tmp_path.iterdir()] == ["open"]


@contextmanager
def planted(running: RunningProduct, secret: str) -> Iterator[None]:
    """Write a secret wherever the search looks; take it away at the end."""
    environment, directory = running.product.environment, running.product.directory
    packed = signing.dumps({"kept": [secret] * 9}, key="unknown", compress=True)
    files = [directory / "log" / "planted.log", directory / "mail" / "planted.log"]
    url = environment["REDIS_URL"].replace("redis+socket:", "unix:")
    with connected(running) as database, Redis.from_url(url) as redis:
        database.autocommit = True
        redis.set("planted", secret)
        database.execute("CREATE TABLE planted AS SELECT %s AS kept", [secret])
        database.execute(
            "INSERT INTO django_session VALUES ('planted', %s, now())", [packed]
        )
        for file in files:
            file.parent.mkdir(exist_ok=True)
            file.write_text(base64.b64encode(secret.encode()).decode())
        try:
            yield
        finally:
            for file in files:
                file.unlink()
            database.execute("DROP TABLE planted")
            database.execute("DELETE FROM django_session WHERE session_key = 'planted'")
            redis.delete("planted")
