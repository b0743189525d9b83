"""Prove once more who one is, by signing in anew at the identity provider (ForceAuthn)."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode

from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations.models import User
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.sessions.confirmation import confirm_identity
from chatwork_admin.organizations.sessions.recognition import session_behind
from saml_sso.messages.assertions import Assertion
from saml_sso.messages.expectations import CLOCK_SKEW
from saml_sso.models import AuthenticationRequest, Completion
from saml_sso.sign_in import recheck
from saml_sso.sign_in.login_reasons import LoginReason, LoginRejected
from saml_sso.sign_in.rejections import Rejection
from saml_sso.sign_in.sign_in_requests import Aim
from saml_sso.sign_in.sign_in_requests import begin as begin_request

REFUSED = "refused"  # in the query of the page that asked for the proof


def begin(user: User, *, flow: str, next_path: str) -> str:
    """Return the address at which the person signs in anew. Raises LoginRejected."""
    aim = Aim(AuthenticationRequest.Purpose.STEP_UP, user)
    return begin_request(user.organization, flow=flow, next_path=next_path, aim=aim)


def way_back(request: AuthenticationRequest, rejection: Rejection) -> str:
    """Return where a browser goes on whose proof is refused, or "" if it was for none.

    The query says whether another person was chosen, and nothing else of why.
    """
    if request.purpose != AuthenticationRequest.Purpose.STEP_UP:
        return ""
    is_other = rejection.reason == LoginReason.OTHER_PERSON
    query = urlencode({REFUSED: LoginReason.OTHER_PERSON if is_other else "1"})
    return f"{request.next_path or '/'}?{query}"


def require_proof(
    request: AuthenticationRequest, user: User, assertion: Assertion
) -> None:
    """Ask that it is the same person, who has just signed in. Raises LoginRejected."""
    if user != request.user:
        raise LoginRejected(LoginReason.OTHER_PERSON, user=request.user)
    if assertion.authn_instant < request.created_at - CLOCK_SKEW:
        raise LoginRejected(LoginReason.NOT_SIGNED_IN_ANEW, user=user)


def conclude(browser: HttpRequest, completion: Completion, *, actor: Actor) -> None:
    """Note the proof in the session that asked for it. Raises LoginRejected."""
    session = session_behind(browser)
    proven_at = completion.authn_instant
    if session is None or session.user != completion.user or proven_at is None:
        raise LoginRejected(LoginReason.ACCESS_ENDED_MEANWHILE, user=completion.user)
    recheck.renew(browser.session)
    confirm_identity(
        session,
        by=Began.SAML,
        at=min(proven_at, timezone.now()),
        saml_session_index=completion.session_index,
        actor=actor,
    )
