from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.deployment.production import PROJECT

DECISIONS = sorted((PROJECT / "docs" / "decisions").glob("0*.md"))
PARTS = ["**Context.**", "**Decision.**", "**We give up.**", "**Packages.**"]


def test_the_hooks_of_pre_commit_are_commands_of_the_project() -> None:
    text = (PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    repositories = yaml.safe_load(text)["repos"]
    hooks = [hook for repository in repositories for hook in repository["hooks"]]
    assert {repository["repo"] for repository in repositories} == {"local"}
    assert all(hook["language"] == "system" for hook in hooks)
    assert all(hook["entry"].startswith("uv run --locked ") for hook in hooks)


def test_the_licence_is_the_one_that_the_project_states() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    licence = (PROJECT / "LICENSE").read_text(encoding="utf-8")
    assert project["project"]["license"] == "Apache-2.0"
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_the_changelog_has_a_place_for_what_is_not_released() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "\n## [Unreleased]\n" in changelog


def test_every_decision_is_numbered_in_order_and_listed() -> None:
    listed = (PROJECT / "docs/decisions/README.md").read_text(encoding="utf-8")
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    assert re.findall(r"\]\((.+?)\)", listed) == [path.name for path in DECISIONS]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_why_what_and_at_which_price(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(rf"# {path.name[:4]}\. .+", lines[0])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d, \w+\.", lines[2])
    starts = [part for part in PARTS if any(line.startswith(part) for line in lines)]
    assert starts == PARTS
