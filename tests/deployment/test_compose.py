from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from chatwork_admin.embedded.postgresql import DISCREET
from chatwork_admin.supervisor.commands import HOST, MIGRATION, commands
from tests.deployment.compose import FILE, OURS, composition, services
from tests.deployment.production import ENVIRONMENT, PROJECT, python

SECRET_WORDS = re.compile("SECRET|PEPPER|PASSWORD|TOKEN|DATABASE_URL|EMAIL_URL")
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")
SHOW = """
import json
from chatwork_admin import settings
names = "REQUIRE_SECOND_FACTOR", *(name for name in vars(settings) if name.startswith("OAUTH_"))
print(json.dumps({name: getattr(settings, name) for name in names}))
"""
SERVICES = sorted(services())
LASTING = sorted(set(services()) - {"migrate"})
BUILD = (PROJECT / "Dockerfile").read_text(encoding="utf-8")


def test_the_file_is_valid_by_the_compose_specification() -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema, FILE],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_each_process_of_the_supervisor_runs_in_a_container_by_the_same_command() -> (
    None
):
    supervised = commands(8000, Path("/tmp"))
    expected = {
        name: [word.replace(HOST, "0.0.0.0") for word in command]
        for name, command in supervised.items()
    } | {"migrate": MIGRATION}
    assert {name: services()[name]["command"] for name in OURS} == expected


def test_the_image_without_a_command_is_the_web_process() -> None:
    words = re.findall(r'"([^"]*)"', BUILD.rpartition("\nCMD ")[2])
    assert words == services()["web"]["command"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_runs_as_root_or_writes_to_its_image(name: str) -> None:
    service = services()[name]
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "cap_add" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_has_limits_to_its_log_its_processes_and_its_farewell(
    name: str,
) -> None:
    service = services()[name]
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    assert service["pids_limit"] > 0
    assert service["stop_grace_period"] == "60s"


@pytest.mark.parametrize("name", LASTING)
def test_each_lasting_service_has_a_health_check_and_comes_back(name: str) -> None:
    service = services()[name]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"


def test_the_migration_runs_once_as_the_owner_and_before_all_others() -> None:
    migrate = services()["migrate"]
    assert migrate["restart"] == "no"
    assert migrate["environment"]["DATABASE_ROLE"] == ""
    assert _secret_behind(migrate, "database_url") == "database_owner_url"
    for name in set(OURS) - {"migrate"}:
        condition = services()[name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"


@pytest.mark.parametrize("name", sorted(set(OURS) - {"migrate"}))
def test_whoever_serves_is_not_the_owner(name: str) -> None:
    service = services()[name]
    assert _secret_behind(service, "database_url") == "database_url"
    assert "DATABASE_ROLE" not in service["environment"]  # so it is chatwork_app


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_is_written_down(name: str) -> None:
    environment = services()[name].get("environment", {})
    telling = {key for key in environment if SECRET_WORDS.search(key)}
    assert all(key.endswith("_FILE") for key in telling)
    assert all(str(environment[key]).startswith("/run/secrets/") for key in telling)
    assert not re.search(r"://[^/\s]+:[^/\s]+@", str(services()[name]))


def test_every_secret_is_a_file_of_the_host_outside_the_project() -> None:
    for secret in composition()["secrets"].values():
        assert secret["file"].startswith("${SECRETS:-/etc/chatwork-admin}/")


def test_only_the_web_is_reachable_and_by_default_from_this_machine_only() -> None:
    open_ones = {name for name in services() if "ports" in services()[name]}
    assert open_ones == {"web"}
    assert services()["web"]["ports"] == ["${LISTEN:-127.0.0.1:8000}:8000"]
    assert composition()["networks"]["internal"] == {"internal": True}
    for name in set(services()) - {"web"}:
        assert "front" not in services()[name]["networks"]


def test_only_who_fetches_metadata_or_keys_or_sends_mail_has_a_way_out() -> None:
    networks = {name: each["networks"] for name, each in services().items()}
    outgoing = {name for name in networks if "outside" in networks[name]}
    assert outgoing == {"relay", "web", "worker"}
    for name in set(networks) - outgoing:
        assert networks[name] == ["internal"]


@pytest.mark.parametrize("name", OURS)
def test_every_setting_without_a_default_is_given(name: str) -> None:
    """What the settings ask for is what the containers say, by name or by file."""
    given = set(services()[name]["environment"])
    needed = set(ENVIRONMENT)
    assert {key.removesuffix("_FILE") for key in given} >= needed


def test_a_container_without_more_settings_is_as_strict_as_the_product(
    tmp_path: Path,
) -> None:
    environment = {}
    for name, written in services()["web"]["environment"].items():
        given = ENVIRONMENT.get(name.removesuffix("_FILE"), "")
        if name.endswith("_FILE"):
            (file := tmp_path / name).write_text(given, encoding="utf-8")
            given = str(file)
        elif default := DEFAULT.fullmatch(str(written)):
            given = default[1]
        environment[name] = given

    shown = python("-c", SHOW, environment=environment)

    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout) == {
        "REQUIRE_SECOND_FACTOR": True,
        "OAUTH_GALLERY_CLIENT_ID": "",
        "OAUTH_GALLERY_SECRETS": [],
        "OAUTH_INTROSPECTION_SECRETS": [],
        "OAUTH_KEY_HOSTS": [],
        "OAUTH_REDIRECT_URIS": ["https://portal.azure.com/TokenAuthorize"],
    }


@pytest.mark.parametrize("name", ["web", "relay", "beat"])
def test_each_health_check_in_python_compiles(name: str) -> None:
    kind, program, flag, script = services()[name]["healthcheck"]["test"]
    assert (kind, program, flag) == ("CMD", "python", "-c")
    compile(script, name, "exec")


def test_beat_without_a_file_of_late_is_unwell() -> None:
    script = services()["beat"]["healthcheck"]["test"][3]
    assert python("-c", script.replace("/tmp", "/nonexistent")).returncode == 1


def test_the_image_is_made_as_the_makefile_installs() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    version = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert version is not None
    assert f"ARG UV_VERSION={version[1]}\n" in BUILD
    assert "uv sync --locked --no-dev" in BUILD


def test_the_image_holds_no_secret_and_does_not_run_as_root() -> None:
    assert "\nUSER 10001:10001\n" in BUILD
    assert "\nSTOPSIGNAL SIGTERM\n" in BUILD
    assert "COPY . " not in BUILD
    for name, value in re.findall(r"(\w+)=(\S+)", BUILD):
        assert not SECRET_WORDS.search(name) or "unused" in value


def test_the_build_sees_nothing_but_what_it_copies() -> None:
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    wanted = {line[1:] for line in ignored if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", BUILD, re.MULTILINE)
    assert "*" in ignored
    assert {name for names in copied for name in names.split()} == wanted


def _secret_behind(service: dict[str, Any], target: str) -> str:
    for secret in service["secrets"]:
        if isinstance(secret, dict) and secret["target"] == target:
            return str(secret["source"])
    return target if target in service["secrets"] else ""


def test_the_database_is_as_discreet_as_the_embedded_one() -> None:
    """RFC 7644 §7.5.1; and what an operator's own is to be told is that as well."""
    command = services()["postgres"]["command"]
    told = (PROJECT / "docs/how-to/deploy.md").read_text(encoding="utf-8")

    assert command == ["postgres", *chain.from_iterable(("-c", e) for e in DISCREET)]
    assert "\n".join(each.replace("=", " = ") for each in DISCREET) in told
