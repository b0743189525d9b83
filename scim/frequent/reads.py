"""What clients ask most, answered before Django is asked: one user, or a page of all.

One statement finds who asks and what he asks for. Whoever is not well known, and
whatever is asked in another way, goes the long way, through Django: that decides
everything. A test holds what is answered here to what is answered there.
"""

from __future__ import annotations

import re
import uuid
from typing import cast
from urllib.parse import unquote_plus
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from chatwork_admin.authorization.tokens import WELL_KNOWN
from chatwork_admin.database.base import DatabaseWrapper
from chatwork_admin.organizations.folding import fold
from chatwork_admin.reference_numbers import new_reference
from scim import prepared, rate
from scim.documents.resources import IDENTIFIER
from scim.errors import TooManyRequests
from scim.frequent import pages
from scim.frequent.questions import COLUMNS, Answer, Question, Rows, composed
from scim.frequent.requests import (
    CONDITIONS,
    REFERENCE,
    address_of_users,
    common,
    digest_in,
    is_secure,
)
from scim.search import filters

FILTER = re.compile("(?:aadOptscim062020&)?filter=([^&;]+)")
ASKING = f"""
    SELECT caller.organization_id, {COLUMNS}
    FROM ({WELL_KNOWN}) AS caller
    LEFT JOIN organizations_user u
        ON u.organization_id::text = caller.organization_id::text
        AND u.deleted_at IS NULL AND
"""  # noqa: S608 - constants
BY_ID = f"{ASKING} u.id = %(key)s"
BY_USER_NAME = f"{ASKING} u.user_name_key = %(key)s"


def answer(environ: WSGIEnvironment) -> Answer | None:
    """Return headers and body of a 200; None for what goes the long way."""
    question = _question(environ)
    digest = digest_in(environ) if question else None
    if question is None or digest is None:
        return None
    is_https = is_secure(environ)
    if settings.SECURE_SSL_REDIRECT and not is_https:
        return None
    found = _answered(question, digest, environ)
    if found is None:
        return None
    headers, text = found
    named = REFERENCE, new_reference()
    return [*common(is_https=is_https), named, *headers], text


def _question(environ: WSGIEnvironment) -> Question | None:
    if environ["REQUEST_METHOD"] != "GET" or not CONDITIONS.isdisjoint(environ):
        return None
    address, path = (
        address_of_users(),
        environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"],
    )
    query = environ.get("QUERY_STRING", "")
    if path == address:
        return pages.question(query) or _match(query)
    name = path.removeprefix(f"{address}/")
    if query or not IDENTIFIER.fullmatch(name):
        return None
    return Question(BY_ID, prepared.asking(key=uuid.UUID(name)), _user)


def _match(query: str) -> Question | None:
    said = FILTER.fullmatch(query)
    expression = unquote_plus(said[1]) if said else ""
    match = prepared.MATCH.fullmatch(expression)
    if match is None or filters.is_connection_test(expression):
        return None
    return Question(BY_USER_NAME, prepared.asking(key=fold(match[1])), _list)


def _answered(
    question: Question, digest: str, environ: WSGIEnvironment
) -> Answer | None:
    """Ask the database, and whether there may be an answer now."""
    database = ready_database()
    try:
        rows = database.rows(question.statement, question.said | {"digest": digest})
        if not rows:
            return None
        rate.admit(rows[0][0], may_wait=False)
        environ[rate.ADMITTED] = True
    except (DatabaseError, TooManyRequests):
        return None
    return question.answer(rows)


def ready_database() -> DatabaseWrapper:
    """Return the connection, made anew if need be, as Django does before each request."""
    database = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])
    if not database.in_atomic_block:  # a test's
        database.close_if_unusable_or_obsolete()
    return database


def _user(rows: Rows) -> Answer | None:
    _, *user = rows[0]
    found = composed(user) if user[0] else None
    return found and ([("Location", found.location), ("ETag", found.tag)], found.text)


def _list(rows: Rows) -> Answer | None:
    _, *user = rows[0]
    if user[0] is None:
        return [], prepared.listed([])
    found = composed(user)
    return found and ([], prepared.listed([found]))
