"""Ask an identity provider to sign somebody in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from lxml import etree

from saml_sso.messages.instants import write_instant
from saml_sso.messages.redirect_binding import redirect_url
from saml_sso.messages.xml_names import HTTP_POST, SAML, SAMLP


@dataclass(frozen=True, slots=True)
class AuthenticationRequest:
    """`id` is what the response must name; `redirect_url` is where the browser goes."""

    id: str
    redirect_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """What is asked for. All addresses come from configuration, none from a request.

    `name_id_format`: overrides what Entra's page says; empty leaves it to that page.
    `force_authn`: the person must sign in anew. `is_passive`: must not be asked anything.
    `login_hint`: an e-mail address that Entra fills in; it refuses a Subject instead.
    """

    entity_id: str
    acs_url: str
    single_sign_on_url: str
    name_id_format: str = ""
    force_authn: bool = False
    is_passive: bool = False
    login_hint: str = ""


def authentication_request(
    sign_on: SignOn, *, relay_state: str, signing_key: str | None, now: datetime
) -> AuthenticationRequest:
    """Return an AuthnRequest (SAML Core §3.4) by the Redirect binding, with a new id.

    `relay_state` comes back beside the response: an opaque token, never an address.
    `signing_key` is PEM; None where the organization's provider wants no signature, as
    Entra with several instances of one application does. No authentication context is
    asked for: Entra would refuse whoever signed in by something better (AADSTS75011).
    """
    request_id = f"_{secrets.token_hex(20)}"
    address = sign_on.single_sign_on_url
    if sign_on.login_hint:
        hint = urlencode({"login_hint": sign_on.login_hint})
        address += f"{'&' if '?' in address else '?'}{hint}"
    url = redirect_url(
        address,
        "SAMLRequest",
        _document(request_id, sign_on, now),
        relay_state=relay_state,
        signing_key=signing_key,
    )
    return AuthenticationRequest(request_id, url)


def _document(request_id: str, sign_on: SignOn, now: datetime) -> bytes:
    request = etree.Element(
        f"{SAMLP}AuthnRequest",
        ID=request_id,
        Version="2.0",
        IssueInstant=write_instant(now),
        Destination=sign_on.single_sign_on_url,
        AssertionConsumerServiceURL=sign_on.acs_url,
        ProtocolBinding=HTTP_POST,
        nsmap={"samlp": SAMLP[1:-1], "saml": SAML[1:-1]},
    )
    if sign_on.force_authn:
        request.set("ForceAuthn", "true")
    if sign_on.is_passive:
        request.set("IsPassive", "true")
    etree.SubElement(request, f"{SAML}Issuer").text = sign_on.entity_id
    if sign_on.name_id_format:
        policy = etree.SubElement(request, f"{SAMLP}NameIDPolicy")
        policy.set("Format", sign_on.name_id_format)
    document: bytes = etree.tostring(request)
    return document
