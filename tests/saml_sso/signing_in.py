"""A browser, and what an identity provider's page makes it post: real messages."""

from __future__ import annotations

import base64
import uuid
import zlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client
from lxml import etree

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User, UserSession
from saml_sso import addresses
from saml_sso.identity_providers import configuration, modes, trust
from saml_sso.models import (
    AuthenticationRequest,
    Completion,
    IdentityProvider,
    LinkedIdentity,
    SeenAssertion,
    identity_provider_of,
)
from saml_sso.sign_in import sign_in_requests, testing
from tests.conftest import switch_on
from tests.entra_id import directory
from tests.entra_id.identity_provider import (
    IdentityProvider as Signer,
)
from tests.entra_id.identity_provider import new_identity_provider
from tests.entra_id.saml_claims import claims_of
from tests.entra_id.saml_responses import SamlResponse, form_value

WRITTEN = (AuthenticationRequest, SeenAssertion, Completion, LinkedIdentity)


@dataclass(frozen=True)
class Asked:
    """What our redirect carries to the identity provider."""

    url: str
    request_id: str
    relay_state: str


@dataclass(frozen=True)
class Entra:
    """The identity provider of one organization."""

    organization: Organization
    signer: Signer

    @property
    def provider(self) -> IdentityProvider:
        provider = identity_provider_of(self.organization)
        assert provider is not None
        return provider

    def address(self, name: str) -> str:
        return f"/saml/{self.organization.public_id}/{name}"

    def answer(
        self, request_id: str, person: User, object_id: str = "", **changes: object
    ) -> str:
        """Return a signed response about a person, as the form field holds it."""
        entry = entry_of(person, object_id)
        issuer, tenant = self.signer.entity_id, self.signer.tenant_id
        said = SamlResponse(
            provider=self.signer,
            destination=addresses.acs_url(self.organization),
            audience=addresses.metadata_url(self.organization),
            in_response_to=request_id,
            name_id=entry.mail,
            claims=claims_of(entry, tenant_id=tenant, issuer=issuer),
        )
        said = replace(said, **changes)  # type: ignore[arg-type]  # passed through
        return form_value(said.signed())


@dataclass
class Visitor:
    """A browser. Posts of another site's page come without its cookies (SameSite)."""

    entra: Entra
    client: Client = field(default_factory=Client)

    def start(self, **query: str) -> Asked:
        response = self.client.get(self.entra.address("login"), query)
        assert response.status_code == 302, response.content
        return asked_by(response["Location"])

    def post(self, saml_response: str, relay_state: str, **headers: Any) -> Any:
        """Return the answer; whoever is refused goes on to the page that says so."""
        return refusal_after(self.post_only(saml_response, relay_state, **headers))

    def post_only(self, saml_response: str, relay_state: str, **headers: Any) -> Any:
        fields = {"SAMLResponse": saml_response, "RelayState": relay_state}
        return Client().post(
            self.entra.address("acs"),
            urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            **headers,
        )

    def answer(self, asked: Asked, person: User, **changes: Any) -> Any:
        saml_response = self.entra.answer(asked.request_id, person, **changes)
        return self.post(saml_response, asked.relay_state)

    def follow(self, response: Any) -> Any:
        assert response.status_code == 303, response.content
        return self.client.get(response["Location"])

    def sign_in(self, person: User, **changes: Any) -> Any:
        asked = self.start()
        return self.follow(self.answer(asked, person, **changes))

    @property
    def is_signed_in(self) -> bool:
        return self.client.get("/account/").status_code == 200


@cache
def signer_of(slug: str) -> Signer:
    return new_identity_provider(str(uuid.uuid5(uuid.NAMESPACE_DNS, slug)))


def entra_of(organization: Organization, slug: str = "") -> Entra:
    signer = signer_of(slug or organization.slug)
    switch_on(trust_signer(organization, signer))
    return Entra(organization, signer)


def trust_signer(organization: Organization, signer: Signer) -> IdentityProvider:
    settings = trust.validate(
        entity_id=signer.entity_id,
        single_sign_on_url=signer.login_url,
        single_logout_url=signer.logout_url,
        after_logout_url="",
        certificates=signer.certificate.public_bytes(Encoding.PEM).decode(),
        now=datetime.now(UTC),
    )
    stored = identity_provider_of(organization)
    return configuration.configure(
        organization,
        settings,
        actor=SYSTEM,
        seen_version=stored.config_version if stored else None,
        is_confirmed=True,
    )


def pass_test(organization: Organization, signer: Signer) -> None:
    """Test the sign-in as the administrator does, and make SAML optional."""
    administrator = organization.users.get(role=User.Role.ADMINISTRATOR)
    asked = asked_by(
        testing.start(organization, administrator=administrator, next_path="/")
    )
    waiting = sign_in_requests.waiting(organization, asked.relay_state)
    answer = Entra(organization, signer).answer(asked.request_id, administrator)
    testing.conclude(waiting, answer, actor=SYSTEM)
    modes.switch(
        organization,
        IdentityProvider.Mode.OPTIONAL,
        administrator=administrator,
        actor=SYSTEM,
    )


def entry_of(person: User, object_id: str = "") -> directory.User:
    """Return the person as Entra's directory knows them; object ids follow from ours."""
    return directory.User(
        object_id=object_id or object_id_of(person),
        user_principal_name=person.user_name,
        mail=person.user_name,
        display_name=person.display_name,
    )


def object_id_of(person: User) -> str:
    return str(uuid.uuid5(person.pk, "object id"))


def refusal_after(response: Any) -> Any:
    """Return the page that says that a posted answer was refused, if it was."""
    location = response.headers.get("Location", "")
    return Client().get(location) if "/answered?" in location else response


def asked_by(location: str) -> Asked:
    query = parse_qs(urlsplit(location).query)
    message = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), wbits=-15)
    return Asked(location, etree.fromstring(message).get("ID"), query["RelayState"][0])


def written() -> dict[str, list[Any]]:
    """Return all that a sign-in may write, but for the events of refusals."""
    rows: dict[str, list[Any]] = {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in WRITTEN
    }
    rows["sessions"] = list(UserSession.objects.order_by("pk").values())
    events = AuditEvent.objects.exclude(
        action__in=["login.failed", "login.identity_conflict"]
    )
    return rows | {"events": list(events.order_by("pk").values_list("pk"))}


def refused_because() -> list[str]:
    """Return the reasons of the refusals recorded so far, in their order."""
    refusals = AuditEvent.objects.filter(
        action__in=["login.failed", "login.identity_conflict"]
    )
    return [event.context.get("code", "") for event in refusals.order_by("id")]
