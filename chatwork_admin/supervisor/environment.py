"""The environment of the product's processes, and the file that remembers it."""

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from saml_sso.key_pairs import new_key_pair

SECRETS = ("SECRET_KEY", "TOKEN_PEPPER", "ENCRYPTION_KEYS")
KEY_PAIR = ("SAML_SP_KEY", "SAML_SP_CERTIFICATE")


def remember(directory: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Add the secrets, made once, to the settings; write all to `environment`; return it.

    `chatwork_admin.env` reads the file, so that `manage.py` meets the same product.
    """
    file = directory / "environment"
    known = _read(file)
    environment = {
        "ENVIRONMENT": "development",
        "REQUIRE_SECOND_FACTOR": "false",  # whoever tries it out has set up no app
        **{name: known.get(name) or secrets.token_urlsafe(48) for name in SECRETS},
        **_key_pair(known),
        **settings,
    }
    _write(file, environment)
    return environment


def _key_pair(known: Mapping[str, str]) -> dict[str, str]:
    if all(name in known for name in KEY_PAIR):
        return {name: known[name] for name in KEY_PAIR}
    made = new_key_pair("Chatwork Admin", now=datetime.now(UTC))
    return dict(zip(KEY_PAIR, made, strict=True))


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _write(file: Path, environment: Mapping[str, str]) -> None:
    """Replace the file at once: nobody reads half of it, or may read it too early."""
    lines = [f"{name}={value}\n" for name, value in environment.items()]
    side = file.with_name("environment.new")
    side.unlink(missing_ok=True)
    descriptor = os.open(side, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as new:
        new.writelines(lines)
    side.replace(file)
