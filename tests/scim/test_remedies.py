"""Each error says what to do about it (row I3), to whoever can."""

from __future__ import annotations

from typing import Any

import pytest

from scim import errors
from scim.documents.messages import BULK_REQUEST
from tests.scim.conftest import GROUPS, PATCH_OP, USERS, Document, Provisioning

NUL = b'{"userName": "a@example.jp", "title": "\\u0000"}'
BULK = {
    "schemas": [BULK_REQUEST],
    "Operations": [{"method": "DELETE", "path": "Users/1"}],
}
TWO_PRIMARY = [{"value": "a", "primary": True}, {"value": "b", "primary": True}]


def patch(*operations: Document) -> Document:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


REMEDIES: list[tuple[str, str, Any, str]] = [
    ("POST", USERS, {"userName": ["a@x.jp"]}, "send it without a list"),
    ("POST", USERS, {}, "map a value to it"),
    ("POST", USERS, {"userName": "x"}, "Map mail or userPrincipalName"),
    ("POST", USERS, {"userName": "a@x.jp", "USERNAME": "b@x.jp"}, "send it once"),
    ("POST", USERS, {"userName": "a@x.jp", "emails": TWO_PRIMARY}, "mark one only"),
    ("POST", USERS, {"userName": "taken@x.jp"}, "Match users by userName, or rename"),
    ("POST", GROUPS, {"displayName": "taken"}, "Rename one of them"),
    ("POST", USERS, NUL, "leave it out"),
    ("POST", USERS, b"{", "in UTF-8"),
    ("POST", USERS, b"[]", "must be a JSON object"),
    ("POST", USERS, b"[" * 40 + b"]" * 40, "nest less"),
    ("PATCH", "one", patch({"op": "replace", "path": "id", "value": "x"}), "leave it"),
    ("PATCH", "one", patch(*[{"op": "remove", "path": "title"}] * 1001), "several"),
    ("PATCH", "one", patch({"op": "x"}), "must be add, remove or replace"),
    (
        "POST",
        f"{USERS}/.search",
        {"schemas": [BULK_REQUEST]},
        "schemas must contain urn:",
    ),
    ("POST", "/scim/v2/Bulk", BULK, 'must begin with a slash, as in "/Users"'),
    ("GET", "/scim/v2/nope", b"", "The Tenant URL ends in /scim/v2"),
    ("GET", "/scim/v2/Schemas?filter=x", b"", "Ask without a filter"),
    ("PUT", USERS, b"", "Use GET, POST here"),
    ("GET", f"{USERS}?filter=", b"", 'expected as in id eq "x"'),
    ("GET", f"{USERS}?filter=id+pr&filter=id+pr", b"", "join them by and"),
    ("GET", f"{USERS}?cursor=&startIndex=1", b"", "send one of them"),
    ("GET", f"{USERS}?cursor=x", b"", "begin with an empty one"),
    ("GET", f"{USERS}?count=x", b"", "count must be a whole number"),
    ("GET", f"{USERS}?sortBy=x", b"", "expected one like userName"),
]


@pytest.mark.parametrize(("method", "path", "body", "remedy"), REMEDIES)
def test_an_error_says_what_to_do(
    entra: Provisioning, method: str, path: str, body: Any, remedy: str
) -> None:
    one = f"{USERS}/{entra.create('taken@x.jp')}"
    entra.create_group("taken")

    answer = entra.send(method, path.replace("one", one), body)

    error = (
        answer.body if body is not BULK else answer.body["Operations"][0]["response"]
    )
    assert int(error["status"]) >= 400
    assert remedy in error["detail"]
    assert len(error["detail"]) <= errors.DETAIL_LENGTH
