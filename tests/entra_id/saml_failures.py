"""Responses of Entra ID that say why nobody is signed in; they are not signed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from tests.entra_id.saml_responses import new_id

_STATUS = "urn:oasis:names:tc:SAML:2.0:status"


@dataclass(frozen=True)
class SamlFailure:
    """What went wrong: SAML's two codes, and Entra's message that begins with its own.

    The messages are worded here; Entra's are longer, and in the language of the browser.
    """

    message: str
    second_code: str = "RequestDenied"
    first_code: str = "Requester"


NOT_ASSIGNED = SamlFailure("AADSTS50105: The user is not assigned to the application.")
WRONG_REPLY_URL = SamlFailure("AADSTS50011: The reply URL is not registered.")
UNKNOWN_APPLICATION = SamlFailure("AADSTS700016: The identifier was not found.")
AUTHENTICATION_METHOD = SamlFailure(
    "AADSTS75011: The authentication method does not match.", "NoAuthnContext"
)
BAD_REQUEST = SamlFailure(
    "AADSTS75005: The request is not valid.", "RequestUnsupported"
)
NOT_SIGNED = SamlFailure("AADSTS76021: The request must be signed.")
SIGNATURE_REFUSED = SamlFailure("AADSTS76026: The signature could not be verified.")
NOT_PASSIVE = SamlFailure(
    "AADSTS50058: A silent sign-in needs a session.", "NoPassive", "Responder"
)


@dataclass(frozen=True, kw_only=True)
class FailedResponse:
    """One failure in answer to one request."""

    failure: SamlFailure
    issuer: str
    destination: str
    in_response_to: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __str__(self) -> str:
        instant = self.now.astimezone(UTC).isoformat(timespec="milliseconds")[:23]
        return (
            '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
            f' ID="{new_id()}" Version="2.0" IssueInstant="{instant}Z"'
            f" Destination={quoteattr(self.destination)}"
            f" InResponseTo={quoteattr(self.in_response_to)}>"
            '<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">'
            f"{escape(self.issuer)}</Issuer><samlp:Status>"
            f'<samlp:StatusCode Value="{_STATUS}:{self.failure.first_code}">'
            f'<samlp:StatusCode Value="{_STATUS}:{self.failure.second_code}"/>'
            "</samlp:StatusCode><samlp:StatusMessage>"
            f"{escape(self.failure.message)}\nTrace ID: 00000000\nTimestamp: {instant}Z"
            "</samlp:StatusMessage></samlp:Status></samlp:Response>"
        )
