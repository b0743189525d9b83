"""Statements without cursors: prepared by the first who asks, executed by libpq alone.

Of a short statement's time on our side, Django's cursor on psycopg's takes four fifths.
What goes and what comes is written and read by psycopg, as with a cursor.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

import psycopg
import psycopg.abc
from psycopg import errors
from psycopg._preparing import PrepareManager
from psycopg.abc import Buffer
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

Row = tuple[Any, ...]
Types = tuple[int, ...]
Parameters = Sequence[Any] | Mapping[str, Any]
# A statement's name, and its parameters with their formats, as libpq takes them.
Execution = tuple[bytes, Sequence[Buffer | None], Sequence[int] | None]
PLACE = re.compile(r"%(?:s|\((\w+)\)s)")
DONE = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}


class PreparedByCursors(PrepareManager):
    """The statements psycopg has prepared; to drop them, it would drop ours with them."""

    @classmethod
    def keep(cls, connection: psycopg.Connection[Any]) -> None:
        """Take over before the first statement."""
        mine = cls()
        mine.prepare_threshold = connection.prepare_threshold
        connection._prepared = mine  # noqa: SLF001 - there is no setting for it

    def clear(self) -> bool:
        """Drop its own, one by one. Return whether there were any."""
        self._counts.clear()
        self._to_flush.extend(self._names.values())
        self._names.clear()
        return bool(self._to_flush)


@dataclass(slots=True)
class Prepared:
    """The statements that a connection has prepared, by text and parameters' types.

    A parameter is `%s`, or `%(name)s` wherever it is needed. `adapter` is one for all,
    for it learns only once how a type is written and read.
    """

    connection: psycopg.Connection[Any]
    names: dict[tuple[str, Types], bytes] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    adapter: psycopg.abc.Transformer = field(init=False)

    def __post_init__(self) -> None:
        self.adapter = Transformer(self.connection)

    def rows(self, sql: str, parameters: Parameters) -> list[Row]:
        """Return what a statement returns. Raises psycopg's errors."""
        try:
            return self._rows(sql, parameters)
        except errors.InvalidSqlStatementName:
            self.names.clear()  # somebody has dropped all that was prepared
            if self._is_in_transaction:
                raise
            return self._rows(sql, parameters)

    def command(self, sql: str) -> None:
        """Have something done that has no parameters and returns nothing."""
        self._done(self.connection.pgconn.exec_, sql.encode())

    def end(self, sql: str) -> None:
        """End the transaction, if it was begun."""
        if self._is_in_transaction:
            self.command(sql)

    def _rows(self, sql: str, parameters: Parameters) -> list[Row]:
        if not (self.connection.autocommit or self._is_in_transaction):
            self.command("BEGIN")  # as psycopg's cursors do
        execute = self.connection.pgconn.exec_prepared
        return self._read(self._done(execute, *self._written(sql, parameters)))

    async def awaited(self, sql: str, parameters: Parameters) -> list[Row]:
        """As `rows`, of one caller at a time, while the event loop does other things."""
        said = self._written(sql, parameters)
        server = self.connection.pgconn
        server.send_query_prepared(*said)
        return self._read(self._checked(await _result(server)))

    def _written(self, sql: str, parameters: Parameters) -> Execution:
        adapter, given = self.adapter, _in_order(sql, parameters)
        values = adapter.dump_sequence(given, [PyFormat.AUTO] * len(given))
        types = adapter.types or ()
        name = self.names.get((sql, types)) or self._prepare(sql, types)
        return name, values, adapter.formats

    def _read(self, result: PGresult) -> list[Row]:
        """Return the rows of a result, which may be large: it is not kept."""
        self.adapter.set_pgresult(result)
        rows = self.adapter.load_rows(0, result.ntuples, tuple)
        self.adapter.set_pgresult(None)
        return rows

    @property
    def _is_in_transaction(self) -> bool:
        return self.connection.pgconn.transaction_status != TransactionStatus.IDLE

    def _prepare(self, sql: str, types: Types) -> bytes:
        name = f"chatwork_{next(self.numbers)}".encode()
        place = count(1)
        numbered = PLACE.sub(lambda _: f"${next(place)}", sql)
        self._done(self.connection.pgconn.prepare, name, numbered.encode(), types)
        self.names[sql, types] = name
        return name

    def _done(self, execute: Callable[..., PGresult], *said: object) -> PGresult:
        try:
            return self._checked(execute(*said))
        except MemoryError as error:  # libpq returns nothing where nobody answers
            message = self.connection.pgconn.get_error_message()
            raise errors.OperationalError(message) from error

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in DONE:
            return result
        server = self.connection.pgconn
        is_told = result.error_field(DiagnosticField.SQLSTATE) is not None
        if is_told and server.status == ConnStatus.OK:
            raise errors.error_from_result(result)
        raise errors.OperationalError(server.get_error_message())


async def _result(server: PGconn) -> PGresult:
    """Await what a statement that was sent comes to, and that it is over."""
    while server.flush():  # as long as it takes no more
        await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    while server.is_busy():
        ready = loop.create_future()
        loop.add_reader(server.socket, ready.set_result, None)
        try:
            await ready
        finally:
            loop.remove_reader(server.socket)
        server.consume_input()
    result = server.get_result()
    while server.get_result():
        pass
    if result is None:
        raise errors.OperationalError(server.get_error_message())
    return result


def _in_order(sql: str, parameters: Parameters) -> Sequence[Any]:
    if isinstance(parameters, Mapping):
        return [parameters[name] for name in _names(sql)]
    return parameters


@cache
def _names(sql: str) -> list[str]:
    return PLACE.findall(sql)
