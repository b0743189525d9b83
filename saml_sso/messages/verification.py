"""Verify whose response it is, and take the claims from what was signed."""

from __future__ import annotations

from dataclasses import dataclass

from lxml.etree import _Element as Element

from saml_sso.identity_providers.certificates import (
    InvalidCertificate,
    SigningCertificate,
    parse_certificate,
)
from saml_sso.messages.assertions import Claims, Signed, read_claims
from saml_sso.messages.claim_checks import Envelope, read_envelope
from saml_sso.messages.decryption import decrypted
from saml_sso.messages.expectations import Expectations
from saml_sso.messages.message_document import Document
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.signatures import (
    SignedContent,
    require_allowed_signature,
    verify_assertion,
    verify_response,
)
from saml_sso.messages.structure import Message, signature_of
from saml_sso.messages.xml_names import DS, SAML, local_name

Certificates = tuple[SigningCertificate, ...]


@dataclass(frozen=True, slots=True)
class VerifiedResponse:
    """A response whose signature holds. `document` has the assertion in the open."""

    document: Document
    envelope: Envelope
    claims: Claims
    certificate: SigningCertificate
    signed: Signed
    was_encrypted: bool


def verify(message: Message, expected: Expectations) -> VerifiedResponse:
    """Verify every signature there is with a trusted certificate, and one at least.

    The claims come from the signed assertion or, if only the response is signed, from
    the assertion in it. Raises InvalidResponse; where nothing is wrong but that the
    certificate is not trusted, it says so, with its thumbprint.
    """
    try:
        return _verify(message, expected, _parsed(expected.certificates))
    except InvalidResponse as refused:
        _refuse_untrusted(message, expected, refused.reason)
        raise


def _refuse_untrusted(
    message: Message, expected: Expectations, reason: ResponseReason
) -> None:
    """Say it where another certificate has signed. What it verifies is thrown away.

    One that came along with the message proves nothing but that nobody has changed it.
    """
    known = {
        ResponseReason.CERTIFICATE_PROPOSED: expected.proposed,
        ResponseReason.CERTIFICATE_RETIRED: expected.retired,
    }
    if reason == ResponseReason.SIGNATURE_INVALID:
        known[ResponseReason.CERTIFICATE_UNKNOWN] = _brought_along(message)
    for why, certificates in known.items():
        if thumbprint := _signer(message, expected, _parsed(certificates)):
            raise InvalidResponse(why, thumbprint)


def _signer(
    message: Message, expected: Expectations, certificates: Certificates
) -> str:
    try:
        return _verify(message, expected, certificates).certificate.sha1
    except InvalidResponse:
        return ""


def _brought_along(message: Message) -> tuple[str, ...]:
    """Return the certificate in the message's own KeyInfo, if it can be read."""
    found = message.response.find(f".//{DS}X509Certificate")
    if found is None:
        return ()
    try:
        return (parse_certificate(found.text or "").pem,)
    except InvalidCertificate:
        return ()


def _verify(
    message: Message, expected: Expectations, trusted: Certificates
) -> VerifiedResponse:
    response = _verified_response(message, trusted)
    if response is None and expected.require_signed_response:
        reason = ResponseReason.SIGNATURE_MISSING
        raise InvalidResponse(reason, local_name(message.response))
    # Whoever signs twice has one key for both.
    usable = (response.certificate,) if response else trusted
    opened, assertion = _verified_assertion(message, expected, usable)
    content = assertion or response
    if content is None:
        raise InvalidResponse(ResponseReason.SIGNATURE_MISSING, "Assertion")
    return VerifiedResponse(
        document=opened.document,
        envelope=read_envelope(response.element if response else message.response),
        claims=read_claims(_assertion_in(content.element)),
        certificate=content.certificate,
        signed="both" if assertion and response else _only_one(assertion),
        was_encrypted=message.encrypted_assertion is not None,
    )


def require_valid_certificate(
    verified: VerifiedResponse, expected: Expectations
) -> None:
    """Refuse what was signed with a certificate that is not valid now.

    Entra asks applications to look, and itself goes over to a valid one.
    """
    if verified.certificate.has_expired_at(expected.now):
        raise InvalidResponse(ResponseReason.CERTIFICATE_EXPIRED)
    if not verified.certificate.is_valid_at(expected.now):
        raise InvalidResponse(ResponseReason.CERTIFICATE_NOT_YET_VALID)


def _parsed(pems: tuple[str, ...]) -> Certificates:
    return tuple(map(parse_certificate, pems))


def _verified_response(message: Message, trusted: Certificates) -> SignedContent | None:
    if signature_of(message.response) is None:
        return None
    require_allowed_signature(message.response)
    return verify_response(message.document, trusted)


def _verified_assertion(
    message: Message, expected: Expectations, trusted: Certificates
) -> tuple[Message, SignedContent | None]:
    if message.encrypted_assertion is not None:
        return _verified_encrypted(
            message.document, message.encrypted_assertion, expected, trusted
        )
    if message.assertion is None:
        raise InvalidResponse(ResponseReason.MISSING_ELEMENT, "Assertion")
    if signature_of(message.assertion) is None:
        return message, None
    require_allowed_signature(message.assertion)
    return message, verify_assertion(message.document, trusted)


def _verified_encrypted(
    document: Document,
    encrypted: Element,
    expected: Expectations,
    trusted: Certificates,
) -> tuple[Message, SignedContent]:
    """Decrypt and verify, or fail in one way only: see `decrypted`.

    Anybody can encrypt to us, so the assertion must be signed also where the response is.
    """
    opened = decrypted(document, encrypted, expected.decryption_keys)
    try:
        require_allowed_signature(opened.assertion)
        return opened, verify_assertion(opened.document, trusted)
    except InvalidResponse:
        raise InvalidResponse(ResponseReason.DECRYPTION_FAILED) from None


def _assertion_in(element: Element) -> Element:
    is_assertion = element.tag == f"{SAML}Assertion"
    return element if is_assertion else element.find(f"{SAML}Assertion")


def _only_one(assertion: SignedContent | None) -> Signed:
    return "assertion" if assertion else "response"
