"""An organization to try the product with, ready for a provisioning client."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.validators import validate_slug
from django.db import transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, ActorKind, record
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.founding import Founding, found
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.consent import Acceptance
from chatwork_admin.synchronization.models import UserSynchronization
from chatwork_admin.synchronization.notices import KEYS
from saml_sso import addresses
from saml_sso.identity_providers import configuration, history, modes, trust
from saml_sso.models import IdentityProvider, identity_provider_of

LICENCES = 1_000
DEMONSTRATION = Actor(ActorKind.SYSTEM, "demo_organization", "Demonstration")
VALID_FOR = timedelta(days=3 * 365)  # as Entra's certificates


class NotInProduction(Exception):
    """A demonstration prints passwords and tokens: never on a production machine."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to demonstrate; `name` and `plan` count when the organization is new."""

    slug: str
    name: str
    plan: Organization.Plan
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Where to point a client, and with what; the names are those of the JSON."""

    scim_base: str
    scim_token: str | None
    saml_login: str
    saml_acs: str
    saml_metadata: str
    administrator_email: str
    administrator_password: str
    portal: str


@transaction.atomic
def prepare(wish: Wish) -> Demonstration:
    """Make the organization what is wished, where it is not; issue a new token.

    The administrator gets a new password each time. Raises NotInProduction,
    ValidationError for a slug that is none, gate.NotReady and gate.WrongState.
    """
    if settings.ENVIRONMENT == "production":
        raise NotInProduction(NotInProduction.__doc__)
    validate_slug(wish.slug)
    password = secrets.token_urlsafe(18)
    organization = _organization(wish, password)
    administrator = _with_password(organization, password)
    token = _token(organization, administrator) if wish.is_enabled else None
    return Demonstration(
        scim_base=f"{settings.BASE_URL}/scim/v2",
        scim_token=token,
        saml_login=addresses.login_url(organization),
        saml_acs=addresses.acs_url(organization),
        saml_metadata=addresses.metadata_url(organization),
        administrator_email=administrator.user_name,
        administrator_password=password,
        portal=f"{settings.BASE_URL}/manage/",
    )


def _organization(wish: Wish, password: str) -> Organization:
    stored = Organization.objects.filter(slug=wish.slug).first()
    if stored is not None:
        return stored
    founding = Founding(
        name=wish.name,
        slug=wish.slug,
        plan=wish.plan,
        licences=LICENCES,
        administrator_email=f"administrator@{wish.slug}.example.jp",
        administrator_name="Administrator",
        administrator_password=password,
    )
    return found(founding, actor=DEMONSTRATION)


def _with_password(organization: Organization, password: str) -> User:
    people = organization.users.select_for_update()
    administrator = people.get(role=User.Role.ADMINISTRATOR)
    administrator.set_password(password)
    administrator.save(update_fields=["password"])
    return administrator


def _token(organization: Organization, administrator: User) -> str:
    _enable(organization, administrator)
    _, token = tokens.issue(
        organization, name="demo", expires_at=None, actor=DEMONSTRATION
    )
    return token


def _enable(organization: Organization, administrator: User) -> None:
    if gate.synchronization_of(organization).state != UserSynchronization.State.OFF:
        return
    provider = identity_provider_of(organization) or configuration.configure(
        organization,
        _identity_provider(organization.slug),
        actor=DEMONSTRATION,
        seen_version=None,
    )
    if not provider.is_on:
        _switch_on(provider, administrator)
    gate.enable(
        organization,
        administrator=administrator,
        acceptance=Acceptance(KEYS, "en", waives_emergency_access=True),
        actor=DEMONSTRATION,
    )


def _switch_on(provider: IdentityProvider, administrator: User) -> None:
    """Take the test for passed: nobody has the key that could answer one."""
    history.note_test(provider, administrator)
    record(
        Action.SAML_TESTED,
        organization_id=provider.organization_id,
        actor=DEMONSTRATION,
        target=configuration.target_of(provider),
        context={"result": "assumed", "version": provider.config_version},
    )
    modes.switch(
        provider.organization,
        modes.Mode.OPTIONAL,
        administrator=administrator,
        actor=DEMONSTRATION,
    )


def _identity_provider(slug: str) -> trust.IdentityProviderSettings:
    tenant = uuid.uuid5(uuid.NAMESPACE_DNS, f"{slug}.example.jp")
    return trust.validate(
        entity_id=f"https://sts.windows.net/{tenant}/",
        single_sign_on_url=f"https://login.microsoftonline.com/{tenant}/saml2",
        single_logout_url=f"https://login.microsoftonline.com/{tenant}/saml2",
        after_logout_url="",
        certificates=_certificate(),
        now=datetime.now(UTC),
    )


def _certificate() -> str:
    """Return a new certificate in PEM form; its private key is forgotten at once."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Demonstration")])
    now = datetime.now(UTC)
    certificate = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(minutes=5),
        not_valid_after=now + VALID_FOR,
    ).sign(key, hashes.SHA256())
    return certificate.public_bytes(Encoding.PEM).decode()
