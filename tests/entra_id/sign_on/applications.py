"""What an administrator of Entra ID sets for an enterprise application."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from cryptography import x509
from lxml import etree

from tests.entra_id.identity_provider import IdentityProvider
from tests.entra_id.saml_failures import SamlFailure
from tests.entra_id.saml_responses import EMAIL_ADDRESS, SigningOption
from tests.entra_id.xml_encryption import TokenEncryption

_NAMES = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}


@dataclass(frozen=True, kw_only=True)
class EnterpriseApplication:
    """The five cards of "Single sign-on", and what can go wrong.

    `reply_urls`: the first one is taken where a request names none.
    `signs_with`: another key than the tenant's own, as after a rollover.
    `failure`: what every sign-in ends with.
    """

    entity_id: str
    reply_urls: tuple[str, ...]
    sign_on_url: str = ""
    logout_url: str = ""
    name_id_source: Literal["user_principal_name", "mail"] = "user_principal_name"
    name_id_format: str = EMAIL_ADDRESS
    sends_groups: bool = False
    signing_option: SigningOption = "assertion"
    signs_with: IdentityProvider | None = None
    verification_certificates: tuple[x509.Certificate, ...] = ()
    requires_signed_requests: bool = False
    encryption: TokenEncryption | None = None
    clock_ahead: timedelta = timedelta()
    failure: SamlFailure | None = None


def application_from_metadata(xml: bytes) -> EnterpriseApplication:
    """Read a service provider's metadata, as "Upload metadata file" does.

    The certificates it holds verify its requests, once that is required.
    """
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False))

    def values(path: str) -> list[str]:
        return [str(each) for each in root.xpath(path, namespaces=_NAMES)]

    certificates = values(
        "//md:KeyDescriptor[not(@use) or @use='signing']//ds:X509Certificate/text()"
    )
    return EnterpriseApplication(
        entity_id=root.get("entityID"),
        reply_urls=tuple(values("//md:AssertionConsumerService/@Location")),
        logout_url=next(iter(values("//md:SingleLogoutService/@Location")), ""),
        verification_certificates=tuple(map(_certificate, certificates)),
    )


def _certificate(text: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(base64.b64decode(text))
