"""What is measured: the requests of an initial and an incremental cycle, and of reading.

Templates; `{id}`, `{name}`, `{fresh}`, `{serial}`, `{flip}`, `{group}`, `{verb}`,
`{members}` and `{added}` are filled in by request.lua for each request, `{half}` and `{cursor}` here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
COUNT = 100


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of request. `is_write` chooses the goal for its latency."""

    name: str
    method: str
    path: str
    body: str = ""

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    def at(self, **values: object) -> Operation:
        """Fill in what is the same for every request."""
        return replace(
            self, path=filled(self.path, values), body=filled(self.body, values)
        )


def filled(template: str, values: Mapping[str, object]) -> str:
    """Replace the `{names}` that have a value; braces of JSON stay."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template


def patch(*operations: str) -> str:
    return f'{{"schemas":["{PATCH}"],"Operations":[{",".join(operations)}]}}'


def replacing(path: str, value: str) -> str:
    return f'{{"op":"replace","path":"{path}","value":{value}}}'


MATCH = Operation("match", "GET", "/Users?filter=userName%20eq%20%22{name}%22")
READ = Operation("read", "GET", "/Users/{id}")
CREATE = Operation(
    "create",
    "POST",
    "/Users",
    f'{{"schemas":["{USER}"],"userName":"{{fresh}}@example.jp",'
    '"externalId":"{fresh}","active":true,"displayName":"New Person",'
    '"name":{"givenName":"New","familyName":"Person"},"title":"Engineer",'
    '"emails":[{"type":"work","primary":true,"value":"{fresh}@example.jp"}]}',
)
CHANGE = Operation(
    "change",
    "PATCH",
    "/Users/{id}",
    patch(replacing("active", "{flip}"), replacing("title", '"Title {serial}"')),
)
PAGE = Operation("page", "GET", f"/Users?startIndex={{half}}&count={COUNT}")
CURSOR = Operation("cursor page", "GET", f"/Users?cursor={{cursor}}&count={COUNT}")
GROUP = Operation(
    "group",
    "PATCH",
    "/Groups/{group}",
    patch('{"op":"{verb}","path":"members","value":[{members}]}'),
)
# RFC 7644 §3.5.2.2 knows no value with "remove"; strict servers refuse one.
STRICT_GROUP = replace(GROUP, body=patch('{"op":"{verb}","path":"members"{added}}'))

ALL = (MATCH, READ, CREATE, CHANGE, PAGE, CURSOR, GROUP)
# What costs the same however many users there are.
FLAT = (MATCH, READ, CREATE, CHANGE, PAGE)
