"""What clients write most, done before Django is asked: users, and who is in a group.

It takes one statement, and to change a user one before it, which says who is meant. What cannot
be done so is left, unwritten, to the long way, which says why; but not what nobody has
foreseen: nobody knows what was written then.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from functools import cache, partial
from io import BytesIO
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.db import DatabaseError

from chatwork_admin import faults
from chatwork_admin.database.awaited import Awaited
from scim import dispatch, errors, limits
from scim.documents import resources
from scim.frequent import changes, creations, memberships
from scim.frequent.callers import Ask, Caller, Write
from scim.frequent.questions import Headers
from scim.frequent.requests import (
    CONDITIONS,
    REFERENCE,
    address_of_groups,
    address_of_users,
    common,
    digest_in,
    is_secure,
)

MEDIA_TYPE = re.compile(
    r"application/(?:scim\+)?json(?:; ?charset=utf-8)?", re.IGNORECASE
)
LENGTH = re.compile("[0-9]{1,9}")
METHODS = {"POST", "PATCH", "PUT"}
LARGEST = (
    64 * 1024
)  # bytes: what says more takes its time, which others should not wait
MOST_AT_A_TIME = 4  # statements that a process awaits, each on a connection
UNUSUAL = {
    "HTTP_CONTENT_ENCODING",
    "HTTP_TRANSFER_ENCODING",
}

Answer = tuple[int, Headers, str]
Reader = Callable[[object], Write | None]


async def answered(environ: WSGIEnvironment) -> Answer | None:
    """As `answer`, by connections of this process that requests share."""
    return await answer(environ, _awaited().rows)


@cache
def _awaited() -> Awaited:
    return Awaited(MOST_AT_A_TIME)


async def answer(environ: WSGIEnvironment, ask: Ask) -> Answer | None:
    """Write, and return status, headers and body; None for what goes the long way."""
    if environ["REQUEST_METHOD"] not in METHODS:
        return None
    digest, is_https = digest_in(environ), is_secure(environ)
    if digest is None or (settings.SECURE_SSL_REDIRECT and not is_https):
        return None
    caller = Caller(digest, environ)
    headers = [*common(is_https=is_https), (REFERENCE, caller.reference)]
    try:
        write = _write(environ)
        found = await write(caller, ask) if write else None
    except (DatabaseError, OSError) as error:
        if dispatch.is_victim(error):
            environ[dispatch.TRIED] = True
        return None
    except Exception as error:  # noqa: BLE001 - the door
        is_foreseen = errors.answer_to(error) is not errors.OUR_FAULT
        return None if is_foreseen else _our_fault(error, caller, headers)
    if found is None:
        return None
    status, said, text = found
    return status, [*(headers if text else _bodiless(headers)), *said], text


def _bodiless(headers: Headers) -> Headers:
    return [each for each in headers if each[0] != "Content-Type"]


def _our_fault(error: Exception, caller: Caller, headers: Headers) -> Answer:
    faults.tell(error, "scim request failed", reference=caller.reference)
    content = errors.body_of(errors.OUR_FAULT, "", caller.reference)
    return 500, headers, content.decode()


def _write(environ: WSGIEnvironment) -> Write | None:
    """Return what a request asks to write. Raises what reading it raises."""
    read = _reader(environ)
    body = _body(environ) if read else None
    return read(limits.parse(body)) if read and body is not None else None


def _reader(environ: WSGIEnvironment) -> Reader | None:
    """Return who reads what is asked of an address, if it is one of the commonest."""
    method = environ["REQUEST_METHOD"]
    path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
    is_conditional = not CONDITIONS.isdisjoint(environ)
    if path == address_of_users() and method == "POST" and not is_conditional:
        return creations.asked
    collection, _, name = path.rpartition("/")
    if not resources.IDENTIFIER.fullmatch(name):
        return None
    if collection == address_of_users() and method in changes.ASKED:
        return partial(changes.ASKED[method], uuid.UUID(name))
    if collection == address_of_groups() and method == "PATCH" and not is_conditional:
        return partial(memberships.asked, uuid.UUID(name))
    return None


def _body(environ: WSGIEnvironment) -> bytes | None:
    """Return what is sent in the usual form; whoever comes next can read it again."""
    if environ.get("QUERY_STRING") or not UNUSUAL.isdisjoint(environ):
        return None
    length = environ.get("CONTENT_LENGTH") or ""
    is_json = MEDIA_TYPE.fullmatch(environ.get("CONTENT_TYPE") or "")
    if not is_json or not LENGTH.fullmatch(length):
        return None
    if int(length) > LARGEST:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return body
