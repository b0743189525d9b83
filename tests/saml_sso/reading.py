"""Read built metadata, and the error it earns, in one word each."""

from __future__ import annotations

import pytest

from saml_sso.identity_providers.certificates import (
    SigningCertificate,
    parse_certificate,
)
from saml_sso.identity_providers.metadata import IdentityProviderMetadata, read_metadata
from saml_sso.identity_providers.metadata_reasons import InvalidMetadata
from tests.saml_sso.builders import NOW, document


def read(content: object) -> IdentityProviderMetadata:
    return read_metadata(document(content), now=NOW)


def refusal(content: object) -> InvalidMetadata:
    return refusal_of(document(content))


def refusal_of(xml: bytes) -> InvalidMetadata:
    with pytest.raises(InvalidMetadata) as raised:
        read_metadata(xml, now=NOW)
    return raised.value


def certificates_of(*bare: str) -> tuple[SigningCertificate, ...]:
    return tuple(map(parse_certificate, bare))
