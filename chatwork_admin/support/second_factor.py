"""The second factor of the support staff: the people's own, kept in tables of ours."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import transaction

from chatwork_admin.audit.recording import INSTALLATION, Actor, Target
from chatwork_admin.organizations.proofs import (
    recovery_codes,
    second_factor,
    security_keys,
)
from chatwork_admin.organizations.proofs.holders import Holder, holder_of
from chatwork_admin.support.models import (
    StaffMember,
    StaffRecoveryCode,
    StaffSecondFactor,
    StaffSecurityKey,
)


@holder_of.register
def _(member: StaffMember) -> Holder:
    return Holder(
        INSTALLATION,
        Target("staff", str(member.pk), member.email),
        {"member_id": member.pk},
        StaffSecondFactor,
        StaffRecoveryCode,
        StaffSecurityKey,
    )


def lacks_factor(member: StaffMember) -> bool:
    """Say whether nothing is open to them before they set up a second factor."""
    return settings.REQUIRE_SECOND_FACTOR and not second_factor.is_set_up(member)


@transaction.atomic
def confirm(member: StaffMember, code: str, *, actor: Actor) -> tuple[str, ...]:
    """Take the app into use that shows this code; all sessions end.

    Returns recovery codes, this once. Raises WrongCode.
    """
    second_factor.take_into_use(member, code, actor=actor)
    _end_sessions(member)
    return recovery_codes.issue(member, actor=actor)


@transaction.atomic
def add_key(
    member: StaffMember, answer: security_keys.Answer, name: str, *, actor: Actor
) -> tuple[str, ...]:
    """Take a security key into use; all sessions end. Raises as `security_keys.add`.

    Returns recovery codes, this once, if the member has none yet.
    """
    security_keys.add(member, answer, name, actor=actor)
    _end_sessions(member)
    is_first = recovery_codes.issued_at(member) is None
    return recovery_codes.issue(member, actor=actor) if is_first else ()


@transaction.atomic
def remove_key(member: StaffMember, key_id: uuid.UUID, *, actor: Actor) -> None:
    """Let a key count no more; all sessions end. Raises second_factor.LastFactor."""
    if second_factor.forget_key(member, key_id, actor=actor):
        _end_sessions(member)


@transaction.atomic
def reset(member: StaffMember, *, actor: Actor) -> bool:
    """Forget app, keys and codes and end all sessions; say whether there were any.

    The next sign-in, with the password alone, leads to setting up others.
    """
    was_set_up = second_factor.remove(member, actor=actor)
    _end_sessions(member)
    return was_set_up


def _end_sessions(member: StaffMember) -> None:
    member.session_epoch += 1
    member.save(update_fields=["session_epoch"])
