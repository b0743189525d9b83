"""Target attributes as an attribute mapping names them, read from and written to SCIM documents."""

import re
from dataclasses import dataclass
from typing import Any

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

Value = str | bool
JsonObject = dict[str, Any]

_PATH = re.compile(
    r"^(?:(?P<schema>urn:.+:User):)?(?P<name>\w+)"
    r'(?:\[type eq "(?P<element_type>\w+)"\])?(?:\.(?P<sub_attribute>\w+))?$'
)


class NotAPath(ValueError):
    """A mapping names a target attribute in a form Entra's mapping editor does not offer."""


@dataclass(frozen=True)
class AttributePath:
    """A parsed path; "" stands for a part that is not there."""

    schema: str
    name: str
    element_type: str
    sub_attribute: str

    @property
    def is_value_path(self) -> bool:
        return bool(self.element_type)


def parse_path(text: str) -> AttributePath:
    """Parse `emails[type eq "work"].value`, `name.givenName`, `urn:…:User:department`."""
    match = _PATH.match(text)
    if match is None:
        raise NotAPath(text)
    return AttributePath(**match.groupdict(default=""))


def write(document: JsonObject, text: str, value: Value) -> None:
    """Set the attribute in the document, with the objects and elements on the way to it."""
    path = parse_path(text)
    container = document.setdefault(path.schema, {}) if path.schema else document
    if path.is_value_path:
        container = _element(container.setdefault(path.name, []), path.element_type)
        container[path.sub_attribute] = value
    elif path.sub_attribute:
        container.setdefault(path.name, {})[path.sub_attribute] = value
    else:
        container[path.name] = value


def read(document: JsonObject, text: str) -> Value | None:
    """Read the attribute from the document; None when it is unassigned."""
    path = parse_path(text)
    container = (document.get(path.schema) or {}) if path.schema else document
    value = container.get(path.name)
    if path.is_value_path:
        value = next(
            (one for one in value or [] if one.get("type") == path.element_type), None
        )
    if path.sub_attribute:
        value = (value or {}).get(path.sub_attribute)
    return value


def _element(elements: list[JsonObject], element_type: str) -> JsonObject:
    for element in elements:
        if element.get("type") == element_type:
            return element
    elements.append({"type": element_type})
    return elements[-1]
