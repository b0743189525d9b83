"""Say that a session has ended, and hear it (SAML Core §3.7), by the Redirect binding."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from lxml.etree import _Element as Element

from saml_sso.identity_providers.certificates import parse_certificate
from saml_sso.identity_providers.trusted_addresses import tenant_id_of
from saml_sso.messages.expectations import CLOCK_SKEW, OLDEST_RESPONSE
from saml_sso.messages.instants import read_instant, write_instant
from saml_sso.messages.logout_shapes import LOGOUT_REQUEST, LOGOUT_RESPONSE
from saml_sso.messages.redirect_binding import (
    Parameter,
    SignedQuery,
    read_signed_query,
    redirect_url,
)
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.structure import require_shape
from saml_sso.messages.xml_names import SAML, SAMLP, SUCCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutExpectations:
    """What a logout message must agree with; `now` is aware, certificates are PEM.

    `proposed`: those nobody has trusted yet: to say so, never to believe them.
    """

    logout_url: str
    idp_entity_id: str
    certificates: tuple[str, ...]
    proposed: tuple[str, ...] = ()
    now: datetime


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """The identity provider ends sessions of `name_id`.

    All of them if it names no `session_indexes`. `id` must not be obeyed twice until
    `replayable_until`. `relay_state` goes back with the answer, as it came.
    """

    id: str
    name_id: str
    name_id_format: str
    session_indexes: tuple[str, ...]
    relay_state: str
    replayable_until: datetime
    certificate_sha256: str


@dataclass(frozen=True, slots=True)
class LogoutResponse:
    """The answer to a logout request of ours; we have signed out whatever it says."""

    id: str
    is_success: bool
    relay_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends a logout message, and where to; `signing_key` is PEM."""

    entity_id: str
    single_logout_url: str
    signing_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSession:
    """What the identity provider once said of a session that we end now."""

    name_id: str
    name_id_format: str = ""
    session_index: str = ""


def read_logout_request(query: str, expected: LogoutExpectations) -> LogoutRequest:
    """Read the raw query string of a request. Raises InvalidResponse."""
    read = _read(query, "SAMLRequest", expected)
    request = read.document.root
    end = request.get("NotOnOrAfter")
    if end is not None and _instant(end) <= expected.now:
        raise InvalidResponse(ResponseReason.EXPIRED)
    name_id = request.find(f"{SAML}NameID")
    return LogoutRequest(
        id=request.get("ID"),
        name_id=name_id.text or "",
        name_id_format=name_id.get("Format", ""),
        session_indexes=tuple(
            each.text or "" for each in request.iterfind(f"{SAMLP}SessionIndex")
        ),
        relay_state=read.relay_state,
        replayable_until=_instant(request.get("IssueInstant")) + OLDEST_RESPONSE,
        certificate_sha256=read.certificate.sha256,
    )


def read_logout_response(
    query: str, expected: LogoutExpectations, *, request_id: str
) -> LogoutResponse:
    """Read the raw query string of the answer to `request_id`. Raises InvalidResponse."""
    read = _read(query, "SAMLResponse", expected)
    response = read.document.root
    if not request_id or response.get("InResponseTo") != request_id:
        raise InvalidResponse(ResponseReason.WRONG_IN_RESPONSE_TO)
    code = response.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    is_success = code.get("Value") == SUCCESS
    return LogoutResponse(response.get("ID"), is_success, read.relay_state)


def logout_request(
    ended: EndedSession, sender: Sender, *, relay_state: str, now: datetime
) -> tuple[str, str]:
    """Return the id of a new signed LogoutRequest, and where the browser goes with it."""
    request = _message("LogoutRequest", sender, now)
    name_id = etree.SubElement(request, f"{SAML}NameID")
    name_id.text = ended.name_id
    if ended.name_id_format:
        name_id.set("Format", ended.name_id_format)
    if ended.session_index:
        index = etree.SubElement(request, f"{SAMLP}SessionIndex")
        index.text = ended.session_index
    return request.get("ID"), _sent("SAMLRequest", request, sender, relay_state)


