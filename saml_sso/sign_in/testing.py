"""A test sign-in: all that a sign-in asks, told to the administrator who tries it.

Nobody is signed in by it, and it may be tried before SAML is on. What it found can be
read by that administrator only, for ten minutes; meanwhile they may link the account
that it named to themselves, whatever name it has.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, ActorKind, record
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import history
from saml_sso.identity_providers.configuration import target_of
from saml_sso.identity_providers.locks import lock_configured, lock_configured_for
from saml_sso.messages.assertions import Assertion
from saml_sso.messages.examinations import Examination, examine
from saml_sso.models import AuthenticationRequest
from saml_sso.sign_in import identities, login, sign_in_requests
from saml_sso.sign_in.findings import Found, described
from saml_sso.sign_in.identities import Account
from saml_sso.sign_in.login_reasons import LoginReason, LoginRejected
from saml_sso.sign_in.tickets import new_ticket

READABLE_FOR = timedelta(minutes=10)
NOBODY_S = {
    LoginReason.PERSON_UNKNOWN,
    LoginReason.IDENTITY_CONFLICT,
    LoginReason.EXTERNAL_ID_CONFLICT,
}


class NotLinkable(Exception):
    """The last test has named no account that the administrator may call their own."""


def start(organization: Organization, *, administrator: User, next_path: str) -> str:
    """Return the address to send the administrator's browser to.

    `next_path` shows what came of it. Raises LoginRejected without settings.
    """
    aim = sign_in_requests.Aim(AuthenticationRequest.Purpose.TEST, administrator)
    flow = new_ticket()  # nobody completes a test
    return sign_in_requests.begin(organization, flow=flow, next_path=next_path, aim=aim)


@transaction.atomic
def conclude(request: AuthenticationRequest, response: str, *, actor: Actor) -> None:
    """Examine the answer to a test, and keep what was found; a passed test counts.

    It passes with the account of whoever tests: another one proves nothing of theirs.
    `response`: the field SAMLResponse as it was posted. Raises LoginRejected when the
    settings have changed meanwhile, or somebody has answered before, NotConfigured.
    """
    provider = lock_configured(request.organization)
    sign_in_requests.require_settings_of(request, provider)
    sign_in_requests.consume(request)
    examination = examine(response, login.expectations(request))
    found = described(examination) | {"person": _person(request, examination, actor)}
    has_passed = examination.assertion is not None and not found["person"]["reason"]
    AuthenticationRequest.objects.filter(pk=request.pk).update(
        examination=found | {"passed": has_passed}
    )
    if examination.assertion and has_passed:
        provider.note_use_of(examination.assertion.certificate_sha256)
        history.note_test(provider, request.user)
    _record(request, found, _tester(request, actor))


def last_test(
    organization: Organization, administrator: User
) -> AuthenticationRequest | None:
    """Return this administrator's last test, answered or not, while it may be read."""
    tests = AuthenticationRequest.objects.filter(
        organization=organization,
        user=administrator,
        purpose=AuthenticationRequest.Purpose.TEST,
        created_at__gt=timezone.now() - sign_in_requests.ANSWERED_WITHIN,
    )
    answered = AuthenticationRequest.objects.filter(
        organization=organization,
        user=administrator,
        purpose=AuthenticationRequest.Purpose.TEST,
        consumed_at__gt=timezone.now() - READABLE_FOR,
    )
    return (tests | answered).order_by("-created_at").first()


def account_to_link(test: AuthenticationRequest, administrator: User) -> Account | None:
    """Return the account that a test named, if it may be the administrator's own.

    The answer was believed and has an object id, and nobody is known by that account.
    """
    found = test.examination or {}
    if not found.get("object_id") or found["person"]["reason"] not in NOBODY_S:
        return None
    named = {name: found["claims"][name] for name in ("name_id", "name_id_format")}
    issuer = found["claims"]["issuer"]
    account = Account(issuer=issuer, object_id=found["object_id"], **named)
    return account if identities.may_be_linked(administrator, account) else None


@transaction.atomic
def link(
    organization: Organization, administrator: User, test_id: str, *, actor: Actor
) -> None:
    """Link the account of the administrator's last test to them, as they have asked.

    `test_id` is of the test that they were shown.
    They have just proven who they are here, and that they are whoever signed in there.
    Raises administrator_right.NotAllowed, NotConfigured, NotLinkable.
    """
    provider = lock_configured_for(actor, organization)
    test = last_test(organization, administrator)
    if test is None or str(test.pk) != test_id:
        raise NotLinkable(NotLinkable.__doc__)
    account = account_to_link(test, administrator)
    if account is None or test.config_version != provider.config_version:
        raise NotLinkable(NotLinkable.__doc__)
    try:
        identities.link(administrator, account, actor=actor)
    except LoginRejected as rejected:
        raise NotLinkable(NotLinkable.__doc__) from rejected


def _tester(request: AuthenticationRequest, visitor: Actor) -> Actor:
    """The browser that brings the answer has no cookies; it holds the RelayState."""
    user = request.user
    if user is None:
        return visitor
    label = user.display_name or user.user_name
    return replace(visitor, kind=ActorKind.PERSON, id=str(user.pk), label=label)


def _person(
    request: AuthenticationRequest, examination: Examination, actor: Actor
) -> Found:
    """Say whom the answer means, as a sign-in would find them; nothing is linked."""
    if examination.assertion is None:
        return {"reason": "", "user_name": "", "is_tester": False}
    user: User | None
    try:
        user = _recognised(request.organization, examination.assertion, actor)
        reason = "" if user == request.user else LoginReason.OTHER_PERSON.value
    except LoginRejected as rejected:
        user, reason = rejected.user, rejected.reason.value
    return {
        "reason": reason,
        "user_name": user.user_name if user else "",
        "is_tester": user == request.user,
    }


def _recognised(organization: Organization, assertion: Assertion, actor: Actor) -> User:
    with transaction.atomic():
        user = identities.recognise(organization, assertion, actor=actor)
        transaction.set_rollback(True)  # only looked
    return user


def _record(request: AuthenticationRequest, found: Found, actor: Actor) -> None:
    refused = next((each for each in found["checks"] if each["passed"] is False), None)
    code = refused["reason"] if refused else found["person"]["reason"]
    context = {
        "result": "failed" if code else "passed",
        "code": code,
        "hint": refused["detail"] if refused else "",
        "version": request.config_version,
    }
    record(
        Action.SAML_TESTED,
        organization_id=request.organization_id,
        actor=actor,
        target=target_of(request.identity_provider),
        context={name: value for name, value in context.items() if value},
    )
