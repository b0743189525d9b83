"""The requests we sent to identity providers, and which of them may be answered still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from chatwork_admin.database.statements import fetch
from chatwork_admin.organizations.models import Organization, User, UserSession
from saml_sso import addresses, keys
from saml_sso.messages import requests
from saml_sso.models import AuthenticationRequest, IdentityProvider, SeenAssertion
from saml_sso.sign_in.login_reasons import LoginReason, LoginRejected
from saml_sso.sign_in.next_paths import path_of_ours
from saml_sso.sign_in.tickets import digest, is_ticket, new_ticket

ANSWERED_WITHIN = timedelta(minutes=10)

Purpose = AuthenticationRequest.Purpose


@dataclass(frozen=True, slots=True)
class Aim:
    """What a request is for, and of whom.

    `user`: who tests, or proves again who they are. `session`: what is to be confirmed.
    """

    purpose: Purpose = Purpose.SIGN_IN
    user: User | None = None
    session: UserSession | None = None


SIGN_IN = Aim()


def begin(
    organization: Organization, *, flow: str, next_path: str, aim: Aim = SIGN_IN
) -> str:
    """Write a request down; return the address that carries it to the identity provider.

    `flow` is the ticket of the browser that starts; `next_path`, where it goes in the
    end, comes from outside and is dropped unless it is a path of ours. Raises
    LoginRejected when SAML is off.
    """
    provider = _provider_for(organization, aim.purpose)
    relay_state = new_ticket()
    asked = _ask(organization, provider, relay_state, aim.purpose)
    AuthenticationRequest.objects.create(
        organization=organization,
        identity_provider=provider,
        request_id=asked.id,
        config_version=provider.config_version,
        purpose=aim.purpose,
        user=aim.user,
        session=aim.session,
        flow_hash=digest(flow),
        relay_state_hash=digest(relay_state),
        next_path=path_of_ours(next_path),
    )
    return asked.redirect_url


def waiting(organization: Organization, relay_state: str) -> AuthenticationRequest:
    """Return the request that an answer with this RelayState may answer.

    Raises LoginRejected when there is none, or no more.
    """
    if not is_ticket(relay_state):
        raise LoginRejected(LoginReason.REQUEST_UNKNOWN)
    request = (
        AuthenticationRequest.objects.filter(
            organization=organization, relay_state_hash=digest(relay_state)
        )
        .select_related("identity_provider", "user", "session__user")
        .first()
    )
    if request is None:
        raise LoginRejected(LoginReason.REQUEST_UNKNOWN)
    if request.consumed_at is not None:
        raise LoginRejected(LoginReason.REQUEST_ANSWERED)
    if request.created_at + ANSWERED_WITHIN < timezone.now():
        raise LoginRejected(LoginReason.REQUEST_TOO_OLD)
    require_settings_of(request, request.identity_provider)
    return request


def consume(request: AuthenticationRequest) -> None:
    """Let nobody else answer the request. Raises LoginRejected if somebody has."""
    unanswered = AuthenticationRequest.objects.filter(pk=request.pk, consumed_at=None)
    if not unanswered.update(consumed_at=timezone.now()):
        raise LoginRejected(LoginReason.REQUEST_ANSWERED)


def hold_settings(request: AuthenticationRequest) -> None:
    """Let nobody change what is trusted until the transaction ends.

    Others may sign in meanwhile. Raises LoginRejected if it was changed before.
    """
    row = fetch(HOLD, [request.identity_provider_id])
    if row is None:
        raise LoginRejected(LoginReason.SETTINGS_CHANGED)
    version, mode = row
    require_settings_of(request, IdentityProvider(config_version=version, mode=mode))


def require_settings_of(
    request: AuthenticationRequest, provider: IdentityProvider
) -> None:
    """Raise LoginRejected unless the settings are still those the request was made by."""
    if not _may_be_asked(provider, Purpose(request.purpose)):
        raise LoginRejected(LoginReason.SAML_OFF)
    if provider.config_version != request.config_version:
        raise LoginRejected(LoginReason.SETTINGS_CHANGED)


def forget_old() -> None:
    """Delete requests with what came of them, and assertions nobody can use again."""
    now = timezone.now()
    before = now - 2 * ANSWERED_WITHIN
    AuthenticationRequest.objects.filter(created_at__lt=before).delete()
    SeenAssertion.objects.filter(expires_at__lt=now).delete()


def _provider_for(organization: Organization, purpose: Purpose) -> IdentityProvider:
    provider = IdentityProvider.objects.filter(organization=organization).first()
    if provider is None or not _may_be_asked(provider, purpose):
        raise LoginRejected(LoginReason.SAML_OFF)
    return provider


def _ask(
    organization: Organization,
    provider: IdentityProvider,
    relay_state: str,
    purpose: Purpose,
) -> requests.AuthenticationRequest:
    sign_on = requests.SignOn(
        entity_id=addresses.metadata_url(organization),
        acs_url=addresses.acs_url(organization),
        single_sign_on_url=provider.single_sign_on_url,
        name_id_format=provider.name_id_format,
        force_authn=purpose == Purpose.STEP_UP,
        is_passive=purpose == Purpose.RECHECK,
    )
    return requests.authentication_request(
        sign_on,
        relay_state=relay_state,
        signing_key=keys.signing_key() if provider.sign_requests else None,
        now=timezone.now(),
    )


def _may_be_asked(provider: IdentityProvider, purpose: Purpose) -> bool:
    """Only a test may ask an identity provider that nobody signs in with yet."""
    return provider.is_on or purpose == Purpose.TEST


HOLD = """
    SELECT config_version, mode FROM saml_sso_identityprovider WHERE id = %s FOR SHARE
"""
