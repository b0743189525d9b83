"""`attributes` and `excludedAttributes` (RFC 7644 §3.9): which parts an answer has. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from orjson import Fragment
from scim2_models import InvalidValueException

from scim.documents.dialects import (
    entra_bare_extension_attribute,
    entra_dotted_extension_path,
)
from scim.documents.schemas import ENTERPRISE_USER, GROUP, USER, Document

ALWAYS = ("schemas", "id")  # `returned: always` (§3.1), and what says what it is (§3)
CORE = "*"  # stands for all attributes of the core schema, which its URN alone names
MAX_NAMES = 500  # of each parameter: each is looked for in each entry
Parts = tuple[str, ...]  # the names on the way to an attribute, in lower case


@dataclass(frozen=True, slots=True)
class Projection:
    """What a client wants to see: everything but `excluded`, or `included` only."""

    included: tuple[Parts, ...] = ()
    excluded: tuple[Parts, ...] = ()

    def parts(self, attribute: str, names: Iterable[str]) -> tuple[str, ...]:
        """Return which parts of an attribute may appear: others need not be read."""
        whole = {"schemas": [], "id": "", attribute: dict.fromkeys(names)}
        return tuple(self.of(whole).get(attribute, ()))

    def of(self, resource: Document) -> Document:
        """Return the parts of a resource that the client wants to see."""
        if not self.included and not self.excluded:
            return resource
        always = {name: resource[name] for name in ALWAYS}
        shown: Document = (
            _included(resource, self.included) if self.included else resource
        )
        kept: Document = _excluded(shown, self.excluded)
        return always | kept | always


def parse(attributes: object, excluded: object) -> Projection:
    """Read both parameters: comma-separated texts, or lists in a SearchRequest.

    Raises InvalidValueException for what is neither: nobody is shown more than he asks.
    """
    included = _paths("attributes", attributes)
    return Projection(included, _paths("excludedAttributes", excluded))


def _paths(name: str, said: object) -> tuple[Parts, ...]:
    listed = said.split(",") if isinstance(said, str) else said
    if listed is None:
        return ()
    if not isinstance(listed, list) or not all(isinstance(e, str) for e in listed):
        raise InvalidValueException(
            detail=f'{name} must list names, as in ["userName"]'
        )
    if len(listed) > MAX_NAMES:
        raise InvalidValueException(detail=f"{name} lists at most {MAX_NAMES} names")
    parts = dict.fromkeys(_parts(path.strip()) for path in listed)
    return tuple(path for path in parts if path)


def _parts(path: str) -> Parts:
    """Split a path; of `emails[type eq "work"]`, which is none, take the name (E18)."""
    plain = entra_dotted_extension_path(path.partition("[")[0])
    text = entra_bare_extension_attribute(plain).lower()
    for schema in (USER.lower(), GROUP.lower()):
        text = CORE if text == schema else text.removeprefix(f"{schema}:")
    extension = ENTERPRISE_USER.lower()
    if text == extension:
        return (extension,)
    if text.startswith(f"{extension}:"):
        return (extension, *text[len(extension) + 1 :].split("."))
    return tuple(text.split(".")) if text else ()


def _included(value: Any, paths: Iterable[Parts]) -> Any:
    if isinstance(value, list):
        return [_included(entry, paths) for entry in value]
    if isinstance(value, Fragment):
        return value  # as `Projection.parts` had it composed
    if not isinstance(value, dict):
        return {}  # it has no parts
    shown: Document = {}
    for name, item in value.items():
        below = _below(name, paths)
        if () in below:
            shown[name] = item
        elif below and (part := _included(item, below)) not in ({}, []):
            shown[name] = part
    return shown


def _excluded(value: Any, paths: Iterable[Parts]) -> Any:
    if isinstance(value, list):
        return [_excluded(entry, paths) for entry in value]
    if not isinstance(value, dict):
        return value
    shown: Document = {}
    for name, item in value.items():
        below = _below(name, paths)
        if () in below:
            continue
        left = _excluded(item, below) if below else item
        if left not in ({}, []) or item in ({}, []):  # §2.5: what is left empty goes
            shown[name] = left
    return shown


def _below(name: str, paths: Iterable[Parts]) -> list[Parts]:
    names = {name.lower()} if ":" in name else {name.lower(), CORE}
    return [path[1:] for path in paths if path[0] in names]
