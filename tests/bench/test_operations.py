from __future__ import annotations

import json
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from tests.bench import operations, statements, usage
from tests.bench.operations import ALL, STRICT_GROUP, Operation
from tests.bench.options import NotAnOption, options

FILLED = {
    **{name: f"some-{name}" for name in ("id", "name", "fresh", "serial", "group")},
    "flip": "true",
    "verb": "add",
    "members": '{"value":"1"}',
    "added": ',"value":[{"value":"1"}]',
}


@pytest.mark.parametrize("operation", [*ALL, STRICT_GROUP], ids=lambda o: o.name)
def test_every_body_is_json_once_it_is_filled_in(operation: Operation) -> None:
    body = operation.at(**FILLED).body
    assert bool(body) == operation.is_write
    assert not body or json.loads(body)["schemas"]


def test_filling_in_leaves_the_braces_of_json_alone() -> None:
    assert operations.filled('{"a":{"b":"{id}"}}', {"id": 7}) == '{"a":{"b":"7"}}'


def test_options_have_sizes_below_the_compared_one() -> None:
    assert options({}).own_sizes == [1_000, 10_000, 100_000]
    assert options({"SIZE": "1000"}).own_sizes == [1_000]
    million = options({"SIZES": "1000,1000000"})
    assert million.own_sizes == [1_000, 100_000, 1_000_000]


@pytest.mark.parametrize("size", ["0", "99", "-1", "many", "1000,2000,", "10000000"])
def test_what_is_no_size_is_refused_by_name(size: str) -> None:
    with pytest.raises(NotAnOption, match="SIZE"):
        options({"SIZES": size})


def test_a_compared_size_is_one_number() -> None:
    with pytest.raises(NotAnOption, match="SIZE"):
        options({"SIZE": "1000,2000"})


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_literal_shows_pgbench_no_variable(text: str) -> None:
    quoted = statements.literal(text).as_string(None)
    inner = quoted.removeprefix("U&'").removesuffix("'")
    assert ":" not in quoted
    unescaped = inner.replace("\\\\", "\0").replace("\\003A", ":").replace("\0", "\\")
    assert unescaped.replace("''", "'") == text
    assert isinstance(statements.literal(text), sql.Composable)


def test_the_time_of_a_process_grows_as_it_works() -> None:
    before = usage.cpu_seconds(os.getpid())
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    assert usage.cpu_seconds(os.getpid()) > before
    assert usage.memory_megabytes(os.getpid()) > 1
    assert os.getpid() in usage.tree(os.getppid())
