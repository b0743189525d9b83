"""One tenant of Entra ID that signs its people in to applications."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.entra_id.directory import Directory, User
from tests.entra_id.identity_provider import IdentityProvider
from tests.entra_id.redirects import signed_query
from tests.entra_id.saml_claims import claims_of
from tests.entra_id.saml_failures import NOT_ASSIGNED, FailedResponse, SamlFailure
from tests.entra_id.saml_logouts import LogoutRequest, LogoutResponse
from tests.entra_id.saml_responses import (
    EMAIL_ADDRESS,
    SamlResponse,
    form_value,
)
from tests.entra_id.sign_on.applications import EnterpriseApplication
from tests.entra_id.sign_on.requests import SignInRequest

TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


@dataclass(frozen=True)
class Posted:
    """What a browser is to post, and where."""

    url: str
    saml_response: str
    relay_state: str = ""
    session_index: str = ""

    @property
    def fields(self) -> dict[str, str]:
        state = {"RelayState": self.relay_state} if self.relay_state else {}
        return {"SAMLResponse": self.saml_response} | state


@dataclass
class Tenant:
    """The identity provider, the people, and the applications by their entity ids."""

    provider: IdentityProvider
    directory: Directory
    applications: dict[str, EnterpriseApplication] = field(default_factory=dict)

    def register(self, *applications: EnterpriseApplication) -> None:
        """Add applications, or put them in the place of those with their entity ids."""
        self.applications |= {each.entity_id: each for each in applications}

    def answer(
        self,
        request: SignInRequest,
        user: User,
        *,
        authn_instant: datetime | None = None,
    ) -> Posted:
        """Answer with an assertion, or with the failure that the application is set to."""
        application = request.application
        if application.failure is not None:
            return self.refuse(request, application.failure)
        if not (user.assigned and user.is_active):
            return self.refuse(request, NOT_ASSIGNED)
        response = self._response(request, user, authn_instant)
        posted = form_value(response.signed())
        session_index = response.assertion_id
        return Posted(request.reply_url, posted, request.relay_state, session_index)

    def refuse(self, request: SignInRequest, failure: SamlFailure) -> Posted:
        response = FailedResponse(
            failure=failure,
            issuer=self.provider.entity_id,
            destination=request.reply_url,
            in_response_to=request.id,
        )
        return Posted(request.reply_url, form_value(str(response)), request.relay_state)

    def unsolicited(self, entity_id: str, user: User) -> Posted:
        """Answer though nobody has asked, as "My Apps" does without a Sign on URL."""
        application = self.applications[entity_id]
        request = SignInRequest(application, "", application.reply_urls[0])
        return self.answer(request, user)

    def logout_query(
        self, application: EnterpriseApplication, user: User, indexes: Iterable[str]
    ) -> str:
        """Return the query that ends sessions of a user at an application."""
        request = LogoutRequest(
            provider=self.provider,
            destination=application.logout_url,
            name_id=self._name_id(application, user, application.name_id_format),
            name_id_format=application.name_id_format,
            session_indexes=tuple(indexes),
        )
        return signed_query("SAMLRequest", str(request), self.provider.key)

    def logout_answer(
        self, application: EnterpriseApplication, request_id: str, relay_state: str
    ) -> str:
        """Return the query that answers a logout request of an application."""
        response = LogoutResponse(
            provider=self.provider,
            destination=application.logout_url,
            in_response_to=request_id,
        )
        key = self.provider.key
        return signed_query("SAMLResponse", str(response), key, relay_state=relay_state)

    def _response(
        self, request: SignInRequest, user: User, authn_instant: datetime | None
    ) -> SamlResponse:
        application = request.application
        name_id_format = request.name_id_format or application.name_id_format
        now = datetime.now(UTC) + application.clock_ahead
        return SamlResponse(
            provider=application.signs_with or self.provider,
            issuer=self.provider.entity_id,
            destination=request.reply_url,
            audience=application.entity_id,
            in_response_to=request.id,
            name_id=self._name_id(application, user, name_id_format),
            name_id_format=name_id_format,
            claims=claims_of(
                user,
                tenant_id=self.provider.tenant_id,
                issuer=self.provider.entity_id,
                groups=self._groups(user) if application.sends_groups else (),
            ),
            signing_option=application.signing_option,
            encryption=application.encryption,
            now=now,
            authn_instant=authn_instant,
        )

    def _name_id(
        self, application: EnterpriseApplication, user: User, name_id_format: str
    ) -> str:
        """Entra gives each application another id of a person, unless it may not."""
        if name_id_format == EMAIL_ADDRESS:
            return str(getattr(user, application.name_id_source))
        if name_id_format == TRANSIENT:
            return secrets.token_urlsafe(24)
        pair = f"{application.entity_id} {user.object_id}"
        return hashlib.sha256(pair.encode()).hexdigest()[:43]

    def _groups(self, user: User) -> tuple[str, ...]:
        groups = self.directory.groups.values()
        return tuple(
            each.object_id for each in groups if user.object_id in each.members
        )
