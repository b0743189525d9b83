"""What a bulk request says (RFC 7644 §3.7): its operations, and what refers to what. Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from scim2_models import InvalidSyntaxException, PayloadTooLargeException

from scim.documents import filter_size, messages

# About a second of work.
MAX_OPERATIONS = 100
MAX_CHANGES = 1000  # in the bodies of its PATCH operations
MAX_TERMS = 1000  # in the filters of their paths

# The whole of a text, a segment of a path, or an operand: `members[value eq "bulkId:1"]`
REFERENCE = re.compile(r'(?:^|(?<=["/]))bulkId:([^"/\s]+)(?=["/]|$)')


@dataclass(frozen=True)
class BulkOperation:
    """One operation as it was sent, be it sound or not. `index`: its place."""

    index: int
    method: str
    path: str
    bulk_id: str
    version: str
    data: object

    @cached_property
    def references(self) -> frozenset[str]:
        """The bulkIds of other operations that it names."""
        named = {*REFERENCE.findall(self.path), *_references(self.data)}
        return frozenset(named) - {self.bulk_id}

    @property
    def is_creation(self) -> bool:
        return self.method == "POST" and bool(self.bulk_id)


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """`most_errors`: how many are tolerated before the rest is left undone."""

    operations: list[BulkOperation]
    most_errors: int


def parse(body: object) -> BulkRequest:
    """Read a bulk request. Raises InvalidSyntaxException, PayloadTooLargeException."""
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="The body must be a JSON object: {…}")
    said = messages.lowered(body)
    messages.require(messages.BULK_REQUEST, said.get("schemas"))
    sent = said.get("operations")
    if not isinstance(sent, list) or not sent:
        raise InvalidSyntaxException(detail="Operations must be a list of one or more")
    if len(sent) > MAX_OPERATIONS:
        raise PayloadTooLargeException(
            detail=f"{len(sent)} operations; the limit is {MAX_OPERATIONS}. Send "
            "them in several requests"
        )
    operations = [_operation(index, each) for index, each in enumerate(sent)]
    _require_different_ids(operations)
    _require_few_changes(operations)
    return BulkRequest(operations, _most_errors(said.get("failonerrors")))


def in_order(operations: list[BulkOperation]) -> list[BulkOperation]:
    """Return operations, each after the creations it refers to (§3.7.1).

    Otherwise they stay as they came; of two that refer to each other one comes first.
    """
    creations = {each.bulk_id: each for each in operations if each.is_creation}
    ordered: list[BulkOperation] = []
    seen: set[int] = set()
    for first in operations:
        waiting = [] if first.index in seen else [first]
        while waiting:
            seen.add(waiting[-1].index)
            needed = (creations.get(each) for each in waiting[-1].references)
            missing = (each for each in needed if each and each.index not in seen)
            earlier = min(missing, key=lambda each: each.index, default=None)
            if earlier is None:
                ordered.append(waiting.pop())
            else:
                waiting.append(earlier)
    return ordered


def resolved(value: object, ids: Mapping[str, uuid.UUID]) -> object:
    """Return a value with the ids that its references mean; unknown ones stay."""
    match value:
        case str():
            return REFERENCE.sub(lambda name: str(ids.get(name[1], name[0])), value)
        case list():
            return [resolved(each, ids) for each in value]
        case dict():
            return {name: resolved(each, ids) for name, each in value.items()}
        case _:
            return value


def _references(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from REFERENCE.findall(value)
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for each in children:  # type: ignore[attr-defined] # a list, or values
            yield from _references(each)


def _operation(index: int, sent: object) -> BulkOperation:
    if not isinstance(sent, dict):
        raise InvalidSyntaxException(detail=f"Operations[{index}] must be an object")
    said = messages.lowered(sent)

    def text(name: str) -> str:
        value = said.get(name)
        return value if isinstance(value, str) else ""

    method = text("method").upper()
    return BulkOperation(
        index=index,
        method=method,
        path=text("path"),
        bulk_id=text("bulkid"),
        version=_version(said.get("version")),
        data=_data(method, said.get("data")),
    )


def _data(method: str, said: object) -> object:
    """Return a PATCH that lists its operations bare, as in §3.7.3, as in §3.5.2."""
    is_bare = method == "PATCH" and isinstance(said, list)
    return {"Operations": said} if is_bare else said


def _version(said: object) -> str:
    """Return what is to be met. What cannot be read is never met, and never skipped."""
    if said is None:
        return ""
    return said if isinstance(said, str) and said else "unreadable"


def _require_different_ids(operations: list[BulkOperation]) -> None:
    seen: set[str] = set()
    for each in operations:
        if each.bulk_id in seen:
            raise InvalidSyntaxException(
                detail=f"Operations[{each.index}]: its bulkId is another's too; "
                "give each operation its own"
            )
        seen |= {each.bulk_id} - {""}


def _require_few_changes(operations: list[BulkOperation]) -> None:
    """A PATCH holds operations of its own, up to a thousand: together they are work.

    So are the terms in the filters of their paths, or of keys that mean to be paths.
    """
    changes = [each for operation in operations for each in _changes(operation)]
    if len(changes) > MAX_CHANGES:
        raise PayloadTooLargeException(
            detail=f"{len(changes)} operations in all PATCH bodies; the limit is "
            f"{MAX_CHANGES}. Send them in several requests"
        )
    if sum(map(_terms, changes)) > MAX_TERMS:
        raise PayloadTooLargeException(
            detail=f"The filters in all PATCH bodies have more than {MAX_TERMS} terms. "
            "Send them in several requests"
        )


def _changes(operation: BulkOperation) -> list[object]:
    data = operation.data if operation.method == "PATCH" else {}
    said = data.items() if isinstance(data, dict) else ()
    lists = [each for name, each in said if name.lower() == "operations"]
    return [each for listed in lists if isinstance(listed, list) for each in listed]


def _terms(change: object) -> int:
    said = change if isinstance(change, dict) else {}
    named = [each for name, each in said.items() if name.lower() == "path"]
    paths = [each for each in named if isinstance(each, str)]
    return sum(map(filter_size.terms, [*paths, *_keys(list(said.values()))]))


def _keys(values: list[object]) -> Iterator[str]:
    """Yield the keys of objects, and of those in them: some mean to be paths."""
    for each in values:
        if isinstance(each, dict):
            yield from each
            yield from _keys(list(each.values()))


def _most_errors(said: object) -> int:
    if said is None:
        return MAX_OPERATIONS + 1
    if isinstance(said, bool) or not isinstance(said, int) or said < 1:
        raise InvalidSyntaxException(detail="failOnErrors must be a number from 1 on")
    return said
