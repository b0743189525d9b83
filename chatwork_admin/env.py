"""Read the environment, loudly: a wrong or missing value stops the process at start.

Where a variable is missing, the file `.data/environment` answers, if it is there: the
launcher of the embedded services (`make serve`, `make demo`) writes it, so that
`manage.py` run beside it meets the same database. A production machine has no such file.
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PROJECT = Path(__file__).resolve().parent.parent


class MailServer(NamedTuple):
    """Who takes mails, in the words of Django's settings; `directory` holds them."""

    backend: str
    directory: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


def text(name: str, default: str | None = None) -> str:
    """Return NAME, or the content of the file that NAME_FILE points at, or `default`.

    Raises ImproperlyConfigured when there is none of the three.
    """
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, written_by_the_launcher().get(name, default))
    if value is None:
        raise ImproperlyConfigured(f"set {name} or {name}_FILE")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "true" if default else "false")
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} must be 'true' or 'false', not {value!r}")
    return value == "true"


def number(name: str, *, default: int) -> int:
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}")
    return int(value)


def rate(name: str, *, default: int, least: int) -> int:
    """Return a whole number that is not below `least`, or 0 for none."""
    value = number(name, default=default)
    if 0 < value < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {value}")
    return value


def words(name: str, default: str | None = "") -> list[str]:
    """Return the comma-separated words of NAME, without blanks; None demands some."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def mail_server(name: str, default: str) -> MailServer:
    """Return `smtp://user:password@host:port`, `smtps://…`, `file:/path`, or `console:`.

    smtp begins encryption with STARTTLS unless `?tls=no` follows; smtps begins with it.
    The value is never part of the error: it may hold a password.
    """
    value = text(name, default)
    if value == "console:":
        return MailServer("django.core.mail.backends.console.EmailBackend")
    if value.startswith("file:/"):
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return MailServer(backend, directory=value.removeprefix("file:"))
    try:
        url = urlsplit(value)
        return _smtp_server(url)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be 'smtp://user:password@host:port', 'smtps://…', 'file:/…' or "
            "'console:'"
        ) from None


def _smtp_server(url: SplitResult) -> MailServer:
    ports = {"smtp": 587, "smtps": 465}
    allowed = {"", "tls=no"} if url.scheme == "smtp" else {""}
    if url.scheme not in ports or not url.hostname or url.query not in allowed:
        raise ValueError
    return MailServer(
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=url.hostname,
        port=url.port or ports[url.scheme],
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        use_tls=url.scheme == "smtp" and not url.query,
        use_ssl=url.scheme == "smtps",
    )


@cache
def written_by_the_launcher() -> Mapping[str, str]:
    directory = Path(os.environ.get("DATA_DIRECTORY", PROJECT / ".data"))
    file = directory / "environment"
    if not file.is_file():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
