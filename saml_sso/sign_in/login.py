"""Sign somebody in by SAML: believe the answer, know the person, let their browser in.

Two steps. The answer comes by a POST from the identity provider's page, without the
cookies of whoever started; it yields a one-time code. The code is redeemed by a GET
with cookies, and only in the browser that started.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.database.statements import insert
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.sessions import by_saml, starting
from saml_sso import addresses, keys
from saml_sso.identity_providers.trusted_addresses import tenant_id_of
from saml_sso.messages.assertions import Assertion
from saml_sso.messages.expectations import CLOCK_SKEW, Expectations
from saml_sso.messages.response_reasons import Named
from saml_sso.messages.responses import read_response
from saml_sso.models import (
    AuthenticationRequest,
    Completion,
    SeenAssertion,
    TrustedCertificate,
)
from saml_sso.sign_in import identities, recheck, sign_in_requests, step_up
from saml_sso.sign_in.login_reasons import LoginReason, LoginRejected
from saml_sso.sign_in.tickets import digest, is_ticket, new_ticket

REDEEMED_WITHIN = timedelta(seconds=60)
ASSERTION_ID = "(organization_id, id_hash)"  # `an_assertion_is_seen_once`


def authenticate(request: AuthenticationRequest, *, response: str, actor: Actor) -> str:
    """Return the code by which the browser that started gets its session.

    `request` is the one that waits for this answer, `response` as it was posted. The
    request is answered and the assertion used up in the transaction that makes the
    code, or not at all. Raises InvalidResponse, LoginRejected.
    """
    assertion = read_response(response, expectations(request))
    try:
        return _accept(request, assertion, actor)
    except LoginRejected as rejected:
        rejected.named = Named(
            assertion.name_id, assertion.object_id or "", assertion.certificate_sha256
        )
        raise


def complete(
    browser: HttpRequest,
    organization: Organization,
    *,
    code: str,
    flows: Collection[str],
    actor: Actor,
) -> str:
    """Start a session in the browser that started; return where to go.

    `flows` are the tickets that it holds. Everything is asked again: whoever was
    suspended, or whatever was switched off, since the answer came, keeps people out. A
    code works once. Raises LoginRejected.
    """
    try:
        with transaction.atomic():
            completion = _redeemed(organization, code)
            _require_browser(completion, flows)
            sign_in_requests.hold_settings(completion.request)
            _let_in(browser, completion, actor)
    except starting.CannotSignIn as refused:
        reason = LoginReason.ACCESS_ENDED_MEANWHILE
        raise LoginRejected(reason, user=completion.user) from refused
    return completion.request.next_path


def expectations(request: AuthenticationRequest) -> Expectations:
    """Return what an answer to this request must agree with, now."""
    organization, provider = request.organization, request.identity_provider
    certificates = provider.certificates
    return Expectations(
        entity_id=addresses.metadata_url(organization),
        acs_url=addresses.acs_url(organization),
        idp_entity_id=provider.entity_id,
        certificates=_pems(certificates.trusted()),
        proposed=_pems(certificates.proposed()),
        retired=_pems(certificates.retired()),
        request_id=request.request_id,
        now=timezone.now(),
        tenant_id=tenant_id_of(provider.entity_id),
        require_signed_response=provider.require_signed_response,
        decryption_keys=keys.key_pairs(),
    )


def _pems(certificates: QuerySet[TrustedCertificate]) -> tuple[str, ...]:
    return tuple(certificates.values_list("pem", flat=True))


@transaction.atomic
def _accept(request: AuthenticationRequest, assertion: Assertion, actor: Actor) -> str:
    sign_in_requests.hold_settings(request)
    sign_in_requests.consume(request)
    _see(request.organization, assertion)
    user = identities.recognise(request.organization, assertion, actor=actor)
    if request.purpose == request.Purpose.STEP_UP:
        step_up.require_proof(request, user, assertion)
    if request.session and request.session.user != user:
        raise LoginRejected(LoginReason.OTHER_PERSON, user=request.session.user)
    request.identity_provider.note_use_of(assertion.certificate_sha256)
    return _code(request, user, assertion)


def _see(organization: Organization, assertion: Assertion) -> None:
    seen = SeenAssertion(
        organization=organization,
        id_hash=hashlib.sha256(assertion.id.encode()).hexdigest(),
        expires_at=assertion.not_on_or_after + CLOCK_SKEW,
    )
    # Two at once: the second waits here until the first has ended.
    if not insert(seen, conflict=ASSERTION_ID):
        raise LoginRejected(LoginReason.ASSERTION_REPLAYED)


def _code(request: AuthenticationRequest, user: User, assertion: Assertion) -> str:
    code = new_ticket()
    Completion.objects.create(
        organization=request.organization,
        request=request,
        user=user,
        session_epoch=user.session_epoch,
        code_hash=digest(code),
        issuer=assertion.issuer,
        name_id=assertion.name_id,
        session_index=by_saml.kept(assertion.session_index),
        session_not_on_or_after=assertion.session_not_on_or_after,
        authn_instant=assertion.authn_instant,
        expires_at=timezone.now() + REDEEMED_WITHIN,
    )
    return code


def _redeemed(organization: Organization, code: str) -> Completion:
    completions = Completion.objects.select_for_update(of=("self",)).select_related(
        "request", "user__organization"
    )
    completion = (
        completions.filter(organization=organization, code_hash=digest(code)).first()
        if is_ticket(code)
        else None
    )
    if completion is None:
        raise LoginRejected(LoginReason.COMPLETION_UNKNOWN)
    if completion.expires_at < timezone.now():
        raise LoginRejected(LoginReason.COMPLETION_TOO_OLD, user=completion.user)
    completion.delete()
    return completion


def _require_browser(completion: Completion, flows: Collection[str]) -> None:
    started = completion.request.flow_hash
    if not any(constant_time_compare(digest(flow), started) for flow in flows):
        raise LoginRejected(LoginReason.OTHER_BROWSER, user=completion.user)


def _let_in(browser: HttpRequest, completion: Completion, visitor: Actor) -> None:
    """Start a session, or note the proof in the one there is."""
    user = completion.user
    label = user.display_name or user.user_name
    actor = replace(visitor, kind=ActorKind.PERSON, id=str(user.pk), label=label)
    match completion.request.purpose:
        case AuthenticationRequest.Purpose.STEP_UP:
            step_up.conclude(browser, completion, actor=actor)
        case AuthenticationRequest.Purpose.RECHECK:
            recheck.conclude(browser, completion)
        case _:
            _start_session(browser, completion, actor)
            recheck.note_confirmed(browser.session)


def _start_session(browser: HttpRequest, completion: Completion, actor: Actor) -> None:
    user = completion.user
    user.session_epoch = completion.session_epoch  # as it was when the answer came
    starting.start_session(
        browser,
        user,
        began=Began.SAML,
        saml=starting.SamlSession(
            issuer=completion.issuer,
            name_id=completion.name_id,
            session_index=completion.session_index,
            authenticated_at=completion.authn_instant,
            ends_at=completion.session_not_on_or_after,
        ),
        actor=actor,
    )
