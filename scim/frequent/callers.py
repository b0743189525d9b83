"""Who writes before Django is asked: by whose token, and whether he still may."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from wsgiref.types import WSGIEnvironment

from chatwork_admin.audit.recording import Actor
from chatwork_admin.authorization.tokens import WELL_KNOWN, actor_of
from chatwork_admin.database.prepared import Parameters, Row
from chatwork_admin.middleware import address_in, new_reference
from scim import prepared, rate

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


async def known(caller: Caller, ask: Ask) -> Row | None:
    """Ask who calls, and remember it: what he writes is written if he still is."""
    for found in await ask(CALLING, {"digest": caller.digest}):
        if len(KNOWN) >= MOST_KNOWN:
            KNOWN.clear()
        KNOWN[caller.digest] = found
        return found
    return None
