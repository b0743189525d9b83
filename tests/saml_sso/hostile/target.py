"""Whom hostile messages are aimed at, and what one of them is."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cryptography import x509

from saml_sso.messages.expectations import DecryptionKey
from saml_sso.messages.response_reasons import ResponseReason
from tests.entra_id.directory import User
from tests.entra_id.identity_provider import IdentityProvider
from tests.entra_id.saml_claims import claims_of
from tests.entra_id.saml_responses import SamlResponse
from tests.entra_id.xml_encryption import TokenEncryption


@dataclass(frozen=True)
class Target:
    """One organization as a service provider, and those who want in.

    `provider` is trusted, and `neighbour` trusted by another organization only;
    `pair` is ours, to which assertions are encrypted. `victim` can sign in.
    """

    entity_id: str
    acs_url: str
    logout_url: str
    request_id: str
    provider: IdentityProvider
    neighbour: IdentityProvider
    victim: User
    pair: DecryptionKey

    def answer(self, **changes: object) -> SamlResponse:
        """Return what the trusted provider answers when the victim has signed in."""
        issuer, tenant_id = self.provider.entity_id, self.provider.tenant_id
        answered = SamlResponse(
            provider=self.provider,
            destination=self.acs_url,
            audience=self.entity_id,
            in_response_to=self.request_id,
            name_id=self.victim.mail,
            claims=claims_of(self.victim, tenant_id=tenant_id, issuer=issuer),
        )
        return replace(answered, **changes)  # type: ignore[arg-type]  # passed through

    def encryption(self, **changes: object) -> TokenEncryption:
        certificate = x509.load_pem_x509_certificate(self.pair.certificate.encode())
        return TokenEncryption(certificate, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class HostileMessage:
    """What is posted, and the one reason for which it is refused.

    `changes`: of the expectations, where it is not refused otherwise.
    """

    name: str
    form_value: str
    reason: ResponseReason
    changes: Mapping[str, object] = field(default_factory=dict)


Family = Callable[[Target], Iterator[HostileMessage]]


def hostile(name: str, xml: str | bytes, reason: ResponseReason) -> HostileMessage:
    octets = xml if isinstance(xml, bytes) else xml.encode()
    return HostileMessage(name, base64.b64encode(octets).decode(), reason)


def edited(xml: str, *changes: tuple[str, str]) -> str:
    """Replace the first of each; what is not there is a mistake of the test."""
    for old, new in changes:
        assert old in xml, old
        xml = xml.replace(old, new, 1)
    return xml


def cut(xml: str, start: str, end: str) -> tuple[str, str]:
    """Take out what stands from `start` to the end of `end`; return both parts."""
    first = xml.index(start)
    last = xml.index(end, first) + len(end)
    return xml[:first] + xml[last:], xml[first:last]
