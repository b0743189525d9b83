"""docker-compose.yml as data."""

from __future__ import annotations

from typing import Any

import yaml

from tests.deployment.production import PROJECT

FILE = PROJECT / "docker-compose.yml"
OURS = ("migrate", "web", "relay", "beat", "worker")


def composition() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return document


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = composition()["services"]
    return found
