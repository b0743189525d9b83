"""A target in a few lines, for the tests of the stand-in itself: users and groups in memory.

It understands exactly what the stand-in sends, and is no measure for the product.
"""

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx

from tests.entra_id.attribute_paths import JsonObject, write
from tests.entra_id.mapping import MANAGER

TOKEN = "a token"
BASE_URL = "https://target.example/scim/v2?aadOptscim062020"

_EQUALS = re.compile(r'^(\w+) eq ("(?:[^"\\]|\\.)*")$')
_MEMBER = re.compile(r'^members\[value eq "(.+)"\]$')


@dataclass
class SmallTarget:
    """`planned` answers are given before anything is looked at, in their order."""

    resources: dict[str, dict[str, JsonObject]] = field(
        default_factory=lambda: {"Users": {}, "Groups": {}}
    )
    requests: list[httpx.Request] = field(default_factory=list)
    planned: list[httpx.Response | Exception] = field(default_factory=list)
    refused_names: set[str] = field(default_factory=set)
    loses_answers_to_posts: bool = False

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def user(self, user_name: str) -> JsonObject:
        return _only(self.resources["Users"], "userName", user_name)

    def group(self, display_name: str) -> JsonObject:
        return _only(self.resources["Groups"], "displayName", display_name)

    def sent(self, method: str) -> list[Any]:
        """Return the bodies of all requests with this method."""
        chosen = [one for one in self.requests if one.method == method]
        return [json.loads(one.content) if one.content else None for one in chosen]

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.planned:
            return _planned(self.planned.pop(0))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(
                401, "CW-AUTH-1: Access token is missing, expired or revoked."
            )
        endpoint, _, resource_id = request.url.path.removeprefix("/scim/v2/").partition(
            "/"
        )
        if request.method == "GET":
            return self._query(
                endpoint, parse_qs(request.url.query.decode())["filter"][0]
            )
        if request.method == "POST":
            return self._create(endpoint, json.loads(request.content))
        return self._write(endpoint, resource_id, request)

    def _query(self, endpoint: str, expression: str) -> httpx.Response:
        terms = [_term(part) for part in expression.split(" and ")]
        found = [
            one
            for one in self.resources[endpoint].values()
            if all(_matches(one, name, value) for name, value in terms)
        ]
        return httpx.Response(
            200, json={"totalResults": len(found), "Resources": found}
        )

    def _create(self, endpoint: str, document: JsonObject) -> httpx.Response:
        if document.get("userName") in self.refused_names:
            return refusal(403, "CW-USER-1: No licence left (500 of 500 used).")
        created = {**document, "id": str(uuid.uuid4())}
        if "active" in created:
            created["active"] = str(created["active"]).lower() == "true"
        self.resources[endpoint][created["id"]] = created
        if self.loses_answers_to_posts:
            raise httpx.ReadError("connection reset")
        return httpx.Response(201, json=created)

    def _write(
        self, endpoint: str, resource_id: str, request: httpx.Request
    ) -> httpx.Response:
        resource = self.resources[endpoint].get(resource_id)
        if resource is None:
            return refusal(404, "CW-USER-6: No such user.")
        if request.method == "DELETE":
            del self.resources[endpoint][resource_id]
            return httpx.Response(204)
        for operation in json.loads(request.content)["Operations"]:
            _apply(resource, operation)
        return httpx.Response(204)


def refusal(status: int, detail: str, **headers: str) -> httpx.Response:
    """Answer with a SCIM Error."""
    body = {"status": str(status), "detail": detail}
    return httpx.Response(
        status, json=body, headers={"X-Request-Id": "7F3C-21", **headers}
    )


def _planned(planned: httpx.Response | Exception) -> httpx.Response:
    if isinstance(planned, Exception):
        raise planned
    return planned


def _only(resources: dict[str, JsonObject], name: str, value: str) -> JsonObject:
    [found] = [one for one in resources.values() if one.get(name) == value]
    return found


def _term(text: str) -> tuple[str, str]:
    match = _EQUALS.match(text)
    assert match is not None, text
    return match[1], json.loads(match[2])


def _matches(resource: JsonObject, name: str, value: str) -> bool:
    if name == "members":
        return any(member["value"] == value for member in resource["members"])
    if name == "manager":
        return resource.get("manager id") == value
    return str(resource.get(name, "")).lower() == value.lower()


def _apply(resource: JsonObject, operation: JsonObject) -> None:
    path: str = operation.get("path", "")
    value: Any = operation.get("value", "")
    if not path:
        for key, one in value.items():
            write(resource, key, one)
    elif path.startswith("members"):
        _apply_members(resource, operation)
    elif path in {"manager", MANAGER}:
        resource["manager id"] = value if isinstance(value, str) else value[0]["value"]
    else:
        boolean = {"True": True, "False": False}
        write(resource, path, boolean.get(value, value) if path == "active" else value)


def _apply_members(resource: JsonObject, operation: JsonObject) -> None:
    match = _MEMBER.match(operation["path"])
    named = {match[1]} if match else {one["value"] for one in operation["value"]}
    kept = [one for one in resource["members"] if one["value"] not in named]
    added = operation["value"] if operation["op"].lower() == "add" else []
    resource["members"] = [*kept, *added]
