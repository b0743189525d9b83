"""What a SAML response must agree with to be believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# How far the identity provider's clock may be ahead of ours. There is no such grace at
# the end of a validity: Entra's is an hour long.
CLOCK_SKEW = timedelta(seconds=180)
LONGEST_LIFETIME = timedelta(hours=24)  # Entra's Conditions last 70 minutes
OLDEST_RESPONSE = timedelta(minutes=15)  # between IssueInstant and its arrival


@dataclass(frozen=True, slots=True)
class DecryptionKey:
    """A key pair of ours, to which the identity provider may encrypt; both are PEM."""

    private_key: str
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """Ours is `entity_id` and `acs_url`; the rest is what one organization trusts.

    `certificates`: PEM of every certificate that is trusted, valid or not.
    `proposed`, `retired`: PEM of those nobody has trusted yet, or trusts any more: to say
    so, never to believe them.
    `request_id`: the id of the AuthnRequest that must have been answered.
    `now`: aware. `tenant_id`: the Entra tenant in lower case, None for other products.
    `authenticated_since`: aware; the person must have signed in after it (ForceAuthn).
    `decryption_keys`: the current one first. Raises ValueError for an empty
    `request_id`: without it a stolen response would do.
    """

    entity_id: str
    acs_url: str
    idp_entity_id: str
    certificates: tuple[str, ...]
    proposed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    request_id: str
    now: datetime
    tenant_id: str | None
    require_signed_response: bool = False
    authenticated_since: datetime | None = None
    decryption_keys: tuple[DecryptionKey, ...] = ()

    def __post_init__(self) -> None:
        if not self.request_id:
            raise ValueError("a response needs the id of a request that it answers")
