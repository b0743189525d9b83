"""What clients write most, done before Django is asked: a user created, or changed.

It takes one statement, and for a change one before it, which says who is meant. What cannot
be done so is left, unwritten, to the long way, which says why; but not what nobody has
foreseen: nobody knows what was written then.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache, partial
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIEnvironment

import orjson
from django.conf import settings
from django.db import DatabaseError

from chatwork_admin import faults
from chatwork_admin.audit.recording import Actor
from chatwork_admin.authorization.tokens import WELL_KNOWN, actor_of
from chatwork_admin.database.awaited import Awaited
from chatwork_admin.database.prepared import Parameters, Row
from chatwork_admin.middleware import address_in, new_reference
from chatwork_admin.organizations.models import User
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
    address_of_users,
    common,
    digest_in,
    is_secure,
)
from scim.questions import Headers

CALLING = f"""
    SELECT organization_id, caller_id, caller_name FROM ({WELL_KNOWN}) AS caller
"""  # noqa: S608 - constants
# Whether he who was known a moment ago still is whom he was taken for.
ALLOWED = f"""
    SELECT licences FROM ({WELL_KNOWN}) AS caller
    WHERE organization_id = %(organization_id)s
        AND caller_id = %(caller_id)s AND caller_name = %(caller_name)s
"""  # noqa: S608 - constants
# Only whom `at_once` may change.
MEANT = f"""
    SELECT caller.organization_id, caller.caller_id, caller.caller_name,
        u.xmin::text, u.user_name_key, u.is_active, {prepared.COLUMNS}
    FROM ({WELL_KNOWN}) AS caller
    JOIN organizations_user u
        ON u.organization_id::text = caller.organization_id::text
    WHERE u.id = %(key)s AND u.deleted_at IS NULL
        AND u.linked_at IS NOT NULL AND u.role <> '{User.Role.ADMINISTRATOR}'
"""  # noqa: S608 - constants
MEDIA_TYPE = re.compile(
    r"application/(?:scim\+)?json(?:; ?charset=utf-8)?", re.IGNORECASE
)
LENGTH = re.compile("[0-9]{1,9}")
STATUSES = {"POST": 201, "PATCH": 200}
MOST_AT_A_TIME = 4  # statements that a process awaits, each on a connection
MOST_KNOWN = 10_000
KNOWN: dict[str, Row] = {}  # as CALLING, by digest: whoever was known a moment ago
UNUSUAL = {
    "HTTP_CONTENT_ENCODING",
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_TRANSFER_ENCODING",
}

Answer = tuple[int, Headers, str]


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


Ask = Callable[[str, Parameters], Awaitable[list[Row]]]
Write = Callable[[Caller, Ask], Awaitable[prepared.Composed | None]]


async def answered(environ: WSGIEnvironment) -> Answer | None:
    """As `answer`, by connections of this process that requests share."""
    return await answer(environ, _awaited().rows)


@cache
def _awaited() -> Awaited:
    return Awaited(MOST_AT_A_TIME)


async def answer(environ: WSGIEnvironment, ask: Ask) -> Answer | None:
    """Write, and return status, headers and body; None for what goes the long way."""
    if environ["REQUEST_METHOD"] not in STATUSES:
        return None
    digest, is_https = digest_in(environ), is_secure(environ)
    if digest is None or (settings.SECURE_SSL_REDIRECT and not is_https):
        return None
    caller = Caller(digest, environ)
    headers = [*common(is_https=is_https), (REFERENCE, caller.reference)]
    try:
        write = _write(environ)
        found = await write(caller, ask) if write else None
    except (DatabaseError, OSError):
        return None
    except Exception as error:  # noqa: BLE001 - the door
        is_foreseen = errors.answer_to(error) is not errors.OUR_FAULT
        return None if is_foreseen else _our_fault(error, caller, headers)
    if found is None:
        return None
    said = [("Location", found.location), ("ETag", found.tag)]
    return STATUSES[environ["REQUEST_METHOD"]], [*headers, *said], found.text


def _our_fault(error: Exception, caller: Caller, headers: Headers) -> Answer:
    faults.tell(error, "scim request failed", reference=caller.reference)
    content = errors.body_of(errors.OUR_FAULT, "", caller.reference)
    return 500, headers, content.decode()


def _write(environ: WSGIEnvironment) -> Write | None:
    """Return what a request asks to write. Raises what reading it raises."""
    path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
    address = address_of_users()
    is_creation = environ["REQUEST_METHOD"] == "POST"
    name = path.removeprefix(f"{address}/")
    if not (path == address if is_creation else resources.IDENTIFIER.fullmatch(name)):
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


async def _create(
    document: Document, caller: Caller, ask: Ask
) -> prepared.Composed | None:
    known = KNOWN.get(caller.digest) or await _known(caller, ask)
    if known is None:
        return None
    organization_id, caller_id, caller_name = known
    caller.admit(organization_id)
    document = {"active": True} | document
    row = at_once.newcomer(organization_id, document, user_attributes(document))
    created = resources.instant(row["created_at"])
    shown = _composed(row["id"], 1, document, created, created, None)
    actor = caller.actor(caller_id, caller_name)
    statement, said = at_once.creation(row, ALLOWED, actor=actor)
    said |= {
        "digest": caller.digest,
        "caller_id": caller_id,
        "caller_name": caller_name,
    }
    if await ask(statement, said):
        return shown
    KNOWN.pop(caller.digest, None)
    return None


async def _known(caller: Caller, ask: Ask) -> Row | None:
    """Ask who calls, and remember it: what he writes is written if he still is."""
    for found in await ask(CALLING, {"digest": caller.digest}):
        if len(KNOWN) >= MOST_KNOWN:
            KNOWN.clear()
        KNOWN[caller.digest] = found
        return found
    return None


async def _change(
    user_id: uuid.UUID, asked: list[operations.Operation], caller: Caller, ask: Ask
) -> prepared.Composed | None:
    found = await ask(MEANT, prepared.asking(digest=caller.digest, key=user_id))
    if not found:
        return None
    organization_id, *token, state, user_name_key, is_active = found[0][:6]
    _, version, text, _, created, _, groups = found[0][6:]
    caller.admit(organization_id)
    before = orjson.loads(text)
    after = patch.patch_user(before, asked)
    if after == before:
        return prepared.composed(*found[0][6:])
    kept = at_once.Kept(
        user_id, organization_id, state, version, before, user_name_key, is_active
    )
    changed = at_once.change(kept, after, actor=caller.actor(*token))
    if changed is None:
        return None
    became, statement = changed
    changed_at = resources.instant(became.changed_at)
    shown = _composed(user_id, became.version, after, created, changed_at, groups)
    return shown if await ask(*statement) else None


def _composed(
    user_id: uuid.UUID, version: int, document: Document, *rest: Any
) -> prepared.Composed:
    text = orjson.dumps(document).decode()
    is_extended = ENTERPRISE_USER in document
    return prepared.composed(str(user_id), version, text, is_extended, *rest)
