"""When may a provisioning client write to an organization?

Off, on, or paused; `blockers` is what keeps it shut.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, record
from chatwork_admin.organizations.founding import target_of
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import consent
from chatwork_admin.synchronization.blockers import Blocker, blockers
from chatwork_admin.synchronization.models import UserSynchronization
from chatwork_admin.synchronization.notices import KEYS
from saml_sso.models import IdentityProvider

State = UserSynchronization.State


class NotReady(Exception):
    """The gate stays shut; `blockers` says why, `missing` which notes are unread."""

    def __init__(self, blockers: list[Blocker], missing: list[str]) -> None:
        super().__init__(", ".join(blockers))
        self.blockers = blockers
        self.missing = missing


class NotAllowed(Exception):
    """Only the organization administrator may do this."""


class WrongState(Exception):
    """Somebody else has changed the state meanwhile; reload and look."""


def synchronization_of(organization: Organization) -> UserSynchronization:
    """Return the stored state, or an unsaved "off" where nothing was ever enabled."""
    stored = UserSynchronization.objects.filter(organization=organization).first()
    return stored or UserSynchronization(organization=organization)


def hold(organization: Organization) -> UserSynchronization:
    """Return the state, and let nobody change it before the transaction ends."""
    stored = UserSynchronization.objects.select_for_update(no_key=True)
    found = stored.filter(organization=organization).first()
    return found or UserSynchronization(organization=organization)


@transaction.atomic
def enable(
    organization: Organization,
    *,
    administrator: User,
    acceptance: consent.Acceptance,
    actor: Actor,
) -> None:
    """Open the gate. Opening an open gate changes nothing and records nothing.

    Raises NotReady with everything that is missing, WrongState when it is paused.
    """
    synchronization = _locked(organization)
    if synchronization.state == State.ON:
        return
    if synchronization.state == State.PAUSED:
        raise WrongState(State.PAUSED)
    provider = _locked_identity_provider(organization)
    administrator = organization.users.get(pk=administrator.pk)
    _require_readiness(organization, administrator, acceptance)
    consent.store(organization, administrator, acceptance, actor)
    _open(synchronization, provider, administrator)
    _record(
        Action.SYNC_ENABLED,
        organization,
        actor,
        accepted=sorted(acceptance.keys),
        emergency_access=_emergency_access(provider),
    )


@transaction.atomic
def disable(
    organization: Organization, *, administrator: User, actor: Actor, reason: str = ""
) -> None:
    """Shut the gate; every access token issued so far ends with it.

    Users stay as they are and remain linked; SAML stays. Raises NotAllowed.
    """
    synchronization = _locked(organization)
    _require_administrator(organization, administrator)
    if synchronization.state == State.OFF:
        return
    _move(
        synchronization,
        State.OFF,
        identity_provider=None,
        disabled_at=timezone.now(),
        paused_at=None,
        paused_by="",
        pause_reason="",
    )
    _record(Action.SYNC_DISABLED, organization, actor, reason=reason)


@transaction.atomic
def pause(organization: Organization, *, actor: Actor, reason: str) -> None:
    """Answer provisioning clients "later" (503) until `resume`; nothing is lost.

    By the organization administrator or by support. Raises WrongState when it is off.
    """
    synchronization = _locked(organization)
    if synchronization.state == State.PAUSED:
        return
    if synchronization.state == State.OFF:
        raise WrongState(State.OFF)
    _move(
        synchronization,
        State.PAUSED,
        paused_at=timezone.now(),
        paused_by=actor.label,
        pause_reason=reason,
    )
    _record(Action.SYNC_PAUSED, organization, actor, reason=reason)


@transaction.atomic
def resume(organization: Organization, *, actor: Actor, reason: str = "") -> None:
    """Let provisioning clients in again. Raises WrongState when it is off."""
    synchronization = _locked(organization)
    if synchronization.state == State.ON:
        return
    if synchronization.state == State.OFF:
        raise WrongState(State.OFF)
    _move(synchronization, State.ON, paused_at=None, paused_by="", pause_reason="")
    _record(Action.SYNC_RESUMED, organization, actor, reason=reason)


@transaction.atomic
def confirm_notices(
    organization: Organization,
    *,
    administrator: User,
    acceptance: consent.Acceptance,
    actor: Actor,
) -> None:
    """Store that newer words of the notes were read, while the gate is open."""
    _locked(organization)
    _require_administrator(organization, administrator)
    if missing := consent.missing_notices(acceptance.keys):
        raise NotReady([Blocker.NOTICES_NOT_CONFIRMED], missing)
    if consent.confirmed_notices(organization) == KEYS:
        return
    consent.store(organization, administrator, acceptance, actor)
    _record(Action.SYNC_NOTES_CONFIRMED, organization, actor)


def _require_readiness(
    organization: Organization, administrator: User, acceptance: consent.Acceptance
) -> None:
    """Ask with the plan of now, not of when the request began."""
    present = Organization.objects.get(pk=organization.pk)
    if found := blockers(present, administrator=administrator, acceptance=acceptance):
        raise NotReady(found, consent.missing_notices(acceptance.keys))


def _emergency_access(provider: IdentityProvider | None) -> str:
    is_proven = provider is not None and provider.bypass_proven_at is not None
    return "proven" if is_proven else "waived"


def _open(
    synchronization: UserSynchronization,
    provider: IdentityProvider | None,
    administrator: User,
) -> None:
    _move(
        synchronization,
        State.ON,
        identity_provider=provider,
        enabled_at=timezone.now(),
        enabled_by=administrator.display_name or administrator.user_name,
        first_contact_at=None,
        last_contact_at=None,
        test_seen_at=None,
    )


def _locked(organization: Organization) -> UserSynchronization:
    synchronizations = UserSynchronization.objects.select_for_update()
    synchronization, _ = synchronizations.get_or_create(organization=organization)
    return synchronization


def _locked_identity_provider(organization: Organization) -> IdentityProvider | None:
    # Whoever removes it takes the same lock: either they see our gate, or we see none.
    providers = IdentityProvider.objects.select_for_update()
    return providers.filter(organization=organization).first()


def _require_administrator(organization: Organization, person: User) -> None:
    present = organization.users.present()
    if not present.filter(pk=person.pk, role=User.Role.ADMINISTRATOR).exists():
        raise NotAllowed(NotAllowed.__doc__)


def _move(
    synchronization: UserSynchronization,
    state: State,
    **fields: datetime | str | IdentityProvider | None,
) -> None:
    synchronization.state = state
    synchronization.changed_at = timezone.now()
    for name, value in fields.items():
        setattr(synchronization, name, value)
    synchronization.save()


def _record(
    action: Action, organization: Organization, actor: Actor, **context: str | list[str]
) -> None:
    record(
        action,
        organization_id=organization.pk,
        actor=actor,
        target=target_of(organization),
        context=context,
    )
