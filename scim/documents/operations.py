"""The operations of a PATCH request, each on one attribute that the schema knows. Pure.

What §3.5.2 words in several ways, and what clients word otherwise, is brought to one
form here: an operation, one path, a value as its schema says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from scim2_models import (
    InvalidFilterException,
    InvalidPathException,
    InvalidSyntaxException,
    InvalidValueException,
    MutabilityException,
    NoTargetException,
    PayloadTooLargeException,
    SCIMException,
)

from scim.documents import (
    bounds,
    budget,
    dialects,
    filter_size,
    messages,
    nesting,
    paths,
)
from scim.documents.schemas import (
    Document,
    InvalidAttribute,
    ResourceType,
)

MAX_OPERATIONS = 1000
MAX_PATH = 64 * 1024  # characters
MAX_TERMS = 1000  # of the filters in all paths; a member each, as a rule (H6)
MOST_OF_PATH = 80  # characters, in an error


@dataclass(frozen=True, slots=True)
class Operation:
    """`index` is its place in the request, which errors name."""

    index: int
    op: str
    target: paths.Target
    value: object = None

    @property
    def entries(self) -> list[Document]:
        """The entries that the value of a multi-valued complex attribute lists."""
        listed = self.value if isinstance(self.value, list) else []
        return [entry for entry in listed if isinstance(entry, dict)]

    @property
    def brought(self) -> int:
        """How many values it adds to a list."""
        value = None if self.op == "remove" else self.value
        return len(value) if isinstance(value, list) else 0

    @property
    def terms(self) -> int:
        """How many comparisons say which values it means, or are listed to be removed."""
        listed = self.entries if self.op == "remove" else []
        return filter_size.terms(self.target.path) + sum(map(len, listed))

    @property
    def is_of_whole_list(self) -> bool:
        """Whether nothing that was in a list is left."""
        is_whole = self.target.filter is None and self.target.sub_attribute is None
        return is_whole and (self.op == "replace" or self.value is None)

    def document(self) -> Document:
        named = {"op": self.op, "path": self.target.path}
        return named if self.value is None else named | {"value": self.value}


@dataclass(frozen=True, slots=True)
class PatchRequest:
    """What a client asks for, and the names in it that mean nothing here (F28)."""

    operations: list[Operation]
    ignored: list[str] = field(default_factory=list)


def parse(resource_type: ResourceType, body: object) -> PatchRequest:
    """Read a PATCH request. Raises scim2-models' exceptions for what §3.12 words."""
    reader = _Reader(resource_type, [])
    operations: list[Operation] = []
    for index, sent in enumerate(_operations(body)):
        with naming(index, _path(sent)):
            for op, target, value in reader.read(sent):
                _require_few(len(operations) + 1)
                operations.append(Operation(index, op, target, value))
    bounds.require_few_names(len({*reader.ignored}) + reader.names_below)
    return PatchRequest(operations, reader.ignored)


@contextmanager
def naming(index: int, path: str) -> Iterator[None]:
    """Say in an error which of the operations it is about, and which path."""
    try:
        yield
    except SCIMException as error:
        named, text = path[:MOST_OF_PATH], str(error)
        if not text.startswith((named, f'"{named}"')):
            text = f'"{named}": {text}'
        raise type(error)(detail=f"Operations[{index}]: {text}") from error


def _path(sent: object) -> str:
    said = sent.items() if isinstance(sent, dict) else ()
    paths_said = (value for name, value in said if name.lower() == "path")
    return next((path for path in paths_said if isinstance(path, str)), "")


def _operations(body: object) -> list[object]:
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="The body must be a JSON object: {…}")
    said = messages.lowered(body)
    messages.require(messages.PATCH_OP, said.get("schemas"))
    operations = said.get("operations")
    if not isinstance(operations, list) or not operations:
        raise InvalidSyntaxException(detail="Operations must be a list of one or more")
    _require_few(len(operations))
    return operations


def _require_few(operations: int) -> None:
    """Each attribute in a value without a path is an operation of its own."""
    if operations > MAX_OPERATIONS:
        raise PayloadTooLargeException(
            detail=f"{operations} operations; the limit is {MAX_OPERATIONS}. "
            "Send them in several requests"
        )


_Step = tuple[str, paths.Target, object]


def _must_say_something(op: str, target: paths.Target, value: object) -> bool:
    """To add nothing, or to replace members by a slip, must not take everybody away."""
    attribute = target.attribute
    is_slip = attribute.name == "members" and value is not None
    return attribute.is_multi_valued and (op == "add" or is_slip)


def _means_entries(said: tuple[str, object]) -> bool:
    return "[" in said[0]


def _require_removable(target: paths.Target) -> None:
    """§3.5.2.2: what is required is not removed."""
    if target.is_required:
        raise MutabilityException(
            detail=f"{target.attribute.path} is required; replace it"
        )


