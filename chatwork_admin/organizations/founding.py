"""How an organization comes to be."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, open_sinks, record
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.visible_text import VISIBLE


@dataclass(frozen=True, slots=True)
class Founding:
    """What the contract says, and who will administer."""

    name: str
    slug: str
    plan: Organization.Plan
    licences: int
    administrator_email: str
    administrator_name: str
    administrator_password: str


@transaction.atomic
def found(founding: Founding, *, actor: Actor) -> Organization:
    """Create the organization with its administrator and its audit log.

    Raises ValidationError for an impossible value, IntegrityError for a taken slug or
    login e-mail.
    """
    organization = Organization(
        name=founding.name,
        slug=founding.slug.lower(),
        plan=founding.plan,
        licences=founding.licences,
    )
    organization.full_clean(validate_unique=False)
    for name in (founding.name, founding.administrator_name):
        VISIBLE(name)
    organization.save()
    open_sinks(organization.pk)
    _administrator_of(organization, founding).save()
    record(
        Action.ORGANIZATION_FOUNDED,
        organization_id=organization.pk,
        actor=actor,
        target=target_of(organization),
    )
    return organization


def _administrator_of(organization: Organization, founding: Founding) -> User:
    email, name = founding.administrator_email, founding.administrator_name
    administrator = User(
        organization=organization,
        role=User.Role.ADMINISTRATOR,
        user_name=email,
        user_name_key=fold(email),
        display_name=name,
        display_name_key=fold(name),
        document={"userName": email, "active": True, "displayName": name},
    )
    administrator.set_password(founding.administrator_password)
    return administrator


def target_of(organization: Organization) -> Target:
    return Target("organization", str(organization.pk), organization.name)
