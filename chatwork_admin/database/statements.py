"""Rows by prepared statements, for the few places where each request comes by.

Django compiles a query each time it is asked, which there costs more than the answer.
These statements are written from the models once; what they read and write are still
instances of the models.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, TypeVar, cast

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, JSONField, Model

from chatwork_admin.database.base import DatabaseWrapper
from chatwork_admin.database.prepared import Parameters, Row

AnyModel = TypeVar("AnyModel", bound=Model)


def fetch(sql: str, parameters: Parameters) -> Row | None:
    """Return the first row of what a statement returns, or None."""
    return next(iter(fetch_all(sql, parameters)), None)


def fetch_all(sql: str, parameters: Parameters) -> list[Row]:
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS]).rows(sql, parameters)


def execute(sql: str, parameters: Parameters) -> None:
    fetch_all(sql, parameters)


def columns(model: type[Model], alias: str) -> str:
    """Return the select list of a whole row, as `instance` reads it."""
    return ", ".join(f'{alias}."{field.column}"' for field in _fields(model))


def instance(model: type[AnyModel], row: Iterator[Any]) -> AnyModel:
    """Take a model's columns from the front of a row."""
    names = _names(model)
    taken = list(islice(row, len(names)))
    for place in _json_places(model):
        taken[place] = orjson.loads(taken[place])
    return model.from_db("default", names, taken)


def joined(model: type[AnyModel], row: Iterator[Any]) -> AnyModel | None:
    """As `instance`, of an outer join: None if it found nothing."""
    taken = list(islice(row, len(_names(model))))
    is_found = any(value is not None for value in taken)
    return instance(model, iter(taken)) if is_found else None


def insert(row: Model, *, conflict: str) -> bool:
    """Insert a row; return False if `conflict`, a unique index, has its key already."""
    sql = f"{insertion(type(row))} ON CONFLICT {conflict} DO NOTHING RETURNING 1"
    row._state.adding = fetch(sql, values(row)) is None  # noqa: SLF001
    return not row._state.adding  # noqa: SLF001


def update(row: Model) -> None:
    """Write every column of a row."""
    execute(updating(type(row)), [*values(row), row.pk])


def values(row: Model) -> list[Any]:
    """Return a row's values as the parameters of `insertion`."""
    found = [getattr(row, name) for name in _names(type(row))]
    for place in _json_places(type(row)):
        found[place] = orjson.dumps(found[place]).decode()
    return found


@cache
def insertion(model: type[Model]) -> str:
    """Return the statement that inserts a row, without what may follow it."""
    named = ", ".join(f'"{field.column}"' for field in _fields(model))
    marks = ", ".join(_placeholders(model))
    return f'INSERT INTO "{_table(model)}" ({named}) VALUES ({marks})'  # noqa: S608


def insertion_from(
    source: str, model: type[Model], prefix: str = "", **said: str
) -> str:
    """Return the statement that inserts a row if `source` has one.

    Its parameters are the columns' names, with a prefix; `said`: expressions instead.
    """
    columns = [(field.column, isinstance(field, JSONField)) for field in _fields(model)]
    named = ", ".join(f'"{column}"' for column, _ in columns)
    marks = ", ".join(
        said.get(str(column)) or f"%({prefix}{column})s{'::jsonb' if is_json else ''}"
        for column, is_json in columns
    )
    return f'INSERT INTO "{_table(model)}" ({named}) SELECT {marks} FROM {source}'  # noqa: S608


@cache
def updating(model: type[Model]) -> str:
    """Return the statement that writes every column of a row."""
    pairs = zip(_fields(model), _placeholders(model), strict=True)
    assigned = ", ".join(f'"{field.column}" = {mark}' for field, mark in pairs)
    key = _key(model).column
    return f'UPDATE "{_table(model)}" SET {assigned} WHERE "{key}" = %s'  # noqa: S608


@cache
def _fields(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(model._meta.concrete_fields)  # noqa: SLF001 - Django's documented name


def _key(model: type[Model]) -> Field[Any, Any]:
    return model._meta.pk  # noqa: SLF001


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in _fields(model))


@cache
def _json_places(model: type[Model]) -> tuple[int, ...]:
    fields = enumerate(_fields(model))
    return tuple(place for place, field in fields if isinstance(field, JSONField))


def _table(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001


def _placeholders(model: type[Model]) -> Iterator[str]:
    places = _json_places(model)
    for place, _ in enumerate(_fields(model)):
        yield "%s::jsonb" if place in places else "%s"