def logout_response(request: LogoutRequest, sender: Sender, *, now: datetime) -> str:
    """Return where the browser goes with the signed answer that all is done."""
    response = _message("LogoutResponse", sender, now)
    response.set("InResponseTo", request.id)
    status = etree.SubElement(response, f"{SAMLP}Status")
    etree.SubElement(status, f"{SAMLP}StatusCode").set("Value", SUCCESS)
    return _sent("SAMLResponse", response, sender, request.relay_state)


def issuers_of_logout(entity_id: str) -> frozenset[str]:
    """Return the names under which an identity provider may send logout messages.

    Entra answers as login.microsoftonline.com what it issues as sts.windows.net.
    """
    tenant_id = tenant_id_of(entity_id)
    if tenant_id is None:
        return frozenset({entity_id})
    hosts = ("sts.windows.net", "login.microsoftonline.com")
    return frozenset({entity_id, *(f"https://{host}/{tenant_id}/" for host in hosts)})


def _read(
    query: str, parameter: Parameter, expected: LogoutExpectations
) -> SignedQuery:
    read = _signed(query, parameter, expected)
    tag, shape = _SHAPES[parameter]
    require_shape(read.document, tag, shape)
    root = read.document.root
    issuer = root.findtext(f"{SAML}Issuer")
    if issuer not in issuers_of_logout(expected.idp_entity_id):
        raise InvalidResponse(ResponseReason.WRONG_ISSUER)
    if root.get("Destination") != expected.logout_url:
        raise InvalidResponse(ResponseReason.WRONG_DESTINATION)
    age = expected.now - _instant(root.get("IssueInstant", ""))
    if age > OLDEST_RESPONSE:
        raise InvalidResponse(ResponseReason.TOO_OLD)
    if -age > CLOCK_SKEW:
        raise InvalidResponse(ResponseReason.NOT_YET_VALID)
    return read


def _signed(
    query: str, parameter: Parameter, expected: LogoutExpectations
) -> SignedQuery:
    trusted = tuple(map(parse_certificate, expected.certificates))
    try:
        return read_signed_query(query, parameter, trusted, expected.now)
    except InvalidResponse as refused:
        if refused.reason != ResponseReason.SIGNATURE_INVALID:
            raise
        proposed = tuple(map(parse_certificate, expected.proposed))
        with suppress(InvalidResponse):
            found = read_signed_query(query, parameter, proposed, expected.now)
            reason = ResponseReason.CERTIFICATE_PROPOSED
            refused = InvalidResponse(reason, found.certificate.sha1)
        raise refused from None


def _instant(text: str) -> datetime:
    try:
        return read_instant(text)
    except ValueError:
        raise InvalidResponse(ResponseReason.INVALID_TIME) from None


def _message(name: str, sender: Sender, now: datetime) -> Element:
    message = etree.Element(
        f"{SAMLP}{name}",
        ID=f"_{secrets.token_hex(20)}",
        Version="2.0",
        IssueInstant=write_instant(now),
        Destination=sender.single_logout_url,
        nsmap={"samlp": SAMLP[1:-1], "saml": SAML[1:-1]},
    )
    etree.SubElement(message, f"{SAML}Issuer").text = sender.entity_id
    return message


def _sent(
    parameter: Parameter, message: Element, sender: Sender, relay_state: str
) -> str:
    return redirect_url(
        sender.single_logout_url,
        parameter,
        etree.tostring(message),
        relay_state=relay_state,
        signing_key=sender.signing_key,
    )


_SHAPES = {
    "SAMLRequest": (f"{SAMLP}LogoutRequest", LOGOUT_REQUEST),
    "SAMLResponse": (f"{SAMLP}LogoutResponse", LOGOUT_RESPONSE),
}
