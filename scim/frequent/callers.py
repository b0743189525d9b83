"""Who writes before Django is asked: by whose token, and whether he still may."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import WSGIEnvironment

from chatwork_admin.audit.recording import Actor
from chatwork_admin.authorization.tokens import WELL_KNOWN, actor_of
from chatwork_admin.client_addresses import address_in
from chatwork_admin.database.prepared import Parameters, Row
from chatwork_admin.reference_numbers import new_reference
from scim import rate
from scim.documents import preconditions
from scim.frequent.questions import Headers

CALLING = f"""
    SELECT organization_id, caller_id, caller_name FROM ({WELL_KNOWN}) AS caller
"""  # noqa: S608 - constants
# Whether he who was known a moment ago still is whom he was taken for.
ALLOWED = f"""
    SELECT licences FROM ({WELL_KNOWN}) AS caller
    WHERE organization_id = %(organization_id)s
        AND caller_id = %(caller_id)s AND caller_name = %(caller_name)s
"""  # noqa: S608 - constants
MOST_KNOWN = 10_000
KNOWN: dict[str, Row] = {}  # as CALLING, by digest: whoever was known a moment ago

# An answer of its own: its status, headers that not every answer has, and its body.
Written = tuple[int, Headers, str]
Ask = Callable[[str, Parameters], Awaitable[list[Row]]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: by the digest of his token. `reference` names the answer."""

    digest: str
    environ: WSGIEnvironment
    reference: str = field(default_factory=new_reference)

    def admit(self, organization_id: uuid.UUID) -> None:
        """Count his request, also for who answers it instead. Raises TooManyRequests."""
        rate.admit(organization_id, may_wait=False)
        self.environ[rate.ADMITTED] = True

    def expects(self, version: int) -> bool:
        """Whether what has this version is to be written."""
        said = self.environ.get("HTTP_IF_MATCH"), self.environ.get("HTTP_IF_NONE_MATCH")
        wanted = preconditions.expected(*said)
        return wanted is None or wanted(version)

    def actor(self, caller_id: uuid.UUID, caller_name: str) -> Actor:
        address = address_in(self.environ)
        return actor_of(caller_id, caller_name, self.reference, address)


Write = Callable[[Caller, Ask], Awaitable[Written | None]]


async def known(caller: Caller, ask: Ask) -> Row | None:
    """Return who calls, as remembered: what he writes is written if he still is."""
    if caller.digest in KNOWN:
        return KNOWN[caller.digest]
    for found in await ask(CALLING, {"digest": caller.digest}):
        if len(KNOWN) >= MOST_KNOWN:
            KNOWN.clear()
        KNOWN[caller.digest] = found
        return found
    return None


async def write(
    statement: tuple[str, dict[str, Any]], calling: Row, caller: Caller, ask: Ask
) -> list[Row]:
    """Have a statement carried out that asks whether its caller is still ALLOWED."""
    sql, said = statement
    _, caller_id, caller_name = calling
    named = {"caller_id": caller_id, "caller_name": caller_name}
    rows = await ask(sql, said | named | {"digest": caller.digest})
    if not rows:
        KNOWN.pop(caller.digest, None)
    return rows
