"""Off, optional, required: who signs in by SAML.

What stands in the way is one question, `blockers`, asked twice: before the click, to
show it, and under lock, to decide. No value of the settings is lost by a change of mode.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import IntegrityError, transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, record
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.sessions import by_saml
from saml_sso.identity_providers import break_glass
from saml_sso.identity_providers.configuration import StillNeeded, target_of
from saml_sso.identity_providers.locks import lock_configured_for
from saml_sso.identity_providers.ways_in import (
    around_saml,
    has_signed_in,
    has_valid_certificate,
)
from saml_sso.models import IdentityProvider

Mode = IdentityProvider.Mode


class Blocker(StrEnum):
    """Why a mode cannot be chosen yet, in the order an administrator clears them."""

    NO_WAY_AROUND = "no-way-around"
    CERTIFICATE_NOT_VALID = "certificate-not-valid"
    NOT_TESTED = "not-tested"
    NOT_OPTIONAL = "not-optional"
    NEVER_SIGNED_IN = "never-signed-in"
    NO_CODES = "no-codes"
    BYPASS_NOT_PROVEN = "bypass-not-proven"


class NotReady(Exception):
    """The mode stays as it is; `blockers` says why."""

    def __init__(self, blockers: list[Blocker]) -> None:
        super().__init__(", ".join(blockers))
        self.blockers = blockers


def blockers(
    provider: IdentityProvider, mode: Mode, *, administrator: User
) -> list[Blocker]:
    """Return what must be done before `mode` may be chosen; nothing when it may.

    Less may always be asked of people than now, whatever has become of the settings,
    unless the administrator could not get in afterwards.
    """
    if _is_less(mode, provider.mode):
        is_left = mode != Mode.OFF or around_saml(provider.organization, mode)
        return [] if is_left else [Blocker.NO_WAY_AROUND]
    found = _optional_blockers(provider)
    if mode == Mode.REQUIRED:
        found |= _required_blockers(provider, administrator)
    return [blocker for blocker, is_found in found.items() if is_found]


@transaction.atomic
def switch(
    organization: Organization, mode: Mode, *, administrator: User, actor: Actor
) -> None:
    """Choose who signs in by SAML. The present mode again changes and records nothing.

    Raises administrator_right.NotAllowed, locks.NotConfigured, NotReady, and StillNeeded
    when SAML is to be switched off while user synchronization is on.
    """
    provider = lock_configured_for(actor, organization)
    before = provider.mode
    if before == mode:
        return
    if found := blockers(provider, mode, administrator=administrator):
        raise NotReady(found)
    _move(provider, mode)
    if mode == Mode.OFF:  # whoever came in by it has to prove who they are anew
        by_saml.end_all(organization, but_of=administrator, actor=actor)
    record(
        Action.SAML_MODE_CHANGED,
        organization_id=organization.pk,
        actor=actor,
        target=target_of(provider),
        changes=[{"attribute": "mode", "before": before, "after": mode.value}],
    )


def _is_less(mode: Mode, present: str) -> bool:
    strength = [Mode.OFF, Mode.OPTIONAL, Mode.REQUIRED]
    return strength.index(mode) <= strength.index(Mode(present))


def _optional_blockers(provider: IdentityProvider) -> dict[Blocker, bool]:
    return {
        Blocker.CERTIFICATE_NOT_VALID: not has_valid_certificate(provider),
        Blocker.NOT_TESTED: not provider.is_tested,
    }


def _required_blockers(
    provider: IdentityProvider, administrator: User
) -> dict[Blocker, bool]:
    return {
        Blocker.NOT_OPTIONAL: not provider.is_on,
        Blocker.NEVER_SIGNED_IN: not has_signed_in(provider, administrator),
        Blocker.NO_CODES: not break_glass.codes_left(provider.organization),
        Blocker.BYPASS_NOT_PROVEN: provider.bypass_proven_at is None,
    }


def _move(provider: IdentityProvider, mode: Mode) -> None:
    provider.mode = mode
    try:
        with transaction.atomic():
            provider.save(update_fields=["mode"])
    except (
        IntegrityError
    ) as error:  # an open gate needs it on, and the database says so
        raise StillNeeded(StillNeeded.__doc__) from error
