"""What clients write most, done before Django is asked: a user created, or changed.

It takes two statements: who asks, and for a change also who is meant; then the whole of
the write. What cannot be done so is left, unwritten, to the long way, which says why; but
not what nobody has foreseen: nobody knows what was written then.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import orjson
from django.conf import settings
from django.db import DatabaseError

from chatwork_admin import faults
from chatwork_admin.audit.recording import Actor
from chatwork_admin.authorization.tokens import WELL_KNOWN, actor_of
from chatwork_admin.middleware import address_in, new_reference
from chatwork_admin.organizations.models import User
from chatwork_admin.statements import fetch
from chatwork_admin.synchronization import at_once
from chatwork_admin.synchronization.attributes import (
    ENTERPRISE_USER,
    Document,
    user_attributes,
)
from scim import errors, limits, prepared, rate
from scim.documents import operations, patch, resources
from scim.documents.schemas import USER_TYPE
from scim.frequent import (
    REFERENCE,
    UUID,
    address_of_users,
    common,
    digest_in,
    is_secure,
    ready_database,
)
from scim.questions import Headers

CALLING = f"""
    SELECT organization_id, licences, caller_id, caller_name FROM ({WELL_KNOWN}) AS caller
"""  # noqa: S608 - constants
# Only whom `at_once` may change.
MEANT = f"""
    SELECT caller.organization_id, caller.caller_id, caller.caller_name,
        u.xmin::text, u.user_name_key, u.is_active, {prepared.COLUMNS}
    FROM ({WELL_KNOWN}) AS caller
    JOIN organizations_user u ON u.organization_id = caller.organization_id
    WHERE u.id = %(key)s AND u.deleted_at IS NULL
        AND u.linked_at IS NOT NULL AND u.role <> '{User.Role.ADMINISTRATOR}'
"""  # noqa: S608 - constants
MEDIA_TYPE = re.compile(
    r"application/(?:scim\+)?json(?:; ?charset=utf-8)?", re.IGNORECASE
)
LENGTH = re.compile("[0-9]{1,9}")
STATUSES = {"POST": "201 Created", "PATCH": "200 OK"}
UNUSUAL = {
    "HTTP_CONTENT_ENCODING",
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_TRANSFER_ENCODING",
}

Answer = tuple[str, Headers, bytes]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: by the digest of his token. `reference` names the answer."""

    digest: str
    environ: WSGIEnvironment
    reference: str = field(default_factory=new_reference)

    def admit(self, organization_id: uuid.UUID) -> None:
        """Count his request, also for who answers it instead. Raises TooManyRequests."""
        rate.admit(organization_id)
        self.environ[rate.ADMITTED] = True

    def actor(self, caller_id: uuid.UUID, caller_name: str) -> Actor:
        address = address_in(self.environ)
        return actor_of(caller_id, caller_name, self.reference, address)


Write = Callable[[Caller], prepared.Composed | None]


class FrequentWrites:
    """A WSGI application that does some writes, and has another do the rest."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        found = answer(environ)
        if found is None:
            return self.application(environ, start_response)
        status, headers, text = found
        start_response(status, headers)
        return [text]


def answer(environ: WSGIEnvironment) -> Answer | None:
    """Write, and return status, headers and body; None for what goes the long way."""
    if environ["REQUEST_METHOD"] not in STATUSES:
        return None
    digest, is_https = digest_in(environ), is_secure(environ)
    if digest is None or (settings.SECURE_SSL_REDIRECT and not is_https):
        return None
    caller = Caller(digest, environ)
    headers = [*common(is_https=is_https), (REFERENCE, caller.reference)]
    try:
        found = _done(caller)
    except (DatabaseError, OSError):
        return None
    except Exception as error:  # noqa: BLE001 - the door
        is_foreseen = errors.answer_to(error) is not errors.OUR_FAULT
        return None if is_foreseen else _our_fault(error, caller, headers)
    if found is None:
        return None
    said = [("Location", found.location), ("ETag", found.tag)]
    return STATUSES[environ["REQUEST_METHOD"]], [*headers, *said], found.text.encode()


def _our_fault(error: Exception, caller: Caller, headers: Headers) -> Answer:
    faults.tell(error, "scim request failed", reference=caller.reference)
    content = errors.body_of(errors.OUR_FAULT, "", caller.reference)
    return "500 Internal Server Error", headers, content


def _done(caller: Caller) -> prepared.Composed | None:
    write = _write(caller.environ)
    if write is None:
        return None
    ready_database()
    return write(caller)


def _write(environ: WSGIEnvironment) -> Write | None:
    """Return what a request asks to write. Raises what reading it raises."""
    path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
    address = address_of_users()
    is_creation = environ["REQUEST_METHOD"] == "POST"
    name = path.removeprefix(f"{address}/")
    if not (path == address if is_creation else UUID.fullmatch(name)):
        return None
    body = _body(environ)
    if body is None:
        return None
    said = limits.parse(body)
    return _creation(said) if is_creation else _changing(uuid.UUID(name), said)


def _body(environ: WSGIEnvironment) -> bytes | None:
    """Return what is sent in the usual form; whoever comes next can read it again."""
    if environ.get("QUERY_STRING") or not UNUSUAL.isdisjoint(environ):
        return None
    length = environ.get("CONTENT_LENGTH") or ""
    is_json = MEDIA_TYPE.fullmatch(environ.get("CONTENT_TYPE") or "")
    if not is_json or not LENGTH.fullmatch(length):
        return None
    if int(length) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return body


def _creation(said: object) -> Write | None:
    reading = resources.parse_user(said)
    return None if reading.ignored else partial(_create, reading.document)


def _changing(user_id: uuid.UUID, said: object) -> Write | None:
    asked = operations.parse(USER_TYPE, said)
    return None if asked.ignored else partial(_change, user_id, asked.operations)


def _create(document: Document, caller: Caller) -> prepared.Composed | None:
    found = fetch(CALLING, {"digest": caller.digest})
    if found is None:
        return None
    organization_id, licences, *token = found
    caller.admit(organization_id)
    document = {"active": True} | document
    row = at_once.newcomer(organization_id, document, user_attributes(document))
    created = resources.instant(row["created_at"])
    shown = _composed(row["id"], 1, document, created, created, None)
    is_created = at_once.create(row, licences, actor=caller.actor(*token))
    return shown if is_created else None


def _change(
    user_id: uuid.UUID, asked: list[operations.Operation], caller: Caller
) -> prepared.Composed | None:
    found = fetch(MEANT, prepared.asking(digest=caller.digest, key=user_id))
    if found is None:
        return None
    organization_id, caller_id, caller_name, state, user_name_key, is_active, *user = (
        found
    )
    _, version, text, _, created, _, groups = user
    caller.admit(organization_id)
    before = orjson.loads(text)
    after = patch.patch_user(before, asked)
    if after == before:
        return prepared.composed(*user)
    kept = at_once.Kept(
        user_id, organization_id, state, version, before, user_name_key, is_active
    )
    changed = at_once.change(kept, after, actor=caller.actor(caller_id, caller_name))
    if changed is None:
        return None
    changed_at = resources.instant(changed.changed_at)
    return _composed(user_id, changed.version, after, created, changed_at, groups)


def _composed(
    user_id: uuid.UUID, version: int, document: Document, *rest: Any
) -> prepared.Composed:
    text = orjson.dumps(document).decode()
    is_extended = ENTERPRISE_USER in document
    return prepared.composed(str(user_id), version, text, is_extended, *rest)
