"""The right of user managers: the organization administrator gives it, and nobody else.

Whom provisioning names anew may be somebody else by now: it takes the right, and gives none.
"""

from __future__ import annotations

import uuid

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.events import record_of
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import ending


class Loss(models.TextChoices):
    """By what provisioning took the right: whoever it is now, nobody has said."""

    RENAMED = "renamed", _("Another login e-mail, by provisioning")
    ANEW = "created-anew", _("Created anew after a deletion, by provisioning")


class NotAppointable(Exception):
    """Only who is here and not suspended becomes a user manager."""


@transaction.atomic
def appoint(organization: Organization, user_id: uuid.UUID, *, actor: Actor) -> None:
    """Make a member a user manager; whoever administers already stays as they are.

    Raises administrator_right.NotAllowed, NotAppointable.
    """
    administrator_right.hold(organization, actor)
    people = organization.users.present().filter(is_active=True)
    person = people.select_for_update(no_key=True).filter(pk=user_id).first()
    if person is None:
        raise NotAppointable(NotAppointable.__doc__)
    if person.administers:
        return
    person.role = User.Role.USER_MANAGER
    person.save(update_fields=["role"])
    record_of(person, Action.USER_MANAGER_APPOINTED, actor)


@transaction.atomic
def take_back(organization: Organization, user_id: uuid.UUID, *, actor: Actor) -> None:
    """Make a member of a user manager, and end their sessions; of nobody else.

    Raises administrator_right.NotAllowed.
    """
    administrator_right.hold(organization, actor)
    managers = organization.users.filter(role=User.Role.USER_MANAGER)
    person = managers.select_for_update(no_key=True).filter(pk=user_id).first()
    if person is None:
        return
    person.role = User.Role.MEMBER
    person.save(update_fields=["role"])
    record_of(person, Action.USER_MANAGER_DISMISSED, actor)
    ending.end_sessions_of(person, why=Why.ADMINISTRATOR, actor=actor)


def dismiss(person: User, *, why: Loss, actor: Actor) -> None:
    """Make a member of a user manager whom the caller has locked, and writes."""
    if person.role != User.Role.USER_MANAGER:
        return
    person.role = User.Role.MEMBER
    record_dismissal(person, why=why, actor=actor)


def record_dismissal(person: User, *, why: Loss, actor: Actor) -> None:
    record_of(person, Action.USER_MANAGER_DISMISSED, actor, why=why.value)
