"""A provisioning client that speaks JSON, and what it often sends."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.conf import settings
from django.test import Client

from chatwork_admin.organizations.models import Organization
from scim import urls  # noqa: F401 - takes its time: better not in a transaction
from tests.conftest import ScimClientFor, enable

USERS = "/scim/v2/Users"
GROUPS = "/scim/v2/Groups"
SCIM_JSON = "application/scim+json"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

Document = dict[str, Any]


class Answer:
    """An answer, with its body read."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        self.content: bytes = response.content
        self.body: Document = orjson.loads(response.content or b"{}")

    @property
    def id(self) -> str:
        return str(self.body["id"])

    @property
    def resources(self) -> list[Document]:
        listed: list[Document] = self.body["Resources"]
        return listed

    @property
    def refusal(self) -> tuple[int, str | None, str]:
        """Status, scimType and code of an Error."""
        code = self.body["detail"].partition(":")[0]
        return self.status, self.body.get("scimType"), code


class Provisioning:
    """Microsoft Entra ID's side of the wire, in tests."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str, **parameters: str | int) -> Answer:
        return Answer(self.client.get(path, parameters))

    def send(
        self,
        method: str,
        path: str,
        body: object,
        media_type: str = SCIM_JSON,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        sent = self.client.generic(
            method, path, content, content_type=media_type, headers=headers
        )
        return Answer(sent)

    def post(self, path: str, body: object) -> Answer:
        return self.send("POST", path, body)

    def put(self, path: str, body: object) -> Answer:
        return self.send("PUT", path, body)

    def delete(self, path: str) -> Answer:
        return Answer(self.client.delete(path))

    def patch(self, path: str, *operations: object) -> Answer:
        message = {"schemas": [PATCH_OP], "Operations": list(operations)}
        return self.send("PATCH", path, message)

    def create(self, user_name: str = "yamada@example.jp", **more: object) -> str:
        answer = self.post(USERS, {"schemas": [CORE], "userName": user_name, **more})
        assert answer.status == 201, answer.content
        return answer.id

    def create_group(self, name: str = "営業部", *members: str) -> str:
        listed = [{"value": member} for member in members]
        body = {"schemas": [GROUP], "displayName": name, "members": listed}
        answer = self.post(GROUPS, body)
        assert answer.status == 201, answer.content
        return answer.id

    def members(self, group: str) -> set[str]:
        listed = self.get(f"{GROUPS}/{group}").body.get("members", [])
        return {member["value"] for member in listed}

    def found(self, expression: str) -> list[str]:
        """The userNames a filter finds."""
        answer = self.get(USERS, filter=expression)
        assert answer.status == 200, answer.content
        return [user["userName"] for user in answer.resources]


@pytest.fixture(autouse=True)
def without_haste(settings: Any) -> None:
    """More is asked here, and sooner, than one organization may ask (`test_rate`)."""
    settings.SCIM_RATE = 0


@pytest.fixture
def entra(scim: Client) -> Provisioning:
    return Provisioning(scim)


@pytest.fixture
def neighbour(globex: Organization, scim_client: ScimClientFor) -> Provisioning:
    """The provisioning client of Globex, whose gate is open too."""
    enable(globex)
    return Provisioning(scim_client(globex))


@pytest.fixture
def people(entra: Provisioning) -> list[str]:
    return [entra.create(f"{name}@example.jp") for name in ("a", "b", "c")]


@pytest.fixture
def group(entra: Provisioning, people: list[str]) -> str:
    """A group of the first two."""
    return entra.create_group("営業部", *people[:2])


def listed(*members: str) -> list[Document]:
    """Members as Entra sends them."""
    return [{"$ref": None, "value": member} for member in members]


def address(path: str) -> str:
    return f"{settings.BASE_URL}{path}"
