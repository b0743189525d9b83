"""Answers that come with no ticket of ours: say what they are, and let nobody in."""

from __future__ import annotations

from chatwork_admin.organizations.models import Organization
from saml_sso.messages.message_document import decode_document
from saml_sso.messages.response_reasons import InvalidResponse
from saml_sso.messages.structure import read_message
from saml_sso.messages.verification import (
    VerifiedResponse,
    require_valid_certificate,
    verify,
)
from saml_sso.models import AuthenticationRequest, IdentityProvider
from saml_sso.sign_in.login import expectations
from saml_sso.sign_in.login_reasons import LoginReason
from saml_sso.sign_in.tickets import new_ticket


def reason_of(
    organization: Organization, provider: IdentityProvider, response: str
) -> LoginReason:
    """Return UNSOLICITED only for what the identity provider signed, answering nobody.

    Everything else anybody may have sent. Raises InvalidResponse for what cannot be read.
    """
    message = read_message(decode_document(response))
    nobody = AuthenticationRequest(
        organization=organization, identity_provider=provider, request_id=new_ticket()
    )
    expected = expectations(nobody)
    try:
        verified = verify(message, expected)
        require_valid_certificate(verified, expected)
    except InvalidResponse:
        return LoginReason.REQUEST_UNKNOWN
    if _answers_something(verified):
        return LoginReason.REQUEST_UNKNOWN
    return LoginReason.UNSOLICITED


def _answers_something(verified: VerifiedResponse) -> bool:
    confirmations = verified.claims.subject.confirmations
    answered = {each.in_response_to for each in confirmations}
    return any(answered | {verified.envelope.in_response_to})
