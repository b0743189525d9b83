from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deployment.production import ENVIRONMENT, PROJECT, python

NEEDED = [
    "SECRET_KEY",
    "TOKEN_PEPPER",
    "ENCRYPTION_KEYS",
    "SAML_SP_KEY",
    "SAML_SP_CERTIFICATE",
    "BASE_URL",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "EMAIL_URL",
]
IMPORT = "from chatwork_admin import settings; print(settings.SECRET_KEY)"

# Fails the moment a process, a thread, a connection or a file is made.
WATCH = """
import sys, threading
STARTS = ("subprocess.", "os.fork", "os.posix_spawn", "os.exec", "os.system", "socket.")
def watch(event, arguments):
    if event.startswith(STARTS):
        raise AssertionError(event)
    if event == "open" and arguments[1] and set(str(arguments[1])) & set("wax+"):
        raise AssertionError(f"{event} {arguments[0]}")
sys.dont_write_bytecode = True
sys.addaudithook(watch)
from chatwork_admin import settings
assert threading.active_count() == 1
print(settings.ENVIRONMENT)
"""
COLLECT = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "chatwork_admin.settings"
from django.conf import settings
from django.core.management import call_command
django.setup()
settings.STATIC_ROOT = sys.argv[1]
call_command("collectstatic", "--no-input", verbosity=0)
"""


def test_production_passes_the_deployment_checks_without_a_warning() -> None:
    checked = python("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr


def test_a_rate_is_never_below_what_entra_id_wants() -> None:
    """Row J2."""
    imported = python("-c", IMPORT, environment=ENVIRONMENT | {"SCIM_RATE": "24"})
    assert imported.returncode == 1
    assert "SCIM_RATE must be at least 25" in imported.stderr


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_variable_stops_the_process_and_is_named(name: str) -> None:
    environment = {key: ENVIRONMENT[key] for key in ENVIRONMENT if key != name}
    imported = python("-c", IMPORT, environment=environment)
    assert imported.returncode == 1
    assert f"set {name} or {name}_FILE" in imported.stderr


def test_a_number_that_is_none_stops_the_process_and_is_named() -> None:
    environment = ENVIRONMENT | {"TRUSTED_PROXIES": "one"}
    imported = python("-c", IMPORT, environment=environment)
    assert imported.returncode == 1
    assert "TRUSTED_PROXIES must be a whole number" in imported.stderr


@pytest.mark.parametrize("name", NEEDED)
def test_every_variable_may_stand_in_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text(f"{ENVIRONMENT[name]}\n", encoding="utf-8")
    environment = {key: ENVIRONMENT[key] for key in ENVIRONMENT if key != name}
    imported = python(
        "-c", IMPORT, environment=environment | {f"{name}_FILE": str(file)}
    )
    assert imported.stdout.strip() == ENVIRONMENT["SECRET_KEY"], imported.stderr


@pytest.mark.parametrize(
    "value",
    [
        *["smtp://", "smtp:secret@host", "smtp://u:secret@host:port", "http://secret"],
        *[
            "smtp://host/?tls=maybe",
            "smtps://secret@host?tls=no",
            "secret",
            "console:x",
        ],
    ],
)
def test_a_mail_server_that_is_none_stops_the_process_without_its_password(
    value: str,
) -> None:
    imported = python("-c", IMPORT, environment=ENVIRONMENT | {"EMAIL_URL": value})
    assert imported.returncode == 1
    assert "EMAIL_URL must be" in imported.stderr
    assert "secret" not in imported.stderr


def test_in_production_mails_are_sent_and_not_written_down() -> None:
    for value in ("console:", "file:/tmp/mail"):
        environment = ENVIRONMENT | {"EMAIL_URL": value}
        assert "set EMAIL_URL" in python("-c", IMPORT, environment=environment).stderr


def test_importing_the_settings_starts_nothing_and_writes_nothing() -> None:
    imported = python("-c", WATCH)
    assert imported.stdout.strip() == "production", imported.stderr


def test_the_environment_of_the_demo_is_not_production(tmp_path: Path) -> None:
    """The launcher's file answers where the environment is silent, and only there."""
    lines = [f"{key}={ENVIRONMENT[key]}-remembered" for key in NEEDED]
    (tmp_path / "environment").write_text("\n".join(lines), encoding="utf-8")
    silent = python("-c", IMPORT, environment={"DATA_DIRECTORY": str(tmp_path)})
    spoken = python(
        "-c", IMPORT, environment=ENVIRONMENT | {"DATA_DIRECTORY": str(tmp_path)}
    )
    assert silent.stdout.strip() == f"{ENVIRONMENT['SECRET_KEY']}-remembered"
    assert spoken.stdout.strip() == ENVIRONMENT["SECRET_KEY"]


def test_static_files_are_collected_under_names_that_change_with_them(
    tmp_path: Path,
) -> None:
    collected = python("-c", COLLECT, str(tmp_path))
    assert collected.returncode == 0, collected.stderr
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())
    ours = {
        file.relative_to(PROJECT / "static").as_posix()
        for file in (PROJECT / "static").rglob("*")
        if file.is_file()
    }
    assert ours <= set(manifest["paths"])
    assert all((tmp_path / name).is_file() for name in manifest["paths"].values())


def test_no_stand_in_is_trusted_in_production() -> None:
    environment = ENVIRONMENT | {"SAML_STAND_INS": "http://127.0.0.1:8443"}
    imported = python("-c", IMPORT, environment=environment)
    assert imported.returncode == 1
    assert "SAML_STAND_INS must be empty in production" in imported.stderr
