"""Requests for a sign-in, held against the application they say they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.entra_id.redirects import Received, UnreadableMessage, receive
from tests.entra_id.saml_failures import (
    BAD_REQUEST,
    NOT_SIGNED,
    SIGNATURE_REFUSED,
    UNKNOWN_APPLICATION,
    WRONG_REPLY_URL,
    SamlFailure,
)
from tests.entra_id.sign_on.applications import EnterpriseApplication

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"

Applications = Mapping[str, EnterpriseApplication]


class SignOnRefused(Exception):
    """Entra shows an error page: it does not know where to send anybody with it."""

    def __init__(self, failure: SamlFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True)
class SignInRequest:
    """A request that may be answered; an `id` of "" stands for none at all."""

    application: EnterpriseApplication
    id: str
    reply_url: str
    relay_state: str = ""
    force_authn: bool = False
    is_passive: bool = False
    name_id_format: str = ""
    login_hint: str = ""


def read_sign_in_request(query: str, applications: Applications) -> SignInRequest:
    """Read an AuthnRequest from the query of an address; raises SignOnRefused."""
    received = received_from(query)
    root = received.root
    application = application_of(received, applications)
    if root.tag != f"{SAMLP}AuthnRequest" or root.find(f"{SAML}Subject") is not None:
        raise SignOnRefused(BAD_REQUEST)
    reply_url = root.get("AssertionConsumerServiceURL", application.reply_urls[0])
    if reply_url not in application.reply_urls:
        raise SignOnRefused(WRONG_REPLY_URL)
    policy = root.find(f"{SAMLP}NameIDPolicy")
    return SignInRequest(
        application=application,
        id=root.get("ID"),
        reply_url=reply_url,
        relay_state=received.relay_state,
        force_authn=root.get("ForceAuthn") == "true",
        is_passive=root.get("IsPassive") == "true",
        name_id_format="" if policy is None else policy.get("Format", ""),
        login_hint=parse_qs(query).get("login_hint", [""])[0],
    )


def received_from(query: str) -> Received:
    try:
        return receive(query)
    except UnreadableMessage as unreadable:
        raise SignOnRefused(BAD_REQUEST) from unreadable


def application_of(
    received: Received, applications: Applications
) -> EnterpriseApplication:
    """Find the sender; a signature that is there, or must be, must hold."""
    issuer = received.root.findtext(f"{SAML}Issuer", "")
    if issuer not in applications:
        raise SignOnRefused(UNKNOWN_APPLICATION)
    application = applications[issuer]
    if not received.is_signed and application.requires_signed_requests:
        raise SignOnRefused(NOT_SIGNED)
    if received.is_signed and not _is_verified(received, application):
        raise SignOnRefused(SIGNATURE_REFUSED)
    return application


def _is_verified(received: Received, application: EnterpriseApplication) -> bool:
    keys = [each.public_key() for each in application.verification_certificates]
    return not keys or any(
        received.is_signed_by(key) for key in keys if isinstance(key, rsa.RSAPublicKey)
    )
