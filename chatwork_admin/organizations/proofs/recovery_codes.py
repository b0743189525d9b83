"""Ten codes for whoever has lost the app that shows one-time codes.

Each counts once, with the password, instead of a code of the app. They are shown when
they are issued; only keyed hashes are stored.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations.models.second_factors import PrintedCode
from chatwork_admin.organizations.proofs import printed_codes
from chatwork_admin.organizations.proofs.holders import (
    Person,
    holder_of,
    lock,
    record_of,
)

CODES = 10
LENGTH = 12  # characters of 5 bits


class IssuedMeanwhile(Exception):
    """Another set than the one this page showed is the present one."""


@transaction.atomic
def renew(person: Person, *, seen: datetime | None, actor: Actor) -> tuple[str, ...]:
    """Return ten new codes, this once; those issued before are void.

    `seen`: when the present set was issued, as the person saw it, None for no set.
    Raises IssuedMeanwhile when it is another, so that sending a form again voids nothing.
    """
    lock(person)
    if issued_at(person) != seen:
        raise IssuedMeanwhile(IssuedMeanwhile.__doc__)
    return issue(person, actor=actor)


@transaction.atomic
def issue(person: Person, *, actor: Actor) -> tuple[str, ...]:
    """Return ten new codes with a new app; those of the one before are void."""
    codes = tuple(printed_codes.new_code(LENGTH) for _ in range(CODES))
    forget(person)
    now, holder = timezone.now(), holder_of(person)
    holder.codes.objects.bulk_create(
        holder.codes(code_hash=_hash(person, code), issued_at=now, **holder.whose)
        for code in codes
    )
    record_of(person, Action.RECOVERY_CODES_ISSUED, actor, count=CODES)
    return codes


@transaction.atomic
def use_up(person: Person, code: str, *, actor: Actor) -> bool:
    """Say whether it is one of the person's codes that nobody has used yet."""
    named = _of(person).filter(code_hash=_hash(person, code), used_at=None)
    if not named.update(used_at=timezone.now()):
        return False
    left = codes_left(person)
    record_of(person, Action.RECOVERY_CODE_USED, actor, codes_left=left)
    return True


def are_good(person: Person, codes: Collection[str]) -> bool:
    """Say whether these are codes of the person's that nobody has used yet."""
    hashes = {_hash(person, code) for code in codes}
    unused = _of(person).filter(used_at=None, code_hash__in=hashes)
    return 0 < len(hashes) == unused.count()


def codes_left(person: Person) -> int:
    return _of(person).filter(used_at=None).count()


def issued_at(person: Person) -> datetime | None:
    """Return when the present set was issued."""
    return _of(person).values_list("issued_at", flat=True).first()


def forget(person: Person) -> None:
    """Void all codes: they go with the app that they stand in for."""
    _of(person).delete()


def _of(person: Person) -> QuerySet[PrintedCode]:
    holder = holder_of(person)
    return holder.codes.objects.filter(**holder.whose)


def _hash(person: Person, code: str) -> str:
    return printed_codes.hash_of(code, purpose=f"recovery {person.pk}")
