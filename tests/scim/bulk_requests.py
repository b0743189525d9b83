"""What bulk requests consist of, and how their answers are read."""

from __future__ import annotations

from scim.documents import messages
from tests.scim.conftest import (
    ENTERPRISE,
    PATCH_OP,
    Answer,
    Document,
    Provisioning,
)

BULK = "/scim/v2/Bulk"


def post(path: str, bulk_id: str, **data: object) -> Document:
    return {"method": "POST", "path": path, "bulkId": bulk_id, "data": data}


def user(name: str, **more: object) -> Document:
    return post("/Users", name, userName=f"{name}@example.jp", **more)


def managed(name: str, manager: str) -> Document:
    return user(name, **{ENTERPRISE: {"manager": {"value": f"bulkId:{manager}"}}})


def group(name: str, *members: str) -> Document:
    listed = [{"value": f"bulkId:{member}"} for member in members]
    return post("/Groups", name, displayName=name, members=listed)


def patch(path: str, *operations: Document, **more: object) -> Document:
    data = {"schemas": [PATCH_OP], "Operations": list(operations)}
    return {"method": "PATCH", "path": path, "data": data, **more}


def run(entra: Provisioning, *operations: Document, **more: object) -> Answer:
    return entra.post(
        BULK,
        {"schemas": [messages.BULK_REQUEST], "Operations": list(operations), **more},
    )


def results(answer: Answer) -> list[Document]:
    assert answer.status == 200, answer.content
    assert answer.body["schemas"] == [messages.BULK_RESPONSE]
    listed: list[Document] = answer.body["Operations"]
    return listed


def statuses(answer: Answer) -> list[str]:
    return [each["status"] for each in results(answer)]


def id_of(result: Document) -> str:
    return str(result["location"].rsplit("/", 1)[1])
