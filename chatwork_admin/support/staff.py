"""Who belongs to the support staff."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditSink
from chatwork_admin.audit.recording import INSTALLATION, Actor
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.proofs.holders import record_of
from chatwork_admin.organizations.visible_text import VISIBLE
from chatwork_admin.support.models import StaffMember


class AlreadyThere(Exception):
    """Somebody of the staff has this e-mail address."""


@transaction.atomic
def create_staff_member(
    *, email: str, name: str, role: StaffMember.Role, password: str
) -> StaffMember:
    """Let somebody in. Raises AlreadyThere, and ValidationError for what is no value."""
    member = StaffMember(email=fold(email), name=name, role=role)
    validate_password(password, member)  # type: ignore[arg-type] # the stubs know one kind of user
    member.set_password(password)
    member.clean_fields()
    VISIBLE(name)
    if StaffMember.objects.filter(email=member.email).exists():
        raise AlreadyThere(AlreadyThere.__doc__)
    member.save(force_insert=True)
    AuditSink.objects.get_or_create(
        organization_id=INSTALLATION, kind=AuditSink.Kind.STAFF_MAIL
    )
    return member


@transaction.atomic
def change_password(member: StaffMember, password: str, *, actor: Actor) -> None:
    """Let only the new password count; all sessions end. Raises ValidationError."""
    validate_password(password, member)  # type: ignore[arg-type] # the stubs know one kind of user
    member.set_password(password)
    member.save(update_fields=["password"])
    record_of(member, Action.PASSWORD_CHANGED, actor)
