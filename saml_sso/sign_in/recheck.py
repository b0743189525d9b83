"""Ask now and then whether somebody is signed in still, without a word to them.

A passive request (SAML Core §3.4.1, IsPassive) is answered by the session at the identity
provider, or not at all: then the person signs in anew. What the identity provider does
not confirm opens no page; a form that was filled in meanwhile is taken all the same.
"""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.organizations.models import UserSession
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import by_saml, ending
from chatwork_admin.organizations.sessions.recognition import session_behind
from saml_sso.messages.response_reasons import ResponseReason
from saml_sso.models import AuthenticationRequest, Completion
from saml_sso.sign_in import rejections
from saml_sso.sign_in.login_reasons import LoginReason
from saml_sso.sign_in.sign_in_requests import Aim
from saml_sso.sign_in.sign_in_requests import begin as begin_request

CONFIRMED_AT = "saml_confirmed_at"  # in a browser's session, in seconds since 1970
# The identity provider has signed that somebody else is at this browser.
SOMEBODY_ELSE = frozenset(
    {
        LoginReason.OTHER_PERSON,
        LoginReason.PERSON_UNKNOWN,
        LoginReason.PERSON_AMBIGUOUS,
        LoginReason.PERSON_SUSPENDED,
        LoginReason.IDENTITY_CONFLICT,
        LoginReason.OBJECT_ID_MISSING,
    }
)


def note_confirmed(browser: SessionBase) -> None:
    """Remember that the identity provider has just vouched for who is here."""
    browser[CONFIRMED_AT] = timezone.now().timestamp()


def renew(browser: SessionBase) -> None:
    """As `note_confirmed`, in a session that began by SAML only."""
    if CONFIRMED_AT in browser:
        note_confirmed(browser)


def is_due(browser: SessionBase) -> bool:
    """Say whether it vouched too long ago. It never does for other ways in."""
    confirmed_at, hours = browser.get(CONFIRMED_AT), settings.SAML_RECHECK_HOURS
    if confirmed_at is None or not hours:
        return False
    return bool(timezone.now().timestamp() - confirmed_at >= hours * 60 * 60)


def begin(session: UserSession, *, flow: str, next_path: str) -> str:
    """Return the address that asks silently. Raises LoginRejected when SAML is off."""
    aim = Aim(AuthenticationRequest.Purpose.RECHECK, session=session)
    return begin_request(session.organization, flow=flow, next_path=next_path, aim=aim)


def give_up(
    request: AuthenticationRequest, rejection: rejections.Rejection, *, actor: Actor
) -> None:
    """Leave the session unconfirmed, or end it if somebody else is at the browser.

    That the identity provider would have to ask the person is no refusal to record.
    """
    if rejection.reason != ResponseReason.STATUS_NOT_SUCCESS:
        rejections.note(request.organization, rejection, actor=actor)
    if request.session and rejection.reason in SOMEBODY_ELSE:
        name = request.identity_provider.entity_id
        by = replace(actor, kind=ActorKind.IDENTITY_PROVIDER, id=name, label=name)
        ending.end_session(request.session, why=Why.IDENTITY_PROVIDER, actor=by)


def conclude(browser: HttpRequest, completion: Completion) -> None:
    """Note in the session that asked that it is confirmed, if it is there still."""
    session = session_behind(browser)
    if session is None or session != completion.request.session:
        return
    note_confirmed(browser.session)
    by_saml.add_index(session, completion.session_index)
