"""SCIM documents as clients send them, and as the product keeps them. Pure.

A kept document holds what a client may write: no id, no meta, no groups, no members,
and no `schemas`, which follow from the rest.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidSyntaxException,
    InvalidValueException,
    Resource,
    SCIMException,
    ScimPolicy,
)

from scim.documents import bounds, plain
from scim.documents.dialects import read_object
from scim.documents.nesting import nested
from scim.documents.schemas import (
    ENTERPRISE_USER,
    GROUP_TYPE,
    USER,
    USER_TYPE,
    Document,
    InvalidAttribute,
    ResourceType,
)

IDENTIFIER = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ONELOGIN_SCHEMA = "urn:scim:schemas:core:1.0"
TOLERANT = ScimPolicy(unknown=ScimPolicy.Unknown.ignore)
SCHEMAS_OF_USERS = ([USER], [USER, ENTERPRISE_USER])
LABELS = {"type", "primary"}  # they say which value it is; alone they are none


@dataclass(frozen=True, slots=True)
class Reading:
    """What a client wrote: what is kept of it, and which names mean nothing here."""

    document: Document
    members: frozenset[uuid.UUID] | None = None  # None: it said nothing about them
    no_ids: int = 0  # of its members, those named by what cannot be an id
    ignored: list[str] = field(default_factory=list)


def parse_user(body: object) -> Reading:
    """Read a whole User.

    Raises InvalidSyntaxException, InvalidValueException, PayloadTooLargeException.
    """
    if isinstance(body, dict) and body.get("schemas") in SCHEMAS_OF_USERS:
        said = plain.saying(USER_TYPE, body)
        if plain.is_whole(USER_TYPE, said):
            bounds.require_small(said)
            return Reading(said)
    return read_user(body)


def read_user(body: object) -> Reading:
    """As `parse_user`, whatever is unusual in it."""
    said, ignored = _said(USER_TYPE, body)
    document = _modelled(USER_TYPE, said)
    bounds.require_small(document)
    return Reading(document, ignored=ignored)


def keeping_active(before: Document, after: Document) -> Document:
    """Return `after`; where it says nothing of `active`, what was said before (G14)."""
    return {name: before[name] for name in ("active",) if name in before} | after


def parse_group(body: object) -> Reading:
    """Read a whole Group. Raises InvalidSyntaxException, InvalidValueException.

    Its members may be many, and the model would take ten times as long to say of each
    what the dialects said already: they are read as those of a PATCH.
    """
    said, ignored = _said(GROUP_TYPE, body)
    is_about_members = "members" in said
    members = list(filter(_says_something, said.pop("members", None) or []))
    document = _modelled(GROUP_TYPE, said)
    named = member_ids(members) if is_about_members else None
    return Reading(document, named, no_ids(members), ignored)


def no_ids(entries: list[Document]) -> int:
    """Return how many members have a `value` that cannot be an id (H9)."""
    return sum(identifier(each.get("value")) is None for each in entries)


def member_ids(entries: list[Document]) -> frozenset[uuid.UUID]:
    """Return the ids a member list names; what cannot be an id names nobody (H9)."""
    ids = (identifier(entry.get("value")) for entry in entries)
    return frozenset(each for each in ids if each is not None)


def identifier(text: object) -> uuid.UUID | None:
    """Read a resource's id as we issue it; None for any other text."""
    said = str(text)
    return uuid.UUID(said) if IDENTIFIER.fullmatch(said) else None


def load(resource_type: ResourceType, document: Document) -> Resource[Any]:
    """Return a kept document as the model that PATCH operations are applied to."""
    return resource_type.model.model_validate(document, scim_policy=TOLERANT)


def dump(resource_type: ResourceType, resource: Resource[Any]) -> Document:
    """Return a model as the document to keep. Raises InvalidAttribute."""
    dumped = resource.model_dump(scim_ctx=Context.DEFAULT)
    tidied = {name: tidy(value) for name, value in dumped.items() if name != "schemas"}
    document = {name: value for name, value in tidied.items() if value not in ([], {})}
    _require_required(resource_type, document)
    bounds.require(resource_type.attributes, document)
    return document


def tidy(value: Any) -> Any:
    """Keep what is a value: each (type, value) once (§2.4), no label without one (D3)."""
    if not isinstance(value, list):
        return value
    entries: dict[object, Document] = {}
    for entry in value:
        if not entry.keys() <= LABELS:
            key = (str(entry.get("type")).lower(), entry.get("value"))
            known = key if "value" in entry else repr(sorted(entry.items()))
            entries[known] = entries.get(known, {}) | entry
    return list(entries.values())


def refusal(error: ValidationError) -> SCIMException:
    """Return what the library found first, of what `scim.documents.values` let pass, if anything."""
    first = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(map(str, first["loc"])) or "The body"
    return InvalidAttribute(detail=f"{path}: {first['msg']}")


def plainly(error: InvalidValueException, path: str) -> SCIMException:
    """Return the library's refusal of an attribute's value as ours."""
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return refusal(cause)
    return InvalidAttribute(detail=f"{path}: {error}")


def _said(resource_type: ResourceType, body: object) -> tuple[Document, list[str]]:
    """Return what a body says, spelt as the schema does, and which names are ignored."""
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="The body must be a JSON object: {…}")
    _require_schema(resource_type, body.get("schemas"))
    ignored: list[str] = []
    sent = nested(resource_type, body)
    read = read_object(resource_type.attributes, sent, ignored)
    bounds.require_few_names(len({*ignored}))
    return read, ignored


def _modelled(resource_type: ResourceType, read: Document) -> Document:
    """Return what was said as the document to keep."""
    said = {name: value for name, value in read.items() if value is not None}
    _require_required(resource_type, said)
    try:
        resource = resource_type.model.model_validate(
            {**said, "schemas": [resource_type.schema]},
            scim_ctx=Context.RESOURCE_CREATION_REQUEST,
            scim_policy=TOLERANT,
        )
    except ValidationError as error:
        raise refusal(error) from error
    return dump(resource_type, resource)


def _says_something(entry: Document) -> bool:
    """Whether an entry is more than labels (D3)."""
    return any(value is not None for name, value in entry.items() if name not in LABELS)


def _require_required(resource_type: ResourceType, document: Document) -> None:
    for name in resource_type.required:
        if not str(document.get(name, "")).strip():
            raise InvalidAttribute(detail=f"{name} is required; map a value to it")


def _require_schema(resource_type: ResourceType, listed: object) -> None:
    """D4: a list names this resource, whatever else it names; none, or an empty one,
    says nothing (RFC 7643 §2.5). L8: OneLogin's template still says SCIM 1.
    """
    if listed in (None, [], ""):
        return
    named = listed if isinstance(listed, list) else [listed]
    names = {str(each).lower() for each in named}
    if names.isdisjoint({resource_type.schema.lower(), ONELOGIN_SCHEMA}):
        raise InvalidSyntaxException(
            detail=f"schemas must contain {resource_type.schema}"
        )
