"""What provisioning clients send, rewritten as RFC 7643 and 7644 word it. Pure.

One function per deviation, named for the client that is known for it; the letter and
number name the row of the requirement catalogue. scim2-models sees only the result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from scim2_models.path import Comparison, FilterNode, LogicalExpr, ValuePath

from scim.documents import messages, values
from scim.documents.schemas import (
    CORE_USER,
    ENTERPRISE_USER,
    EXTENSION,
    Attribute,
    Attributes,
    Document,
    InvalidAttribute,
    Type,
)

BOOLEANS = {"true": True, "false": False}
# To the end where it is not closed: to look again from each quote would take for ever.
QUOTED = r'"(?:[^"\\]++|\\.)*+"?'
FILTER_TOKEN = re.compile(rf'{QUOTED}|[()\[\]]|[^\s()\[\]"]+|\S')
COMPARISONS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
COMPARED = re.compile(
    rf"{QUOTED}"
    rf"|(?P<operator>\s(?:{'|'.join(sorted(COMPARISONS))})\s+)(?P<bare>[^\s()\[\]\"]+)",
    re.IGNORECASE,
)
LITERALS = frozenset({"true", "false", "null"})


def read_object(
    attributes: Attributes, sent: Mapping[str, object], ignored: list[str]
) -> Document:
    """Spell an object's attributes as the schema does, whatever letter case they had.

    Read-only ones are dropped (§3.1, D2); unknown ones too, and named in `ignored`.
    A null stays: in a PATCH it unassigns.
    """
    document: Document = {}
    for name, value in sent.items():
        attribute = attributes.get(name.lower())
        if attribute is None:
            ignored.append(name)
        elif attribute.name in document:
            raise messages.twice(attribute.path)
        elif not attribute.is_read_only:
            document[attribute.name] = read_value(attribute, value, ignored)
    return document


def read_value(attribute: Attribute, value: object, ignored: list[str]) -> object:
    """Read the value of an attribute as its schema says it should have been sent."""
    if not attribute.is_multi_valued:
        if attribute.is_required:
            values.require(attribute, value)
        value = entra_list_on_single_valued(value)
        return read_single(attribute, value, ignored)
    entries = single_entry_without_list(value)
    if entries is None:
        return None
    values.require_few(attribute, entries)
    read = [read_single(attribute, entry, ignored) for entry in entries]
    values.require_one_primary(attribute, read)
    return [entry for entry in read if entry is not None]


def read_single(attribute: Attribute, value: object, ignored: list[str]) -> object:
    """Read one value: of a single-valued attribute, or one entry of a multi-valued."""
    value = entra_empty_text(attribute, value)
    if attribute.type is Type.boolean:
        return entra_text_boolean(attribute, value)
    if attribute.type is not Type.complex:
        values.require(attribute, value)
        return value
    value = onelogin_manager_id(attribute, entra_bare_value(attribute, value))
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InvalidAttribute(
            detail=f'{attribute.path} must be an object, as in {{"{_part_of(attribute)}": "x"}}'
        )
    read = read_object(attribute.sub_attributes, value, ignored)
    return entra_whole_manager(attribute, read)


def entra_text_boolean(attribute: Attribute, value: object) -> object:
    """D5, F1, F35, L8: "True" and "False" stand for booleans, in any letter case."""
    if isinstance(value, str) and value.lower() in BOOLEANS:
        return BOOLEANS[value.lower()]
    if value is None or isinstance(value, bool):
        return value
    raise InvalidAttribute(detail=f"{attribute.path} must be true or false")


def entra_empty_text(attribute: Attribute, value: object) -> object:
    """F21, F22: "" unassigns, but for what is required."""
    return None if value == "" and not attribute.is_required else value


def entra_list_on_single_valued(value: object) -> object:
    """F19: a manager comes as a list of one."""
    match value:
        case []:
            return None
        case [only]:
            return only
        case _:
            return value


def single_entry_without_list(value: object) -> list[object] | None:
    """F12, F35: one entry of a multi-valued attribute comes without its list."""
    match value:
        case None | "":
            return None
        case list():
            return value
        case _:
            return [value]


def entra_bare_value(attribute: Attribute, value: object) -> object:
    """D16, F20, H9: a manager, role or member comes as its bare `value`."""
    if isinstance(value, str) and "value" in attribute.sub_attributes:
        return {"value": value}
    return value


def onelogin_manager_id(attribute: Attribute, value: object) -> object:
    """L8: OneLogin's template says `{"managerId": id}`."""
    match value:
        case {"managerId": manager} if attribute.name == "manager":
            return {"value": manager}
        case _:
            return value


def entra_whole_manager(attribute: Attribute, value: Document) -> Document | None:
    """F20, F21: a manager is replaced whole, lest the old `$ref` stays with a new id."""
    if attribute.name != "manager":
        return value
    whole = {"value": value.get("value"), "$ref": value.get("$ref")}
    return whole if any(whole.values()) else None


def entra_dotted_extension_path(path: str) -> str:
    """F16: `urn:…:2.0:User.department` for `urn:…:2.0:User:department`."""
    end = len(ENTERPRISE_USER)
    if path[:end].lower() == ENTERPRISE_USER.lower() and path[end : end + 1] == ".":
        return f"{path[:end]}:{path[end + 1 :]}"
    return path


def entra_bare_extension_attribute(path: str) -> str:
    """F18: `manager` or `department` without the URN of their extension."""
    name = re.split(r"[.\[\s]", path, maxsplit=1)[0].lower()
    if name in EXTENSION and name not in CORE_USER:
        return f"{ENTERPRISE_USER}:{path}"
    return path


def entra_malformed_schema(name: str) -> str:
    """D4: a historic sample says `…:enterprise:2.0User`."""
    malformed = ENTERPRISE_USER.replace(":2.0:", ":2.0").lower()
    return ENTERPRISE_USER if name.lower() == malformed else name


def entra_text_boolean_in_path(attribute: Attribute, path: ValuePath) -> ValuePath:
    """F10: `roles[primary eq "True"].value` compares a boolean with a text."""
    val_filter = _with_booleans(attribute, path.val_filter)
    return replace(path, val_filter=val_filter)


def _part_of(attribute: Attribute) -> str:
    """Return a sub-attribute to show how an object looks."""
    parts = attribute.sub_attributes
    return parts.get("value", next(iter(parts.values()))).name


def _with_booleans(attribute: Attribute, node: FilterNode) -> FilterNode:
    if isinstance(node, LogicalExpr):
        terms = tuple(_with_booleans(attribute, term) for term in node.terms)
        return replace(node, terms=terms)
    if not isinstance(node, Comparison):
        return node
    compared = attribute.sub_attributes.get(node.attr_path.attr.lower())
    if compared is None or compared.type is not Type.boolean:
        return node
    return replace(node, value=entra_text_boolean(compared, node.value))


def unquoted_literals(expression: str) -> str:
    """E10: `userName sw O` and `meta.created gt 2015-10-10` lack their quotes."""
    return COMPARED.sub(_quoted, expression)


def quoted_column(expression: str, column: int) -> int:
    """Return which column of an expression one of its `unquoted_literals` was."""
    for found in COMPARED.finditer(expression):
        added = len(_quoted(found)) - len(found[0])
        if found.end() + added < column:
            column -= added
    return column


def _quoted(found: re.Match[str]) -> str:
    literal = found["bare"]
    if literal is None or literal.lower() in LITERALS:
        return found[0]
    return found["operator"] + json.dumps(literal)
