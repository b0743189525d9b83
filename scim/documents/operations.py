"""The operations of a PATCH request, each on one attribute that the schema knows. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from scim2_models import InvalidSyntaxException, SCIMException

from scim.documents import bounds, filter_size, messages, paths
from scim.documents.schemas import Document, ResourceType
from scim.documents.wordings import MOST_OF_PATH, Reader, require_few


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
    reader = Reader(resource_type, [])
    operations: list[Operation] = []
    for index, sent in enumerate(_operations(body)):
        with naming(index, _path(sent)):
            for op, target, value in reader.read(sent):
                require_few(len(operations) + 1)
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
    require_few(len(operations))
    return operations
