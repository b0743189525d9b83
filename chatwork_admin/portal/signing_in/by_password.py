"""Sign-in by login e-mail and password, for those who administer an organization.

Everybody else signs in by SAML: provisioned people have no password here.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import logout
from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Target, record
from chatwork_admin.audit.visitors import visitor
from chatwork_admin.organizations.attempts import outcomes, turns
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.proofs import second_factor
from chatwork_admin.organizations.proofs.one_time_codes import WrongCode
from chatwork_admin.organizations.proofs.second_factor import Proof
from chatwork_admin.organizations.sessions import ending, starting
from chatwork_admin.organizations.sessions.confirmation import confirm_identity
from chatwork_admin.portal.access import actor_for, may_administer
from saml_sso.models import IdentityProvider, identity_provider_of
from saml_sso.sign_in import rate

NOTHING = Proof()


@dataclass(frozen=True, slots=True)
class Door:
    """Where somebody asks to be let in: at an organization's login URL, or at none.

    `is_bypass`: at that URL's way around SAML, for the organization administrator.
    """

    organization: Organization | None = None
    is_bypass: bool = False

    def is_for(self, user: User) -> bool:
        """Say whether this person's password is taken here at all."""
        if self.organization and user.organization_id != self.organization.pk:
            return False
        if self.is_bypass:
            return self.organization is not None and user.is_administrator
        return True

    def opens_to(self, user: User) -> bool:
        """Say whether it lets in who has shown every proof: not where SAML is required."""
        return self.is_bypass or not requires_saml(user.organization)


class SignInRefused(Exception):
    """Wrong e-mail or password, or not at this organization's door; never says which."""


class SamlRequired(SignInRefused):
    """Everything was right, but this person's organization requires SAML."""

    def __init__(self, user: User) -> None:
        super().__init__(SamlRequired.__doc__)
        self.user = user


class AdministratorBackend(BaseBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        door: Door | None = None,
        besides: Proof = NOTHING,
        **credentials: object,
    ) -> User | None:
        """Return the active administrator or user manager with this password.

        Whoever stands at the wrong door is refused here, so that the attempt counts
        like any other and does not give away that the password was right. Whoever has
        a second factor needs it `besides`, or a recovery code.
        """
        if request is None or username is None or password is None:
            return None
        user = _person_named(username)
        if user is None:
            User().set_password(password)  # as slow as a wrong password
            return None
        if not user.check_password(password) or not may_administer(user):
            return None
        is_here = (door or Door()).is_for(user)
        return user if is_here and proves(request, user, besides) else None


def sign_in(
    request: HttpRequest,
    *,
    user_name: str,
    password: str,
    door: Door,
    besides: Proof = NOTHING,
) -> None:
    """Start a session for whoever has this password, and record it.

    Nobody else's people get in at an organization's door, and nobody but its
    administrator, at the bypass, where SAML is required. Raises SignInRefused, and
    SamlRequired once every proof was right; a known person's failure is recorded.
    Raises rate.TooManyRequests for too many attempts of strangers at one address.
    """
    rate.admit_stranger(request, user_name)
    user = turns.authenticate(
        request, user_name, password=password, door=door, besides=besides
    )
    if not isinstance(user, User):
        _record_failure(request, user_name, door)
        raise SignInRefused(SignInRefused.__doc__)
    if not door.opens_to(user):
        _record_failure(request, user_name, door)
        raise SamlRequired(user)
    start_session(request, user, began=second_factor.proof_by(user, besides))


def start_session(request: HttpRequest, user: User, *, began: Began) -> None:
    """Let in whoever has proven it. Raises SignInRefused if they changed meanwhile."""
    actor = actor_for(request, user)
    try:
        starting.start_session(request, user, began=began, actor=actor)
    except starting.CannotSignIn as refused:
        raise SignInRefused(SignInRefused.__doc__) from refused


def prove_again(
    request: HttpRequest, session: UserSession, *, password: str, besides: Proof
) -> None:
    """Take the password of whoever has signed in once more, and record it.

    It takes the same proof `besides`, and attempts are counted, as at the door. Where
    SAML is required, the administrator's password still counts: it is the way around.
    Raises SignInRefused.
    """
    person = session.user
    _require(request, person, password, besides)
    by = second_factor.proof_by(person, besides)
    confirm_identity(session, by=by, actor=actor_for(request, person))


def require_password(request: HttpRequest, password: str) -> None:
    """Check the password of who has no second factor yet. Raises SignInRefused."""
    if isinstance(request.user, User):
        _require(request, request.user, password, NOTHING)


def requires_saml(organization: Organization) -> bool:
    """Say whether passwords open nothing but the bypass."""
    provider = identity_provider_of(organization)
    return provider is not None and provider.mode == IdentityProvider.Mode.REQUIRED


def proves(request: HttpRequest, user: User, besides: Proof) -> bool:
    """Use up a proof of the person; anything is one, if they have no second factor."""
    actor = actor_for(request, user)
    try:
        second_factor.require_proof(user, besides, actor=actor)
    except WrongCode as refused:
        outcomes.note_refused_code(request, refused)
        return False
    return True


def sign_out(request: HttpRequest) -> None:
    """End the browser's session, whoever's it is."""
    if isinstance(request.user, User):
        ending.sign_out(request, actor=actor_for(request, request.user))
    else:
        logout(request)


def _require(request: HttpRequest, person: User, password: str, besides: Proof) -> None:
    door = Door(person.organization, is_bypass=person.is_administrator)
    user = turns.authenticate(
        request, person.user_name_key, password=password, door=door, besides=besides
    )
    if user != person or not door.opens_to(person):
        _record_failure(request, person.user_name, door)
        raise SignInRefused(SignInRefused.__doc__)


@transaction.atomic
def _record_failure(request: HttpRequest, user_name: str, door: Door) -> None:
    user = _person_named(user_name)
    if user is None or outcomes.are_over(request):
        return
    record(
        Action.SIGN_IN_FAILED,
        organization_id=user.organization_id,
        actor=visitor(request),
        target=Target("user", str(user.pk), user.user_name),
        context={"channel": "password", **_cause(request, user, door)},
    )


def _cause(request: HttpRequest, user: User, door: Door) -> dict[str, str]:
    if outcomes.has_just_locked(request):
        return {"code": "too-many-attempts"}
    if reason := outcomes.reason(request):
        return {"code": reason}
    is_useless = not door.is_bypass and requires_saml(user.organization)
    return {"code": "saml-required"} if is_useless else {}


def _person_named(user_name: str) -> User | None:
    people = User.objects.filter(user_name_key=fold(user_name), deleted_at=None)
    return people.select_related("organization").first()
