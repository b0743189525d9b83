"""The way in around SAML, for the organization administrator alone.

It takes two proofs: the password, and the administrator's second factor (or a recovery
code instead) or one of the emergency codes. Whoever was provisioned has no password; then the emergency code alone
opens. Each use is recorded, and told to the administrators by mail.
"""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.audit.visitors import visitor
from chatwork_admin.client_addresses import client_address
from chatwork_admin.organizations.attempts import known_browsers, outcomes, turns
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.founding import target_of
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.proofs import printed_codes, second_factor
from chatwork_admin.organizations.proofs.second_factor import Proof
from chatwork_admin.portal.access import actor_for
from chatwork_admin.portal.signing_in.by_password import (
    NOTHING,
    SignInRefused,
    proves,
    start_session,
)
from saml_sso.identity_providers import break_glass
from saml_sso.sign_in import rate


class EmergencyBackend(BaseBackend):
    """Knows the administrator of the organization that is `bypassed`, nobody else."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        bypassed: Organization | None = None,
        proof: tuple[str, Proof] = ("", NOTHING),
        **credentials: object,
    ) -> User | None:
        """Return the administrator whose password and second proof these are."""
        if request is None or username is None or bypassed is None:
            return None
        typed, besides = proof
        people = bypassed.users.present().filter(role=User.Role.ADMINISTRATOR)
        user = people.filter(user_name_key=fold(username)).first()
        if user is None or not user.has_usable_password():
            User().set_password(typed)  # as slow as a wrong password
        if user is None or (
            user.has_usable_password() and not user.check_password(typed)
        ):
            return None
        return user if _shows(request, user, besides) else None


def sign_in(
    request: HttpRequest,
    organization: Organization,
    *,
    user_name: str,
    password: str,
    besides: Proof,
) -> None:
    """Start a session for the administrator, around SAML, and record it.

    Raises SignInRefused, which never says what was wrong and is recorded. Strangers keep
    out nobody who has a code or a known browser: rate.TooManyRequests is for them only.
    """
    emergency = _known_code(organization, besides.code)
    if not emergency and not known_browsers.is_known(request, user_name):
        rate.admit(organization, client_address(request), rate.BYPASS)
        rate.admit_stranger(request, user_name)
    # Not called `password`: with one, the backend of the usual doors would do.
    proof = (password, besides)
    user = turns.authenticate(
        request, user_name, counted_for=emergency, bypassed=organization, proof=proof
    )
    if not isinstance(user, User):
        _record_failure(request, organization, user_name)
        raise SignInRefused(SignInRefused.__doc__)
    start_session(request, user, began=_began(user, besides))


def _began(user: User, besides: Proof) -> Began:
    if _is_emergency_code(besides.code):
        return Began.BREAK_GLASS
    return second_factor.proof_by(user, besides)


def _shows(request: HttpRequest, user: User, besides: Proof) -> bool:
    actor = actor_for(request, user)
    if _is_emergency_code(besides.code):
        return _redeems(user, besides.code, actor)
    # Six digits are not enough without a password.
    if not (user.has_usable_password() and second_factor.is_set_up(user)):
        return False
    if not proves(request, user, besides):
        return False
    break_glass.note_bypass(user.organization, user=user, actor=actor)
    return True


def _redeems(user: User, code: str, actor: Actor) -> bool:
    try:
        break_glass.redeem(user.organization, code, user=user, actor=actor)
    except break_glass.WrongCode:
        return False
    return True


def _known_code(organization: Organization, code: str) -> str:
    """Return what attempts with an emergency code count against, if it is a good one."""
    if not _is_emergency_code(code) or not break_glass.are_good(organization, [code]):
        return ""
    return printed_codes.hash_of(code, purpose=f"attempts {organization.pk}")


def _is_emergency_code(code: str) -> bool:
    """It is longer than a code of an app, or instead of one."""
    return len(printed_codes.characters_of(code)) == break_glass.LENGTH


@transaction.atomic
def _record_failure(
    request: HttpRequest, organization: Organization, user_name: str
) -> None:
    if outcomes.are_over(request):
        return
    people = organization.users.present().filter(user_name_key=fold(user_name))
    user = people.first()
    target = Target("user", str(user.pk), user.user_name) if user else None
    is_last = outcomes.has_just_locked(request)
    code = "too-many-attempts" if is_last else outcomes.reason(request)
    record(
        Action.SIGN_IN_FAILED,
        organization_id=organization.pk,
        actor=visitor(request),
        target=target or target_of(organization),
        context={"channel": "bypass", "code": code or "bypass-refused"},
    )
