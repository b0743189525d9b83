from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatwork_admin.portal.help.error_codes import BY_CODE
from tests.deployment import reference
from tests.deployment.production import PROJECT

DOCUMENTS = [
    *sorted((PROJECT / "docs").rglob("*.md")),
    PROJECT / "README.md",
    PROJECT / "CHANGELOG.md",
]
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")


@pytest.mark.parametrize(
    "name", ["settings.md", "audit-actions.md", "error-codes.md", "scim-limits.md"]
)
def test_the_reference_says_what_the_code_says(name: str) -> None:
    written = (reference.DIRECTORY / name).read_text(encoding="utf-8")
    assert written == reference.pages()[name], (
        "run `python -m tests.deployment.reference`"
    )


def test_every_variable_of_the_environment_is_explained_and_no_other() -> None:
    read = {each.name for each in reference.variables()} | reference.read_elsewhere()
    assert read == set(reference.MEANINGS)


def test_no_action_is_reserved_that_something_records() -> None:
    page = reference.audit_actions_page()
    assert "| – |" not in page


def test_every_code_that_is_answered_is_explained_to_the_administrator() -> None:
    assert set(reference.answered()) <= set(BY_CODE)


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT))
)
def test_no_link_of_the_documentation_is_broken(document: Path) -> None:
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    pages = [target for target in targets if not target.endswith(".png")]
    missing = [to for to in pages if not (document.parent / to).exists()]
    assert not missing


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT))
)
def test_every_file_that_the_documentation_names_is_there(document: Path) -> None:
    """Paths in code marks, such as `scim/documents/dialects.py`, follow the code."""
    text = document.read_text(encoding="utf-8")
    named = re.findall(
        r"`((?:chatwork_admin|scim|saml_sso|tests|docs)/[\w/.-]+)`", text
    )
    missing = [path for path in named if not (PROJECT / path).exists()]
    assert not missing