@dataclass(slots=True)
class _Reader:
    resource_type: ResourceType
    ignored: list[str]
    names_below: int = 0  # those that are ignored
    terms: int = 0
    values: int = 0

    def read(self, sent: object) -> Iterator[_Step]:
        if not isinstance(sent, dict):
            raise InvalidSyntaxException(detail="An operation must be an object: {…}")
        said = messages.lowered(sent)
        op, path = str(said.get("op")).lower(), said.get("path")  # F4
        if op not in {"add", "remove", "replace"}:
            raise InvalidSyntaxException(detail="op must be add, remove or replace")
        if op != "remove" and "value" not in said:
            raise InvalidValueException(detail=f'{op} needs a "value"')
        if path is None or path == "":
            return self._without_path(op, said.get("value"))
        if not isinstance(path, str):
            raise InvalidPathException(detail=f"path must be a text; {paths.EXAMPLE}")
        return self._with_path(op, path, said.get("value"))

    def _without_path(self, op: str, value: object) -> Iterator[_Step]:
        if op == "remove":
            raise NoTargetException(detail="remove needs a path")  # §3.5.2.2
        return self._keys(op, "", value, {})

    def _keys(
        self, op: str, prefix: str, value: object, said: Document
    ) -> Iterator[_Step]:
        """F5-F7: each key of a value without a path is a path of its own.

        Those of entries come last, as in a resource: they may be of what it lists.
        `said`: what others of its keys have said.
        """
        if not isinstance(value, dict):
            raise InvalidValueException(
                detail="Without the path of an attribute, value must be an object"
            )
        _require_few(len(self.ignored) + len(value))  # each is parsed
        for name, item in sorted(value.items(), key=_means_entries):
            key = prefix + dialects.entra_malformed_schema(name)
            if not prefix and paths.is_schema(self.resource_type, key):
                yield from self._below(op, key, item, said)
                continue
            target = self._known(key)
            if target is None:
                self._ignore(name, item)
            elif not target.is_read_only:  # F29: Okta sends the id
                nesting.require_once(said, target, item, name)
                yield self._step(op, target, item)

    def _below(
        self, op: str, schema: str, value: object, said: Document
    ) -> Iterator[_Step]:
        """F17: a schema's value holds its attributes; null unassigns an extension."""
        extension = self._known(schema) if value is None or value == "" else None
        if extension is not None:
            nesting.require_once(said, extension, None, schema)
            yield "remove", extension, None
        else:
            yield from self._keys(op, f"{schema}:", value, said)

    def _known(self, key: str) -> paths.Target | None:
        try:
            return self._target(key)
        except InvalidPathException:
            if "[" in key:  # it means to be a path
                raise
            return None

    def _with_path(self, op: str, path: str, value: object) -> Iterator[_Step]:
        if paths.is_schema(self.resource_type, path) and op != "remove":
            yield from self._below(op, path, value, {})
            return
        target = self._target(path)
        if target is None:
            self._ignore(path, value)  # F28
        elif target.is_read_only:
            raise MutabilityException(
                detail=f'"{path[:MOST_OF_PATH]}" is read-only; leave it out'
            )  # F29
        else:
            yield self._step(op, target, value)

    def _ignore(self, name: str, value: object) -> None:
        self.ignored.append(name)
        self.names_below += nesting.names_in(value)

    def _target(self, path: str) -> paths.Target | None:
        if len(path) > MAX_PATH:
            raise InvalidPathException(detail=f"The limit is {MAX_PATH:,} characters")
        if "[" in path:
            self._require_short(path)
        return paths.target(self.resource_type, path)

    def _require_short(self, path: str) -> None:
        self._count_terms(filter_size.terms(path))
        if filter_size.depth(path) > filter_size.MAX_DEPTH:
            raise InvalidFilterException(
                detail=f"The limit is {filter_size.MAX_DEPTH} levels of parentheses"
            )

    def _count_terms(self, terms: int) -> None:
        self.terms += terms
        if max(self.terms, budget.spend("terms", terms)) > MAX_TERMS:
            raise PayloadTooLargeException(
                detail=f"The filters have more than {MAX_TERMS} terms. "
                "Send them in several requests"
            )

    def _count_values(self, target: paths.Target, value: object) -> None:
        """They cost as much to read; but members, which have no limit, are one change."""
        is_of_members = target.attribute.name == "members"
        brought = len(value) if isinstance(value, list) and not is_of_members else 0
        self.values += brought
        budget.require_few_visits(self.values)

    def _step(self, op: str, target: paths.Target, value: object) -> _Step:
        self._count_values(target, value)
        if op == "remove":
            _require_removable(target)
            return op, target, self._listed(target, value)
        read = target.read(value, self.ignored)
        if read is None and _must_say_something(op, target, value):
            raise InvalidValueException(detail=f'{op} needs a "value"')
        if target.is_required and isinstance(read, str) and not read.strip():
            raise InvalidAttribute(
                detail=f"{target.attribute.path} is required; map a value to it"
            )
        if read is None:
            _require_removable(target)
            return "remove", target, None
        return op, target, read

    def _listed(self, target: paths.Target, value: object) -> list[Document] | None:
        """H5: a remove may list the entries it means; an empty list means all (H7).

        A list that names nothing is refused: a slip must not take everything away.
        """
        if not target.attribute.is_multi_valued or target.filter or value in (None, []):
            return None
        if target.sub_attribute is not None:
            raise InvalidValueException(
                detail=f"leave the value out, or name {target.attribute.path} by a filter"
            )
        read = target.read(value, self.ignored)
        entries = read if isinstance(read, list) else []
        said = [{n: each for n, each in e.items() if each is not None} for e in entries]
        named = [entry for entry in said if entry]
        if not named:
            raise InvalidValueException(detail='name what to remove by its "value"')
        if target.attribute.name != "members":  # the library makes a filter of them
            self._count_terms(sum(map(len, named)))
        return named
