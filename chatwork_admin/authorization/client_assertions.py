"""A JWT by which a client proves itself instead of a secret (RFC 7523 §2.2, §3, B25).

`read` believes nothing yet: it says whose assertion this claims to be. `verify` is what
counts, with the keys of who is trusted.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import jwt

from chatwork_admin.authorization import strict_json
from chatwork_admin.authorization.key_sets import ALGORITHMS, Keys

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = 8192
LONGEST_LIFE = 24 * 60 * 60  # seconds; Entra's tokens for services last up to a day
SKEW = 60  # seconds that clocks may differ
FORM = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}")
# The key is the one that we know; no assertion says which, or what else must be obeyed.
REFUSED_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"})
TYPES = frozenset({"jwt", "client-authentication+jwt"})  # RFC 8725 §3.11
LATEST = 2**40  # far beyond any date


class AssertionReason(StrEnum):
    """Why an assertion proves nobody; a value is never renamed."""

    BESIDE_A_SECRET = "assertion-beside-a-secret"  # noqa: S105 - no secret
    OTHER_TYPE = "assertion-of-other-type"
    UNREADABLE = "assertion-unreadable"
    ALGORITHM = "assertion-algorithm"
    HEADER = "assertion-header"
    CLAIMS = "assertion-claims"
    ISSUER = "assertion-issuer"
    SUBJECT = "assertion-subject"
    AUDIENCE = "assertion-audience"
    KEY_UNKNOWN = "assertion-key-unknown"
    SIGNATURE = "assertion-signature"
    EXPIRED = "assertion-expired"
    TOO_EARLY = "assertion-too-early"
    LIFETIME = "assertion-lifetime"
    REPLAYED = "assertion-replayed"


class InvalidAssertion(Exception):
    """It proves nobody; `said` is what it says instead of what is trusted."""

    def __init__(self, reason: AssertionReason, said: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.said = said[:200] if said.isprintable() else ""


@dataclass(frozen=True, slots=True)
class ClientAssertion:
    """What an assertion claims; `token_id` is its `jti`, or empty. Times in seconds."""

    text: str = field(repr=False)
    key_id: str
    issuer: str
    subject: str
    audience: str
    token_id: str
    issued_at: float
    expires_at: float


def read(text: str) -> ClientAssertion:
    """Return what is claimed, and unproven. Raises InvalidAssertion."""
    if len(text) > LONGEST or not FORM.fullmatch(text):
        raise InvalidAssertion(AssertionReason.UNREADABLE)
    header, claims = (_part(each) for each in text.split(".")[:2])
    _check_header(header)
    named = [claims.get(name) for name in ("iss", "sub", "aud")]
    token_id = claims.get("jti", "")
    if not all(isinstance(each, str) and each for each in named):
        raise InvalidAssertion(AssertionReason.CLAIMS)
    if not isinstance(token_id, str):
        raise InvalidAssertion(AssertionReason.CLAIMS)
    issuer, subject, audience = (str(each) for each in named)
    issued_at, expires_at = _instant(claims, "iat"), _instant(claims, "exp")
    kid = header["kid"]
    return ClientAssertion(
        text, kid, issuer, subject, audience, token_id, issued_at, expires_at
    )


def verify(assertion: ClientAssertion, keys: Keys) -> None:
    """Raise InvalidAssertion unless one of `keys` has signed it, and it is its time."""
    if assertion.key_id not in keys:
        raise InvalidAssertion(AssertionReason.KEY_UNKNOWN)
    key = jwt.PyJWK(dict(keys[assertion.key_id]))
    try:
        jwt.decode(
            assertion.text,
            key,
            algorithms=[key.algorithm_name],
            audience=assertion.audience,
            leeway=SKEW,
            options={"require": ["exp", "iat"], "strict_aud": True},
        )
    except jwt.PyJWTError as error:
        raise InvalidAssertion(_reason(error)) from error
    if not 0 < assertion.expires_at - assertion.issued_at <= LONGEST_LIFE:
        raise InvalidAssertion(AssertionReason.LIFETIME)


def _part(text: str) -> dict[str, Any]:
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return strict_json.read_object(decoded)
    except (ValueError, strict_json.Unreadable) as error:
        raise InvalidAssertion(AssertionReason.UNREADABLE) from error


def _check_header(header: dict[str, Any]) -> None:
    if header.get("alg") not in ALGORITHMS:
        raise InvalidAssertion(AssertionReason.ALGORITHM)
    kind, key_id = header.get("typ", "JWT"), header.get("kid")
    is_typed = isinstance(kind, str) and kind.lower() in TYPES
    if not is_typed or not isinstance(key_id, str) or REFUSED_HEADERS & header.keys():
        raise InvalidAssertion(AssertionReason.HEADER)


def _instant(claims: dict[str, Any], name: str) -> float:
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise InvalidAssertion(AssertionReason.CLAIMS)
    if not 0 < said < LATEST:
        raise InvalidAssertion(AssertionReason.CLAIMS)
    return float(said)


# What the library calls it; anything else that it does not like is unreadable to us.
REASONS: tuple[tuple[type[Exception], AssertionReason], ...] = (
    (jwt.InvalidAlgorithmError, AssertionReason.ALGORITHM),
    (jwt.InvalidSignatureError, AssertionReason.SIGNATURE),
    (jwt.ExpiredSignatureError, AssertionReason.EXPIRED),
    (jwt.ImmatureSignatureError, AssertionReason.TOO_EARLY),
)


def _reason(error: jwt.PyJWTError) -> AssertionReason:
    found = (reason for kind, reason in REASONS if isinstance(error, kind))
    return next(found, AssertionReason.UNREADABLE)
