"""Single logout, both ways (SAML Core §3.7, Profiles §4.4).

What is ours ends first and at once, whatever the identity provider does; what it ends,
ends here whether or not the browser brings a cookie along.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.database.statements import insert
from chatwork_admin.organizations.models import Organization, UserSession
from chatwork_admin.organizations.sessions import by_saml
from saml_sso import addresses, keys
from saml_sso.messages.expectations import CLOCK_SKEW
from saml_sso.messages.logout_messages import (
    EndedSession,
    LogoutExpectations,
    LogoutRequest,
    LogoutResponse,
    Sender,
    logout_request,
    logout_response,
    read_logout_request,
    read_logout_response,
)
from saml_sso.models import IdentityProvider, SeenAssertion, identity_provider_of
from saml_sso.sign_in.login import ASSERTION_ID
from saml_sso.sign_in.login_reasons import LoginReason, LoginRejected


@dataclass(frozen=True, slots=True)
class Farewell:
    """Where the browser goes after it was signed out here.

    `request_id` is what the identity provider will answer, or "" if it is not told.
    """

    url: str
    request_id: str = ""


def farewell(ended: UserSession) -> Farewell | None:
    """Tell the identity provider of a session that has ended here, if it began there.

    Otherwise lead to the address of the settings, if any.
    """
    provider = identity_provider_of(ended.organization)
    if provider is None or not ended.saml_name_id:
        return None
    if not provider.single_logout_url:
        return (
            Farewell(provider.after_logout_url) if provider.after_logout_url else None
        )
    said = EndedSession(name_id=ended.saml_name_id, session_index=by_saml.told(ended))
    request_id, url = logout_request(
        said, _sender(provider), relay_state="", now=timezone.now()
    )
    return Farewell(url, request_id)


def obey(organization: Organization, query: str, *, actor: Actor) -> str:
    """End the sessions that a LogoutRequest names; return the address of the answer.

    `query` is the raw query string, `actor` the browser that carries it. A request counts once. Returns "" if there is nowhere
    to answer to. Raises InvalidResponse, LoginRejected.
    """
    provider = _provider(organization)
    request = read_logout_request(query, _expectations(provider))
    kind, name = ActorKind.IDENTITY_PROVIDER, provider.entity_id
    with transaction.atomic():
        _see(organization, request)
        by_saml.end_by_name(
            organization,
            request.name_id,
            request.session_indexes,
            actor=replace(actor, kind=kind, id=name, label=name),
        )
    if not provider.single_logout_url:
        return ""
    return logout_response(request, _sender(provider), now=timezone.now())


def read_answer(
    organization: Organization, query: str, *, request_id: str
) -> LogoutResponse:
    """Read the answer to our request. Raises InvalidResponse, LoginRejected."""
    provider = _provider(organization)
    return read_logout_response(query, _expectations(provider), request_id=request_id)


def _provider(organization: Organization) -> IdentityProvider:
    provider = identity_provider_of(organization)
    if provider is None:
        raise LoginRejected(LoginReason.SAML_OFF)
    return provider


def _expectations(provider: IdentityProvider) -> LogoutExpectations:
    certificates = provider.certificates
    return LogoutExpectations(
        logout_url=addresses.logout_url(provider.organization),
        idp_entity_id=provider.entity_id,
        certificates=tuple(certificates.trusted().values_list("pem", flat=True)),
        proposed=tuple(certificates.proposed().values_list("pem", flat=True)),
        now=timezone.now(),
    )


def _sender(provider: IdentityProvider) -> Sender:
    return Sender(
        entity_id=addresses.metadata_url(provider.organization),
        single_logout_url=provider.single_logout_url,
        signing_key=keys.signing_key(),
    )


def _see(organization: Organization, request: LogoutRequest) -> None:
    seen = SeenAssertion(
        organization=organization,
        id_hash=hashlib.sha256(f"logout {request.id}".encode()).hexdigest(),
        expires_at=request.replayable_until + CLOCK_SKEW,
    )
    if not insert(seen, conflict=ASSERTION_ID):
        raise LoginRejected(LoginReason.LOGOUT_REPLAYED)
