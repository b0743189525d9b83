"""Ten codes for whoever has lost the app that shows one-time codes.

Each counts once, with the password, instead of a code of the app. They are shown when
they are issued; only keyed hashes are stored.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations import printed_codes
from chatwork_admin.organizations.models import RecoveryCode, User

CODES = 10
LENGTH = 12  # characters of 5 bits


class IssuedMeanwhile(Exception):
    """Another set than the one this page showed is the present one."""


@transaction.atomic
def renew(user: User, *, seen: datetime | None, actor: Actor) -> tuple[str, ...]:
    """Return ten new codes, this once; those issued before are void.

    `seen`: when the present set was issued, as the person saw it, None for no set.
    Raises IssuedMeanwhile when it is another, so that sending a form again voids nothing.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if issued_at(user) != seen:
        raise IssuedMeanwhile(IssuedMeanwhile.__doc__)
    return issue(user, actor=actor)


@transaction.atomic
def issue(user: User, *, actor: Actor) -> tuple[str, ...]:
    """Return ten new codes with a new app; those of the one before are void."""
    codes = tuple(printed_codes.new_code(LENGTH) for _ in range(CODES))
    forget(user)
    now = timezone.now()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            organization=user.organization,
            user=user,
            code_hash=_hash(user, code),
            issued_at=now,
        )
        for code in codes
    )
    _record(Action.RECOVERY_CODES_ISSUED, user, actor, count=CODES)
    return codes


@transaction.atomic
def use_up(user: User, code: str, *, actor: Actor) -> bool:
    """Say whether it is one of the person's codes that nobody has used yet."""
    named = _of(user).filter(code_hash=_hash(user, code), used_at=None)
    if not named.update(used_at=timezone.now()):
        return False
    _record(Action.RECOVERY_CODE_USED, user, actor, codes_left=codes_left(user))
    return True


def codes_left(user: User) -> int:
    return _of(user).filter(used_at=None).count()


def issued_at(user: User) -> datetime | None:
    """Return when the present set was issued."""
    return _of(user).values_list("issued_at", flat=True).first()


def forget(user: User) -> None:
    """Void all codes: they go with the app that they stand in for."""
    _of(user).delete()


def _of(user: User) -> QuerySet[RecoveryCode]:
    return RecoveryCode.objects.filter(organization=user.organization_id, user=user)


def _hash(user: User, code: str) -> str:
    return printed_codes.hash_of(code, purpose=f"recovery {user.pk}")


def _record(action: Action, user: User, actor: Actor, **context: int) -> None:
    record(
        action,
        organization_id=user.organization_id,
        actor=actor,
        target=Target("user", str(user.pk), user.user_name),
        context=context,
    )
