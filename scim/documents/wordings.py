"""An operation of a PATCH in one form, however it is worded: a path, and its value. Pure.

What §3.5.2 words in several ways, and what clients word otherwise, is read here as
steps: what to do, to which attribute that the schema knows, with which value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scim2_models import (
    InvalidFilterException,
    InvalidPathException,
    InvalidSyntaxException,
    InvalidValueException,
    MutabilityException,
    NoTargetException,
    PayloadTooLargeException,
)

from scim.documents import budget, dialects, filter_size, messages, nesting, paths
from scim.documents.schemas import Document, InvalidAttribute, ResourceType

MAX_OPERATIONS = 1000
MAX_PATH = 64 * 1024  # characters
MAX_TERMS = 1000  # of the filters in all paths; a member each, as a rule (H6)
MOST_OF_PATH = 80  # characters, in an error
Step = tuple[str, paths.Target, object]


def require_few(operations: int) -> None:
    """Raise PayloadTooLargeException where there are more operations than are read.

    Each attribute in a value without a path is one of its own.
    """
    if operations > MAX_OPERATIONS:
        raise PayloadTooLargeException(
            detail=f"{operations} operations; the limit is {MAX_OPERATIONS}. "
            "Send them in several requests"
        )


@dataclass(slots=True)
class Reader:
    """Reads operations one after the other. `ignored`: names that mean nothing here (F28).

    Raises scim2-models' exceptions for what §3.12 words.
    """

    resource_type: ResourceType
    ignored: list[str]
    names_below: int = 0  # those that are ignored
    terms: int = 0
    values: int = 0

    def read(self, sent: object) -> Iterator[Step]:
        """Return what an operation does: one step, or each that its value says."""
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

    def _without_path(self, op: str, value: object) -> Iterator[Step]:
        if op == "remove":
            raise NoTargetException(detail="remove needs a path")  # §3.5.2.2
        return self._keys(op, "", value, {})

    def _keys(
        self, op: str, prefix: str, value: object, said: Document
    ) -> Iterator[Step]:
        """F5-F7: each key of a value without a path is a path of its own.

        Those of entries come last, as in a resource: they may be of what it lists.
        `said`: what others of its keys have said.
        """
        if not isinstance(value, dict):
            raise InvalidValueException(
                detail="Without the path of an attribute, value must be an object"
            )
        require_few(len(self.ignored) + len(value))  # each is parsed
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
    ) -> Iterator[Step]:
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

    def _with_path(self, op: str, path: str, value: object) -> Iterator[Step]:
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

    def _step(self, op: str, target: paths.Target, value: object) -> Step:
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
