"""The certificates that metadata names for signatures (SAML Metadata §2.4.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lxml.etree import _Element as Element

from saml_sso.identity_providers.certificates import (
    MOST_CERTIFICATES,
    CertificateReason,
    InvalidCertificate,
    SigningCertificate,
    parse_certificate,
)
from saml_sso.identity_providers.metadata_elements import DS, MD, text_of
from saml_sso.identity_providers.metadata_reasons import InvalidMetadata, MetadataReason


def signing_certificates(
    role: Element, now: datetime
) -> tuple[tuple[SigningCertificate, ...], tuple[SigningCertificate, ...]]:
    """Return those that have expired at `now`, and one to four that have not.

    Raises InvalidMetadata.
    """
    found = {
        certificate.sha256: certificate
        for certificate in map(_read_certificate, _signing_certificate_texts(role))
    }
    if not found:
        raise InvalidMetadata(MetadataReason.NO_SIGNING_CERTIFICATE)
    expired = tuple(each for each in found.values() if each.has_expired_at(now))
    current = tuple(each for each in found.values() if not each.has_expired_at(now))
    if not current:
        raise _invalid_certificate(CertificateReason.EXPIRED, expired[-1])
    if len(current) > MOST_CERTIFICATES:
        raise _invalid_certificate(CertificateReason.TOO_MANY)
    return expired, current


def _signing_certificate_texts(role: Element) -> Iterator[str]:
    for key in role.iterchildren(f"{MD}KeyDescriptor"):
        # SAML Metadata §2.4.1.1: a key without use is for both purposes.
        if key.get("use") not in {None, "signing"}:
            continue
        certificates = key.findall(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
        if len(certificates) > 1:  # a chain would make its authority a signer as well
            raise InvalidMetadata(MetadataReason.AMBIGUOUS_CONTENT)
        yield from map(text_of, certificates)


def _read_certificate(text: str) -> SigningCertificate:
    try:
        return parse_certificate(text)
    except InvalidCertificate as invalid:
        raise _invalid_certificate(invalid.reason, invalid.certificate) from None


def _invalid_certificate(
    detail: CertificateReason, certificate: SigningCertificate | None = None
) -> InvalidMetadata:
    return InvalidMetadata(MetadataReason.INVALID_CERTIFICATE, detail, certificate)
