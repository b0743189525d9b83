"""Whose second factor it is: a person's of an organization, or somebody's of the staff.

Codes are the same for everybody. How they are kept is said here for people, and by
`support` for its staff.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import (
    RecoveryCode,
    SecondFactor,
    SecurityKey,
    User,
)
from chatwork_admin.organizations.models.second_factors import (
    AuthenticatorApp,
    PrintedCode,
    RegisteredKey,
)

Person = AbstractBaseUser


@dataclass(frozen=True, slots=True)
class Holder:
    """Where somebody's app, recovery codes and security keys are kept, and their events.

    `whose`: the columns, with their values, that say so in each table.
    """

    organization_id: uuid.UUID
    target: Target
    whose: Mapping[str, Any]
    apps: type[AuthenticatorApp] = SecondFactor
    codes: type[PrintedCode] = RecoveryCode
    keys: type[RegisteredKey] = SecurityKey


@singledispatch
def holder_of(person: Person) -> Holder:
    raise TypeError(type(person))


@holder_of.register
def _(person: User) -> Holder:
    return Holder(
        person.organization_id,
        Target("user", str(person.pk), person.user_name),
        {"organization_id": person.organization_id, "user_id": person.pk},
    )


def lock(person: Person) -> None:
    """Let nobody else change what the person has, until the transaction ends."""
    people = person.__class__._default_manager  # noqa: SLF001 - behind a lazy one, too
    people.select_for_update(no_key=True).get(pk=person.pk)


def record_of(
    person: Person, action: Action, actor: Actor, **context: str | int
) -> None:
    holder = holder_of(person)
    record(
        action,
        organization_id=holder.organization_id,
        actor=actor,
        target=holder.target,
        context=context,
    )
