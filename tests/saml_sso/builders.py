"""Certificates and metadata to test with, made new and shaped like Entra's."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, field
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
A_DAY = dt.timedelta(days=1)
A_YEAR = dt.timedelta(days=365)

TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
ENTITY_ID = f"https://sts.windows.net/{TENANT}/"
LOGIN_URL = f"https://login.microsoftonline.com/{TENANT}/saml2"
SUBJECT = "Microsoft Azure Federated SSO Certificate"

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SAML_2 = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML_1 = "urn:oasis:names:tc:SAML:1.1:protocol"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"

PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | dsa.DSAPrivateKey
    | ed25519.Ed25519PrivateKey
)


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(curve: type[ec.EllipticCurve] = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


def certificate(
    *,
    key: PrivateKey | None = None,
    subject: str = SUBJECT,
    not_before: dt.datetime = NOW - A_DAY,
    not_after: dt.datetime = NOW + 3 * A_YEAR,
) -> x509.Certificate:
    """Return a new self-signed certificate, as Entra makes one per application."""
    key = key or rsa_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    is_edwards = isinstance(key, ed25519.Ed25519PrivateKey)
    return builder.sign(key, None if is_edwards else hashes.SHA256())


def pem_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def bare_of(certificate: x509.Certificate) -> str:
    """Return base64 without headers on one line, as metadata holds it."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def pem(**changes: object) -> str:
    return pem_of(certificate(**changes))  # type: ignore[arg-type]  # passed through


def bare(**changes: object) -> str:
    return bare_of(certificate(**changes))  # type: ignore[arg-type]  # passed through


def private_key_der(password: bytes | None = None) -> bytes:
    encryption: KeySerializationEncryption = NoEncryption()
    if password:
        encryption = BestAvailableEncryption(password)
    return rsa_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption)


def private_key_pem(form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return rsa_key().private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def key_descriptor(certificate: str, use: str | None = "signing") -> str:
    """Return a KeyDescriptor; `certificate` may be any XML."""
    purpose = f' use="{use}"' if use is not None else ""
    return (
        f'<KeyDescriptor{purpose}><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">'
        f"<X509Data><X509Certificate>{certificate}</X509Certificate></X509Data>"
        "</KeyInfo></KeyDescriptor>"
    )


def endpoint(service: str, location: str, binding: str = REDIRECT) -> str:
    return f'<{service} Binding="{binding}" Location="{location}" />'


# Entra describes WS-Federation too, with the same keys, outside IDPSSODescriptor.
ROLE_DESCRIPTOR = """<RoleDescriptor
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706"
  xsi:type="fed:SecurityTokenServiceType"
  protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706">
{key}<fed:ClaimTypesOffered/></RoleDescriptor>"""

SERVICE_PROVIDER_ROLE = (
    f'<SPSSODescriptor protocolSupportEnumeration="{SAML_2}">'
    f'<AssertionConsumerService Binding="{POST}" index="0"'
    ' Location="https://sp.example.com/acs"/></SPSSODescriptor>'
)


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One EntityDescriptor; every part may be replaced by any XML or left out."""

    entity_id: str = ENTITY_ID
    keys: str = field(default_factory=lambda: key_descriptor(bare()))
    sign_on: str = endpoint("SingleSignOnService", LOGIN_URL)
    logout: str = endpoint("SingleLogoutService", LOGIN_URL)
    formats: str = ""
    protocol: str = SAML_2
    role_attributes: str = ""
    attributes: str = ""
    before_role: str = ""

    def __str__(self) -> str:
        return (
            '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"'
            f' ID="_1" entityID="{self.entity_id}" {self.attributes}>'
            f"{self.before_role}"
            f'<IDPSSODescriptor protocolSupportEnumeration="{self.protocol}"'
            f" {self.role_attributes}>{self.keys}{self.logout}{self.formats}"
            f"{self.sign_on}</IDPSSODescriptor></EntityDescriptor>"
        )


def service_provider_entity() -> str:
    return (
        '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"'
        f' entityID="https://sp.example.com">{SERVICE_PROVIDER_ROLE}</EntityDescriptor>'
    )


def entities(*members: object, attributes: str = "") -> str:
    return (
        '<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"'
        f" {attributes}>{''.join(map(str, members))}</EntitiesDescriptor>"
    )


def document(content: object) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>{content}'.encode()


def entra_metadata() -> bytes:
    """Return what Entra serves for one application during a rollover."""
    first, second = bare(), bare()
    described = ROLE_DESCRIPTOR.format(key=key_descriptor(bare()))
    signing = key_descriptor(first) + key_descriptor(second)
    posting = endpoint("SingleSignOnService", LOGIN_URL, POST)
    entity = Entity(
        before_role=described * 2,
        keys=signing,
        sign_on=endpoint("SingleSignOnService", LOGIN_URL) + posting,
    )
    return b"\xef\xbb\xbf" + document(entity)
