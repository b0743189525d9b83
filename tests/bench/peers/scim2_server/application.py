"""The WSGI application of scim2-server's README, with users from the start."""

from __future__ import annotations

import os
from typing import Any

from scim2_models import ResourceType, ScimProvider
from scim2_server.memory import InMemoryStorage  # type: ignore[import-not-found]
from scim2_server.testserver.application import (  # type: ignore[import-not-found]
    BearerTokenApplication,
)
from scim2_server.utils import (  # type: ignore[import-not-found]
    load_default_provider,
)

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


class NumberedStorage(InMemoryStorage):  # type: ignore[misc] # not installed here
    """Gives predictable ids while it is filled, as its documentation suggests."""

    prefix = ""
    number = 0

    def generate_id(self, resource_type: ResourceType, resource: Any) -> str:
        if not self.prefix:
            return str(super().generate_id(resource_type, resource))
        self.number += 1
        return f"{self.prefix}-0000-7000-8000-{self.number:012x}"

    def fill(self, provider: ScimProvider, people: int, groups: int) -> None:
        """Make users and groups, from 1."""
        self.prefix, self.number = "01900000", 0
        for n in range(1, people + 1):
            self._add(provider, "User", user_document(n))
        self.prefix, self.number = "01910000", 0
        for n in range(1, groups + 1):
            self._add(provider, "Group", group_document(n))
        self.prefix = ""

    def _add(self, provider: ScimProvider, name: str, document: dict[str, Any]) -> None:
        (type_,) = (found for found in provider.resource_types if found.name == name)
        model = provider.model_for(type_)
        assert model is not None
        self.create(type_, model.model_validate(document))


class OnGranian(BearerTokenApplication):  # type: ignore[misc] # not installed here
    """Does not read what Granian calls terminated but cannot read to its end."""

    def read_body(self, environ: dict[str, Any], request: Any) -> bytes:
        if not environ.get("CONTENT_LENGTH"):
            return b""
        return bytes(super().read_body(environ, request))


def user_document(n: int) -> dict[str, Any]:
    name = f"user{n:07}@bench.example.jp"
    return {
        "schemas": [USER],
        "userName": name,
        "externalId": f"external-{n}",
        "active": True,
        "displayName": f"User {n}",
        "title": "Engineer",
        "name": {"givenName": "User", "familyName": str(n)},
        "emails": [{"type": "work", "primary": True, "value": name}],
    }


def group_document(n: int) -> dict[str, Any]:
    return {"schemas": [GROUP], "displayName": f"Group {n}"}


def _application() -> Any:
    provider = load_default_provider()
    storage = NumberedStorage()
    storage.fill(
        provider,
        int(os.environ["NUMBER_OF_USERS"]),
        int(os.environ["NUMBER_OF_GROUPS"]),
    )
    return OnGranian(storage, provider, bearer_tokens=["bench"])


application = _application()
