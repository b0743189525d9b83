"""The SAML side of an enterprise application: its tenant, its key, its certificate."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

# Entra gives every application's certificate this subject, and three years
# ("Manage federation certificates").
_COMMON_NAME = "Microsoft Azure Federated SSO Certificate"
_LIFETIME = timedelta(days=3 * 365)
_FOR_SLOW_CLOCKS = timedelta(minutes=5)
_KEY_FILE = "identity-provider-key.pem"
_CERTIFICATE_FILE = "identity-provider-certificate.pem"
_TENANT_FILE = "tenant-id.txt"


@dataclass(frozen=True)
class IdentityProvider:
    """One application's identity provider within one tenant.

    `authority`: where people sign in. A stand-in that they reach has an address of its own.
    """

    tenant_id: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    authority: str = "https://login.microsoftonline.com"

    @property
    def entity_id(self) -> str:
        return f"https://sts.windows.net/{self.tenant_id}/"

    @property
    def login_url(self) -> str:
        return f"{self.authority}/{self.tenant_id}/saml2"

    @property
    def logout_url(self) -> str:
        return self.login_url

    @property
    def thumbprint(self) -> str:
        """The SHA-1 fingerprint, as the card "SAML Certificates" shows it."""
        return self.certificate.fingerprint(hashes.SHA1()).hex().upper()


def open_identity_provider(folder: Path) -> IdentityProvider:
    """Open the identity provider kept in the folder; the first call makes it."""
    if not (folder / _TENANT_FILE).is_file():
        _keep(new_identity_provider(str(uuid.uuid4())), folder)
    key = serialization.load_pem_private_key(
        (folder / _KEY_FILE).read_bytes(), password=None
    )
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{folder / _KEY_FILE} holds no RSA key.")
    return IdentityProvider(
        tenant_id=(folder / _TENANT_FILE).read_text(encoding="ascii").strip(),
        key=key,
        certificate=x509.load_pem_x509_certificate(
            (folder / _CERTIFICATE_FILE).read_bytes()
        ),
    )


def new_identity_provider(tenant_id: str) -> IdentityProvider:
    """Make a key of 2048 bits and its self-signed certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _COMMON_NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _FOR_SLOW_CLOCKS)
        .not_valid_after(now - _FOR_SLOW_CLOCKS + _LIFETIME)
        .sign(key, hashes.SHA256())
    )
    return IdentityProvider(tenant_id, key, certificate)


def _keep(provider: IdentityProvider, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pem = provider.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / _KEY_FILE).touch(mode=0o600)
    (folder / _KEY_FILE).write_bytes(pem)
    certificate = provider.certificate.public_bytes(serialization.Encoding.PEM)
    (folder / _CERTIFICATE_FILE).write_bytes(certificate)
    (folder / _TENANT_FILE).write_text(provider.tenant_id, encoding="ascii")
