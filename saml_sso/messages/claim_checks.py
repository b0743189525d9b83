"""What is asked of an assertion whose signature is verified, one function a question.

Where python3-saml is content with a part of an address, or with nothing at all, these
want the whole of it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from lxml.etree import _Element as Element

from saml_sso.messages.assertions import OBJECT_ID, TENANT_ID, Claims
from saml_sso.messages.expectations import (
    CLOCK_SKEW,
    LONGEST_LIFETIME,
    OLDEST_RESPONSE,
    Expectations,
)
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.xml_names import BEARER, ENTITY_FORMAT, SAML

LONGEST_NAME_ID = 256  # characters; SAML Core §8.3.7 allows no more for persistent ones
NAME_ID_FORMATS = frozenset(
    {
        "",  # SAML Core §2.2.2: means unspecified
        "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName",
        "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    }
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the response around the assertion says; often it is not signed."""

    issuer: str | None
    issuer_format: str | None
    destination: str | None
    in_response_to: str | None


def read_envelope(response: Element) -> Envelope:
    issuer = response.find(f"{SAML}Issuer")
    return Envelope(
        issuer=None if issuer is None else issuer.text or "",
        issuer_format=None if issuer is None else issuer.get("Format"),
        destination=response.get("Destination"),
        in_response_to=response.get("InResponseTo"),
    )


def require_issuer(claims: Claims, envelope: Envelope, expected: Expectations) -> None:
    """The assertion must name its issuer; the response may stay silent (Core §3.2.2)."""
    issuers = {claims.issuer, envelope.issuer or claims.issuer}
    if issuers != {expected.idp_entity_id} or envelope.issuer == "":
        raise InvalidResponse(ResponseReason.WRONG_ISSUER)
    if envelope.issuer_format not in {None, ENTITY_FORMAT}:
        raise InvalidResponse(ResponseReason.WRONG_ISSUER)


def require_destination(_: Claims, envelope: Envelope, expected: Expectations) -> None:
    if envelope.destination != expected.acs_url:
        raise InvalidResponse(ResponseReason.WRONG_DESTINATION)


def require_in_response_to(
    claims: Claims, envelope: Envelope, expected: Expectations
) -> None:
    """Both must name our request: the one in the assertion is the one that is signed."""
    answered = {each.in_response_to for each in claims.subject.confirmations}
    if answered | {envelope.in_response_to} != {expected.request_id}:
        raise InvalidResponse(ResponseReason.WRONG_IN_RESPONSE_TO)


def require_audience(claims: Claims, _: Envelope, expected: Expectations) -> None:
    """Several restrictions all hold (Core §2.5.1.4); one is all that is ever needed."""
    if len(claims.conditions.audience_restrictions) != 1:
        raise InvalidResponse(ResponseReason.WRONG_AUDIENCE)
    if expected.entity_id not in claims.conditions.audience_restrictions[0]:
        raise InvalidResponse(ResponseReason.WRONG_AUDIENCE)


def require_bearer(claims: Claims, _: Envelope, expected: Expectations) -> None:
    """Exactly one confirmation, of a bearer, delivered here (Profiles §4.1.4.2)."""
    if (
        len(claims.subject.confirmations) != 1
        or claims.subject.confirmations[0].method != BEARER
    ):
        raise InvalidResponse(ResponseReason.WRONG_SUBJECT_CONFIRMATION)
    if claims.subject.confirmations[0].recipient != expected.acs_url:
        raise InvalidResponse(ResponseReason.WRONG_RECIPIENT)


def require_times(claims: Claims, _: Envelope, expected: Expectations) -> None:
    """Valid now, not for long, and issued just now; only a start may lie ahead a little."""
    starts = [
        claims.issued_at,
        claims.statement.authn_instant,
        claims.conditions.not_before,
    ]
    starts += [each.not_before for each in claims.subject.confirmations]
    ends = [claims.conditions.not_on_or_after]
    ends += [each.not_on_or_after for each in claims.subject.confirmations]
    for end in ends:
        _require_end(end, claims.issued_at, expected.now)
    for start in starts:
        if start is not None and start - expected.now > CLOCK_SKEW:
            raise InvalidResponse(ResponseReason.NOT_YET_VALID)
    if expected.now - claims.issued_at > OLDEST_RESPONSE:
        raise InvalidResponse(ResponseReason.TOO_OLD)


def require_session(claims: Claims, _: Envelope, expected: Expectations) -> None:
    """The session must not be over, and the sign-in as recent as was asked for."""
    end = claims.statement.session_not_on_or_after
    if end is not None and end <= expected.now:
        raise InvalidResponse(ResponseReason.SESSION_EXPIRED)
    since = expected.authenticated_since
    if since is not None and since - claims.statement.authn_instant > CLOCK_SKEW:
        raise InvalidResponse(ResponseReason.AUTHENTICATION_TOO_OLD)


def require_name_id(claims: Claims, _: Envelope, expected: Expectations) -> None:
    if claims.subject.name_id_format not in NAME_ID_FORMATS:
        reason = ResponseReason.BAD_NAME_ID
        raise InvalidResponse(reason, claims.subject.name_id_format[:80])
    if claims.subject.sp_name_qualifier not in {None, expected.entity_id}:
        raise InvalidResponse(ResponseReason.BAD_NAME_ID, "SPNameQualifier")
    if not _is_identifier(claims.subject.name_id):
        raise InvalidResponse(ResponseReason.BAD_NAME_ID)


def require_attributes(claims: Claims, _: Envelope, __: Expectations) -> None:
    """No name twice: which of two values counts must not be a question of taste."""
    names = [name for name, _values in claims.attributes]
    if len(set(names)) != len(names) or "" in names:
        raise InvalidResponse(ResponseReason.DUPLICATE_ATTRIBUTE)
    for name in (OBJECT_ID, TENANT_ID):
        values = claims.values_of(name)
        if name in names and not (len(values) == 1 and _is_identifier(values[0])):
            raise InvalidResponse(ResponseReason.BAD_IDENTITY_CLAIM, name[-40:])


def require_tenant(claims: Claims, _: Envelope, expected: Expectations) -> None:
    """Entra says the tenant in each assertion, and nobody can configure it away."""
    if expected.tenant_id is None:
        return
    if [each.lower() for each in claims.values_of(TENANT_ID)] != [expected.tenant_id]:
        raise InvalidResponse(ResponseReason.WRONG_TENANT)


def _require_end(end: datetime | None, issued_at: datetime, now: datetime) -> None:
    if end is None:
        raise InvalidResponse(ResponseReason.INVALID_TIME, "NotOnOrAfter")
    if end <= now:
        raise InvalidResponse(ResponseReason.EXPIRED)
    if end - issued_at > LONGEST_LIFETIME:
        raise InvalidResponse(ResponseReason.LIFETIME_TOO_LONG)


def _is_identifier(text: str) -> bool:
    """Nothing invisible, nothing at the edges that a comparison might overlook."""
    return (
        0 < len(text) <= LONGEST_NAME_ID
        and text == text.strip()
        and not any(
            unicodedata.category(each)[0] in "CZ" for each in text if each != " "
        )
    )
