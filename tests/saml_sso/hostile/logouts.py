"""Logout requests that would sign somebody out who did not ask for it, or fill memory."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from saml_sso.messages.redirect_binding import LARGEST_MESSAGE, LONGEST_QUERY
from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.identity_provider import new_identity_provider
from tests.entra_id.redirects import deflated, sign_query, signed_query, unsigned_query
from tests.entra_id.saml_logouts import LogoutRequest
from tests.saml_sso import builders
from tests.saml_sso.hostile.target import Target, edited

REQUEST = "SAMLRequest"
WEAK = (
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    "",
)


@dataclass(frozen=True)
class HostileQuery:
    """What follows the question mark, and the one reason for which it is refused."""

    name: str
    query: str
    reason: Reason
    changes: Mapping[str, object] = field(default_factory=dict)


def hostile_logouts(target: Target) -> tuple[HostileQuery, ...]:
    """Return requests to sign the victim out; `target.logout_url` must refuse all."""
    families: tuple[Callable[[Target], Iterator[HostileQuery]], ...] = (
        _queries,
        _signatures,
        _certificates,
        _contents,
        _attributes,
        _documents,
        _compressions,
        _sizes,
    )
    return tuple(each for family in families for each in family(target))


def request_of(target: Target, **changes: object) -> LogoutRequest:
    wanted: dict[str, object] = {
        "provider": target.provider,
        "destination": target.logout_url,
        "name_id": target.victim.mail,
    }
    return LogoutRequest(**(wanted | changes))  # type: ignore[arg-type]  # passed through


def _queries(target: Target) -> Iterator[HostileQuery]:
    key = target.provider.key
    good = signed_query(REQUEST, str(request_of(target)), key, relay_state="r")
    message = good.partition("&")[0]
    queries = {
        "nothing": "",
        "no message": good.partition("&")[2],
        "two messages": f"{good}&{message}",
        "two signatures": f"{good}&Signature=AAAA",
        "two RelayStates": f"{good}&RelayState=x",
        "a request and a response": f"{good}&{message.replace(REQUEST, 'SAMLResponse')}",
        "a response in its place": good.replace(REQUEST, "SAMLResponse"),
        "an encoded name": f"{good}&%53AMLRequest=x",
        "something else": f"{good}&x=1",
        "letters of another alphabet": f"{good}&RelayState=あ",
    }
    for name, query in queries.items():
        yield HostileQuery(name, query, Reason.WRONG_QUERY)


def _signatures(target: Target) -> Iterator[HostileQuery]:
    key, xml = target.provider.key, str(request_of(target))
    good = signed_query(REQUEST, xml, key, relay_state="r")
    octets, _, signature = good.partition("&Signature=")
    unsigned = octets.partition("&SigAlg")[0]
    yield HostileQuery("unsigned", unsigned, Reason.SIGNATURE_MISSING)
    yield HostileQuery("stripped", octets, Reason.SIGNATURE_MISSING)
    other = str(request_of(target, name_id="ceo@acme.example"))
    others = {
        "of another message": f"{unsigned_query(REQUEST, deflated(other), 'r')}&Signature={signature}",
        "another RelayState": good.replace("RelayState=r", "RelayState=s"),
        "RelayState left out": good.replace("&RelayState=r", ""),
        "encoded anew": good.replace("RelayState=r", "RelayState=%72"),
        "too short": f"{octets}&Signature=AAAA",
        "empty": f"{octets}&Signature=",
    }
    for name, query in others.items():
        yield HostileQuery(f"signature: {name}", query, Reason.SIGNATURE_INVALID)
    garbage = f"{octets}&Signature=%25"
    yield HostileQuery("signature: no base64", garbage, Reason.NOT_BASE64)
    for algorithm in WEAK:
        weak = sign_query(unsigned_query(REQUEST, deflated(xml), "r", algorithm), key)
        name = f"algorithm {algorithm or 'none'}"
        yield HostileQuery(name, weak, Reason.ALGORITHM_NOT_ALLOWED)


def _certificates(target: Target) -> Iterator[HostileQuery]:
    xml, now, day = str(request_of(target)), datetime.now(UTC), timedelta(days=1)
    attacker = new_identity_provider(target.provider.tenant_id)
    for name, provider in {"attacker": attacker, "neighbour": target.neighbour}.items():
        query = signed_query(REQUEST, xml, provider.key)
        yield HostileQuery(f"key of {name}", query, Reason.SIGNATURE_INVALID)
    genuine = signed_query(REQUEST, xml, target.provider.key)
    periods = {
        Reason.CERTIFICATE_EXPIRED: (now - 2 * day, now - day),
        Reason.CERTIFICATE_NOT_YET_VALID: (now + day, now + 2 * day),
    }
    for reason, (start, end) in periods.items():
        pem = builders.pem(key=target.provider.key, not_before=start, not_after=end)
        changes = {"certificates": (pem,)}
        yield HostileQuery(reason.value, genuine, reason, changes)


def _contents(target: Target) -> Iterator[HostileQuery]:
    neighbour, now = target.neighbour, datetime.now(UTC)
    host = f"https://login.microsoftonline.com/{neighbour.tenant_id}/"
    old, ahead = now - timedelta(minutes=16), now + timedelta(minutes=4)
    requests: dict[str, tuple[str, object, Reason]] = {
        "another's issuer": ("issuer", neighbour.entity_id, Reason.WRONG_ISSUER),
        "another tenant's host": ("issuer", host, Reason.WRONG_ISSUER),
        "a longer destination": (
            "destination",
            f"{target.logout_url}-evil",
            Reason.WRONG_DESTINATION,
        ),
        "our own acs": ("destination", target.acs_url, Reason.WRONG_DESTINATION),
        "old": ("now", old, Reason.TOO_OLD),
        "ahead": ("now", ahead, Reason.NOT_YET_VALID),
    }
    for name, (changed, value, reason) in requests.items():
        yield _signed(target, name, str(request_of(target, **{changed: value})), reason)


def _attributes(target: Target) -> Iterator[HostileQuery]:
    xml = str(request_of(target))
    over = ' NotOnOrAfter="2026-01-01T00:00:00Z" Destination'
    ended = edited(xml, (" Destination", over))
    yield _signed(target, "over", ended, Reason.EXPIRED)
    nowhere = edited(xml, (f' Destination="{target.logout_url}"', ""))
    yield _signed(target, "no destination", nowhere, Reason.WRONG_DESTINATION)
    instant = xml[xml.index(" IssueInstant") : xml.index(" Destination")]
    never = edited(xml, (instant, ""))
    yield _signed(target, "no time", never, Reason.INVALID_TIME)


def _documents(target: Target) -> Iterator[HostileQuery]:
    xml, end = str(request_of(target)), "</NameID>"
    named = edited(xml, ("<NameID ", "<NameID>x</NameID><NameID "))
    extended = edited(xml, ("</samlp:", "<samlp:Extensions/></samlp:"))
    response = '<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>'
    documents = {
        "a document type": (f"<!DOCTYPE x>{xml}", Reason.DOCUMENT_TYPE),
        "a comment": (edited(xml, (end, f"<!-- -->x{end}")), Reason.COMMENTS),
        "an element in the NameID": (
            edited(xml, (end, f"<x/>{end}")),
            Reason.CHILD_ELEMENTS_IN_TEXT,
        ),
        "a NameID of nobody": (named, Reason.UNEXPECTED_ELEMENT),
        "extensions": (extended, Reason.UNEXPECTED_ELEMENT),
        "another message": (response, Reason.NOT_A_RESPONSE),
        "no XML": ("x", Reason.NOT_XML),
    }
    for name, (document, reason) in documents.items():
        yield _signed(target, name, document, reason)


def _compressions(target: Target) -> Iterator[HostileQuery]:
    xml = str(request_of(target))
    contents = {
        "not deflated": xml.encode(),
        "more than deflated": deflated(xml) + b"x",
        "less than deflated": deflated(xml)[:-4],
        "with a header of zlib": zlib.compress(xml.encode()),
    }
    for name, content in contents.items():
        query = sign_query(unsigned_query(REQUEST, content), target.provider.key)
        yield HostileQuery(name, query, Reason.NOT_DEFLATED)


def _sizes(target: Target) -> Iterator[HostileQuery]:
    bomb = deflated(" " * 20_000_000)
    signed = sign_query(unsigned_query(REQUEST, bomb[:20_000]), target.provider.key)
    yield HostileQuery("a bomb, signed", signed, Reason.TOO_LARGE)
    unsigned = f"{REQUEST}={quote(base64.b64encode(bomb[:20_000]))}"
    yield HostileQuery("a bomb, unsigned", unsigned, Reason.SIGNATURE_MISSING)
    large = str(request_of(target, session_indexes=["x" * LARGEST_MESSAGE]))
    yield _signed(target, "just too large", large, Reason.TOO_LARGE)
    long = f"{REQUEST}={'A' * LONGEST_QUERY}"
    yield HostileQuery("a long query", long, Reason.TOO_LARGE)


def _signed(target: Target, name: str, xml: str, reason: Reason) -> HostileQuery:
    query = signed_query(REQUEST, xml, target.provider.key)
    return HostileQuery(name, query, reason)
