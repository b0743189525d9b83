"""What an assertion says, read from the bytes that were signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from lxml.etree import _Element as Element

from saml_sso.messages.instants import read_instant
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.xml_names import SAML

# Entra's claims: the person's object id is immutable and never given to anybody else.
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
TENANT_ID = "http://schemas.microsoft.com/identity/claims/tenantid"

Signed = Literal["assertion", "response", "both"]


@dataclass(frozen=True, slots=True)
class SubjectConfirmation:
    """How the bearer proves to be whom the assertion is about (SAML Core §2.4.1.1)."""

    method: str
    recipient: str | None
    in_response_to: str | None
    not_before: datetime | None
    not_on_or_after: datetime | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about (SAML Core §2.4); `name_id_format` is empty where unsaid."""

    name_id: str
    name_id_format: str
    sp_name_qualifier: str | None
    confirmations: tuple[SubjectConfirmation, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    """When it is valid, and for whom (§2.5); audiences by restriction."""

    not_before: datetime | None
    not_on_or_after: datetime | None
    audience_restrictions: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class AuthnStatement:
    """How the identity provider's session began, and when it ends (§2.7.2)."""

    authn_instant: datetime
    session_index: str
    session_not_on_or_after: datetime | None


@dataclass(frozen=True, slots=True)
class Claims:
    """All that an assertion says; nothing of it is checked, every instant is aware."""

    id: str
    issuer: str
    issued_at: datetime
    subject: Subject
    conditions: Conditions
    statement: AuthnStatement
    attributes: tuple[tuple[str, tuple[str, ...]], ...]

    def values_of(self, attribute: str) -> tuple[str, ...]:
        return tuple(
            value
            for name, values in self.attributes
            for value in values
            if name == attribute
        )


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the identity provider vouches for, every check passed.

    `not_on_or_after`: until then a replay must be recognised by `id`. `session_index`
    and `name_id_format` are empty where the identity provider says nothing.
    `certificate_sha256`: of the certificate whose key had signed, as SigningCertificate
    writes it. `signed`: which of the two elements; all was read from a signed one.
    """

    id: str
    issuer: str
    name_id: str
    name_id_format: str
    session_index: str
    session_not_on_or_after: datetime | None
    authn_instant: datetime
    not_on_or_after: datetime
    attributes: Mapping[str, tuple[str, ...]]
    certificate_sha256: str
    signed: Signed
    was_encrypted: bool

    @property
    def object_id(self) -> str | None:
        """Entra's immutable id of the person, in lower case."""
        return _lower(self.attributes.get(OBJECT_ID, ()))

    @property
    def tenant_id(self) -> str | None:
        """Entra's id of the tenant, in lower case."""
        return _lower(self.attributes.get(TENANT_ID, ()))


def read_claims(assertion: Element) -> Claims:
    """Read an assertion of the allowed shape. Raises InvalidResponse for its times."""
    return Claims(
        id=assertion.get("ID"),
        issuer=_text(assertion.find(f"{SAML}Issuer")),
        issued_at=_required_instant(assertion, "IssueInstant"),
        subject=_subject(assertion.find(f"{SAML}Subject")),
        conditions=_conditions(assertion.find(f"{SAML}Conditions")),
        statement=_statement(assertion.find(f"{SAML}AuthnStatement")),
        attributes=tuple(
            (attribute.get("Name", ""), tuple(map(_text, attribute)))
            for attribute in assertion.iterfind(f"{SAML}AttributeStatement/*")
        ),
    )


def vouched_for(
    claims: Claims, *, certificate_sha256: str, signed: Signed, was_encrypted: bool
) -> Assertion:
    """Make an assertion of claims, once every check has passed."""
    subject, statement = claims.subject, claims.statement
    ends = [claims.conditions.not_on_or_after]
    ends += [each.not_on_or_after for each in subject.confirmations]
    return Assertion(
        id=claims.id,
        issuer=claims.issuer,
        name_id=subject.name_id,
        name_id_format=subject.name_id_format,
        session_index=statement.session_index,
        session_not_on_or_after=statement.session_not_on_or_after,
        authn_instant=statement.authn_instant,
        not_on_or_after=min(end for end in ends if end is not None),
        attributes=MappingProxyType(dict(claims.attributes)),
        certificate_sha256=certificate_sha256,
        signed=signed,
        was_encrypted=was_encrypted,
    )


def _subject(subject: Element) -> Subject:
    name_id = subject.find(f"{SAML}NameID")
    return Subject(
        name_id=_text(name_id),
        name_id_format=name_id.get("Format", ""),
        sp_name_qualifier=name_id.get("SPNameQualifier"),
        confirmations=tuple(
            map(_confirmation, subject.iterfind(f"{SAML}SubjectConfirmation"))
        ),
    )


def _confirmation(confirmation: Element) -> SubjectConfirmation:
    told = confirmation.find(f"{SAML}SubjectConfirmationData")
    said = {} if told is None else told.attrib
    return SubjectConfirmation(
        method=confirmation.get("Method", ""),
        recipient=said.get("Recipient"),
        in_response_to=said.get("InResponseTo"),
        not_before=_instant(told, "NotBefore"),
        not_on_or_after=_instant(told, "NotOnOrAfter"),
    )


def _conditions(conditions: Element) -> Conditions:
    return Conditions(
        not_before=_instant(conditions, "NotBefore"),
        not_on_or_after=_instant(conditions, "NotOnOrAfter"),
        audience_restrictions=tuple(
            tuple(map(_text, restriction))
            for restriction in conditions.iterfind(f"{SAML}AudienceRestriction")
        ),
    )


def _statement(statement: Element) -> AuthnStatement:
    return AuthnStatement(
        authn_instant=_required_instant(statement, "AuthnInstant"),
        session_index=statement.get("SessionIndex", ""),
        session_not_on_or_after=_instant(statement, "SessionNotOnOrAfter"),
    )


def _text(element: Element) -> str:
    return element.text or ""


def _required_instant(element: Element, name: str) -> datetime:
    instant = _instant(element, name)
    if instant is None:
        raise InvalidResponse(ResponseReason.INVALID_TIME, name)
    return instant


def _instant(element: Element | None, name: str) -> datetime | None:
    written = None if element is None else element.get(name)
    if written is None:
        return None
    try:
        return read_instant(written)
    except ValueError:
        raise InvalidResponse(ResponseReason.INVALID_TIME, name) from None


def _lower(values: tuple[str, ...]) -> str | None:
    return values[0].lower() if values else None
