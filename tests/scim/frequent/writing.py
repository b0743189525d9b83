"""Writes before Django is asked, and what comes of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.test import RequestFactory

from chatwork_admin.audit.models import AuditDelivery, AuditEvent
from chatwork_admin.database.statements import fetch_all
from chatwork_admin.organizations.models import (
    Group,
    Membership,
    User,
    UserSession,
)
from scim.frequent import writes
from tests.scim.conftest import (
    CORE,
    PATCH_OP,
    SCIM_JSON,
    Document,
    Provisioning,
)
from tests.scim.frequent.both_ways import Environ, Said, by_django, here

Send = Callable[..., Environ]
BODY = "test.body"
STATUSES = {
    200: "200 OK",
    201: "201 Created",
    204: "204 No Content",
    500: "500 Internal Server Error",
}
OF_A_MOMENT = {"id", "created_at", "changed_at", "linked_at", "password", "last_login"}
GROUPS = Group.objects.order_by("pk")
OF_AN_EVENT = ("action", "actor", "target", "changes", "context", "schema_version")


@pytest.fixture
def send(entra: Provisioning) -> Send:
    """Requests of a client that was here a moment ago."""
    sent = here(entra)

    def environ(method: str, address: str, body: object, **more: Any) -> Environ:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        request = RequestFactory().generic(
            method, address, content, content_type=SCIM_JSON
        )
        length = {"CONTENT_LENGTH": str(len(content))}
        return fresh({**request.environ, **length, **sent, **more, BODY: content})

    return environ


def fresh(environ: Environ) -> Environ:
    """The same request, whose body nobody has read yet."""
    return environ | {"wsgi.input": BytesIO(environ[BODY])}


async def ask(statement: str, parameters: Any) -> list[Any]:
    """Within the test's transaction, which awaits nothing."""
    return fetch_all(statement, parameters)


def at_once(environ: Environ) -> Said | None:
    """The answer that needs no Django; None for what goes the long way."""
    try:
        writes.answer(environ, ask).send(None)
    except StopIteration as end:
        return said(end.value) if end.value else None
    raise AssertionError("nothing is awaited here")


def said(answer: writes.Answer) -> Said:
    status, headers, text = answer
    found = dict(headers)
    reference = found.pop("X-Request-Id")
    return Said(STATUSES[status], found, text.encode(), reference)


def sent(environ: Environ) -> Said:
    return at_once(environ) or by_django(environ)


def creation(document: Document) -> Document:
    return {"schemas": [CORE], **document}


def operations(*listed: Document) -> Document:
    return {"schemas": [PATCH_OP], "Operations": list(listed)}


def replacing(path: str, value: object) -> Document:
    return {"op": "replace", "path": path, "value": value}


def listing(op: str, *members: str) -> Document:
    return {"op": op, "path": "members", "value": [{"value": each} for each in members]}


@dataclass(frozen=True)
class Outcome:
    """An answer and what is in the database after it, without ids and instants."""

    said: tuple[str, dict[str, str], Document] | None
    users: list[Document]
    groups: list[tuple[str, int, Document]]
    members: set[tuple[uuid.UUID, uuid.UUID]]
    events: list[Document]
    deliveries: int
    open_sessions: int


def outcome(answer: Callable[[], Said | None]) -> Outcome:
    """Have something done, look at all it did, and undo it."""
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    with transaction.atomic():
        said = answer()
        events = AuditEvent.objects.exclude(pk__in=before).order_by("pk")
        found = Outcome(
            _timeless(said) if said else None,
            [_row(user) for user in User.objects.order_by("created_at")],
            list(GROUPS.values_list("display_name", "version", "document")),
            set(Membership.objects.values_list("group_id", "user_id")),
            [_event(event) for event in events],
            AuditDelivery.objects.count(),
            UserSession.objects.filter(ended_at=None).count(),
        )
        transaction.set_rollback(True)
    return found


def _timeless(said: Said) -> tuple[str, dict[str, str], Document]:
    body = orjson.loads(said.body or b"{}")
    name, meta = body.pop("id", ""), body.get("meta", {})
    for instant in ("created", "lastModified"):
        assert len(meta.pop(instant, "x" * 27)) == 27
    meta["location"] = meta.get("location", "").replace(name, "<id>")
    return said.status, _headers(said, name), body


def _headers(said: Said, name: str) -> dict[str, str]:
    return {key: value.replace(name, "<id>") for key, value in said.headers.items()}


def _row(user: User) -> Document:
    names = (field.attname for field in User._meta.concrete_fields)
    row = {name: getattr(user, name) for name in names if name not in OF_A_MOMENT}
    return row | {"usable": user.has_usable_password(), "linked": bool(user.linked_at)}


def _event(event: AuditEvent) -> Document:
    said = {name: getattr(event, name) for name in OF_AN_EVENT}
    users = User.objects.filter(pk=said["target"].pop("id"))
    moves = {name: set(said["context"].get(name, ())) for name in ("joined", "left")}
    said["context"] |= {name: ids for name, ids in moves.items() if ids}
    of = users.values_list("user_name", flat=True).first()
    return said | {"of": of, "is_named": len(event.reference) == 14}


def nothing_is_done(environ: Environ) -> bool:
    """Whether a request goes the long way, its body whole, and nothing was written."""
    before = outcome(lambda: None)
    after = outcome(lambda: at_once(environ))
    return after == before and environ["wsgi.input"].read() == environ[BODY]


def together(environs: list[Environ]) -> list[str]:
    """Send requests at the same moment; return their statuses."""

    def run(environ: Environ) -> str:
        try:
            return sent(environ).status
        finally:
            connection.close()

    with ThreadPoolExecutor(len(environs)) as threads:
        return list(threads.map(run, environs))
