"""Where the tree names rows of the requirement catalogue and paragraphs of the RFCs.

Comments, docstrings and the labels of tables name them: `(E13)`, `H5:`, `"F1 text
boolean"`, `RFC 7644 §3.12`, or, where it is plain which RFC is meant, `§3.12` alone. A
range such as E2-E12 tells what a module is about; it names nothing.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.deployment.production import PROJECT

CODE = ("scim", "chatwork_admin/authorization", "chatwork_admin/synchronization")
TESTS = ("tests/scim", "tests/authorization", "tests/synchronization")
RUNNING = "tests/running_product"
RECORDED = "tests/scim/recorded"

RANGE = re.compile(r"\b[A-L]\d+ ?[-–] ?[A-L]?\d+\b|§[\d.]+ ?[-–] ?§?[\d.]+")
NAMED = re.compile(
    r"\bRFC (?P<rfc>\d{4})\b|§(?P<paragraph>\d+(?:\.\d+)*)|\b(?P<row>[A-L][1-9]\d?)\b"
)
LABEL = re.compile(r"[A-L][1-9]\d? \S")

CORE_SCHEMA, PROTOCOL = "RFC 7643", "RFC 7644"
RFCS = {CORE_SCHEMA, PROTOCOL, "RFC 9865", "RFC 6750"}
# Paragraphs that only RFC 7643 has, or that mean it where no RFC is named.
OF_CORE_SCHEMA = re.compile(r"(2\.\d.*|3|3\.1|4\.\d.*|6|8\.\d.*)")

Test = ast.FunctionDef | ast.ClassDef | ast.Assign


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A file of the project, and a test in it ("": the whole file)."""

    path: str
    test: str = ""


@cache
def modules() -> dict[str, set[Place]]:
    """Return by name which modules of the product name it."""
    found: defaultdict[str, set[Place]] = defaultdict(set)
    for file in _files(*CODE):
        for _, text in _texts(file.read_text(encoding="utf-8")):
            for name in names(text):
                found[name].add(Place(_relative(file)))
    return dict(found)


@cache
def tests() -> dict[str, set[Place]]:
    """Return by name which tests and recorded conversations name it."""
    found: defaultdict[str, set[Place]] = defaultdict(set)
    for file in _files(*TESTS, RUNNING):
        for name, place in _named_in_tests(file):
            found[name].add(place)
    for file in sorted((PROJECT / RECORDED).rglob("*.json")):
        for name in recorded_rows(json.loads(file.read_text(encoding="utf-8"))):
            found[name].add(Place(_relative(file)))
    return dict(found)


@cache
def unproven() -> set[str]:
    """Return what tests name that are expected to fail."""
    nodes = [n for file in _files(*TESTS, RUNNING) for n in _tree(file).body]
    tests = [n for n in nodes if isinstance(n, ast.FunctionDef) and not _is_test(n)]
    named = [n for n in tests if n.name.startswith("test_")]
    return {name for n in named for name in names(ast.get_docstring(n) or "")}


def names(text: str) -> set[str]:
    """Return the rows and paragraphs that a text names."""
    found, rfc = set(), ""
    for match in NAMED.finditer(RANGE.sub(" ", text)):
        if match["rfc"]:
            rfc = f"RFC {match['rfc']}"
        elif match["row"]:
            found.add(match["row"])
        else:
            found.add(_paragraph(match["paragraph"], rfc))
    return {name for name in found if name[:1] != "R" or name[:8] in RFCS}


def recorded_rows(conversation: object) -> set[str]:
    """Return what a recorded conversation says, under `rows`, that it shows."""
    if not isinstance(conversation, dict):
        return set()
    return {name for row in conversation.get("rows", []) for name in names(str(row))}


def has_test(path: str, test: str) -> bool:
    """Whether a file has a test of this name that is expected to pass."""
    body = _tree(PROJECT / path).body
    return any(_name_of(node) == test and _is_test(node) for node in body)


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _paragraph(number: str, rfc: str) -> str:
    if not rfc:
        rfc = CORE_SCHEMA if OF_CORE_SCHEMA.fullmatch(number) else PROTOCOL
    return f"{rfc} §{number}"


def _named_in_tests(file: Path) -> Iterator[tuple[str, Place]]:
    source, path = file.read_text(encoding="utf-8"), _relative(file)
    tree = ast.parse(source)
    first = tree.body[0].end_lineno if ast.get_docstring(tree) else 0
    for line, text in _texts(source):
        named = names(text)
        if not named:
            continue
        if line <= (first or 0):
            places = {Place(path)} if file.name.startswith("test_") else set()
        else:
            places = {Place(path, test) for test in _tests_of(tree, line)}
        yield from ((name, place) for name in named for place in places)


def _tests_of(tree: ast.Module, line: int) -> set[str]:
    """Return the tests that a line belongs to: its own, or those that use its table."""
    after = (node for node in tree.body if (node.end_lineno or 0) >= line)
    owner = next(after, None)
    return set() if owner is None else _tests_using(tree, owner, frozenset())


def _tests_using(tree: ast.Module, owner: ast.stmt, seen: frozenset[str]) -> set[str]:
    name = _name_of(owner)
    if name.startswith("test_"):
        return {name} if _is_test(owner) else set()
    if not name or name in seen:
        return set()
    users = [each for each in tree.body if each is not owner and _mentions(each, name)]
    return {t for user in users for t in _tests_using(tree, user, seen | {name})}


def _is_test(node: ast.stmt) -> bool:
    """A test that is expected to fail, or skipped, proves nothing."""
    if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
        return False
    decorators = " ".join(map(ast.unparse, node.decorator_list))
    return "mark.xfail(" not in decorators and "mark.skip" not in decorators


def _name_of(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


def _mentions(node: ast.stmt, name: str) -> bool:
    return any(
        (isinstance(each, ast.Name) and each.id == name)
        or (isinstance(each, ast.arg) and each.arg == name)
        for each in ast.walk(node)
    )


def _texts(source: str) -> Iterator[tuple[int, str]]:
    """Return comments, docstrings and labels of a module, each with its line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, text
            case ast.Constant(value=str(text)) if LABEL.match(text):
                yield node.lineno, text.partition(" ")[0]


def _files(*directories: str) -> Iterator[Path]:
    for directory in directories:
        for file in sorted((PROJECT / directory).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file


def _relative(file: Path) -> str:
    return file.relative_to(PROJECT).as_posix()
