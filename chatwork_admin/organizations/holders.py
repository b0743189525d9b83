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
from chatwork_admin.organizations.models import RecoveryCode, SecondFactor, User
from chatwork_admin.organizations.models.second_factors import (
    AuthenticatorApp,
    PrintedCode,
)

Person = AbstractBaseUser


@dataclass(frozen=True, slots=True)
class Holder:
    """Where somebody's app and recovery codes are kept, and events about them.

    `whose`: the columns, with their values, that say so in both tables.
    """

    organization_id: uuid.UUID
    target: Target
    whose: Mapping[str, Any]
    apps: type[AuthenticatorApp] = SecondFactor
    codes: type[PrintedCode] = RecoveryCode


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
