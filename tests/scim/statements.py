"""What the product asks PostgreSQL, and how PostgreSQL would answer it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg import sql

from chatwork_admin.database.prepared import PLACE

Statement = tuple[str, tuple[Any, ...]]


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Collect the statements, with their parameters, that are carried out meanwhile."""
    statements: list[Statement] = []

    def keep(execute: Any, text: str, parameters: Any, *rest: Any) -> Any:
        statements.append((PLACE.sub("%s", text), _in_order(text, parameters or ())))
        return execute(text, parameters, *rest)

    with connection.execute_wrapper(keep):
        yield statements


def _in_order(text: str, parameters: Any) -> tuple[Any, ...]:
    named = isinstance(parameters, dict)
    return (
        tuple(parameters[n] for n in PLACE.findall(text)) if named else (*parameters,)
    )


def plan(statement: Statement, mode: str, *, how: str = "") -> str:
    """Explain a statement, prepared as the product does, for any parameter or these."""
    text, parameters = statement
    numbered = text.replace("%%", "%")
    for number in range(1, len(parameters) + 1):
        numbered = numbered.replace("%s", f"${number}", 1)
    given = sql.SQL(", ").join(map(sql.Literal, parameters))
    execution = sql.SQL("EXECUTE probe ({})" if parameters else "EXECUTE probe")
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = force_{mode}_plan")
        raw = cursor.connection.cursor()
        raw.execute(f"PREPARE probe AS {numbered}".encode(), prepare=False)
        explain = sql.SQL(f"EXPLAIN {how} ") + execution.format(given)
        lines = raw.execute(explain, prepare=False).fetchall()
        raw.execute("DEALLOCATE probe")
    return "\n".join(line for (line,) in lines)
