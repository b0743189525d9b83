"""What a document may be, by the schemas that are published (RFC 7643 §7)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tests.scim.conftest import Document

KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "reference": str,
    "binary": str,
    "dateTime": str,
    "integer": int,
    "decimal": (int, float),
    "complex": dict,
}


def _attribute(name: str, kind: str = "string", **more: object) -> Document:
    return {"name": name, "type": kind, "multiValued": False, "required": False} | more


COMMON = [  # §3.1: of every resource, in no schema
    _attribute("schemas", "reference", multiValued=True, required=True),
    _attribute("id", required=True),
    _attribute("externalId"),
    _attribute(
        "meta",
        "complex",
        required=True,
        subAttributes=[
            _attribute("resourceType", required=True),
            _attribute("created", "dateTime", required=True),
            _attribute("lastModified", "dateTime", required=True),
            _attribute("location", "reference", required=True),
            _attribute("version"),
        ],
    ),
]


@dataclass(frozen=True)
class Published:
    """The documents of `/Schemas`. canonicalValues suggest (§7), so none is enforced."""

    schemas: dict[str, Document]

    def faults(self, document: Document) -> list[str]:
        core, *extensions = document["schemas"]
        own = self.schemas[core]["attributes"]
        below = [
            _attribute(
                urn,
                "complex",
                required=True,
                subAttributes=self.schemas[urn]["attributes"],
            )
            for urn in extensions
        ]
        return list(_faults_of_object(document, [*COMMON, *own, *below], ""))


def _faults_of_object(
    document: Document, attributes: list[Document], place: str
) -> Iterator[str]:
    known = {attribute["name"]: attribute for attribute in attributes}
    for name, value in document.items():
        if name in known:
            yield from _faults(value, known[name], f"{place}/{name}")
        else:
            yield f"{place}/{name} is in no schema"
    for name, attribute in known.items():
        if attribute["required"] and name not in document:
            yield f"{place}/{name} is missing"


def _faults(value: object, attribute: Document, place: str) -> Iterator[str]:
    if not attribute["multiValued"]:
        yield from _faults_of_one(value, attribute, place)
    elif not isinstance(value, list) or not value:
        yield f"{place} is no list of values"
    else:
        for each in value:
            yield from _faults_of_one(each, attribute, place)


def _faults_of_one(value: object, attribute: Document, place: str) -> Iterator[str]:
    kind = attribute["type"]
    if not isinstance(value, KINDS[kind]) or value in ("", {}):
        yield f"{place} is no {kind}"
    elif isinstance(value, dict):
        yield from _faults_of_object(value, attribute["subAttributes"], place)
    elif kind == "dateTime":
        datetime.fromisoformat(str(value))
    elif kind == "binary":
        b64decode(f"{value}==", validate=True)
