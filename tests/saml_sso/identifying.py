"""People with names and ids, and as whom a browser is signed in."""

from __future__ import annotations

from typing import Any

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.synchronization import provisioning
from tests.saml_sso.signing_in import (
    Visitor,
    refused_because,
    written,
)

OID = "0f3c6a1e-2b4d-4c5e-8f60-718293a4b5c6"
OTHER_OID = "9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d"


def person(organization: Organization, user_name: str, external_id: str = "") -> User:
    document = {"userName": user_name, "externalId": external_id, "active": True}
    return provisioning.provision_user(organization, document, actor=SYSTEM)


def rename(user: User, user_name: str) -> None:
    provisioning.change_user(
        user.organization,
        user.pk,
        lambda document: document | {"userName": user_name},
        actor=SYSTEM,
    )
    user.refresh_from_db()


def give_external_id(user: User, external_id: str) -> None:
    provisioning.change_user(
        user.organization,
        user.pk,
        lambda document: document | {"externalId": external_id},
        actor=SYSTEM,
    )


def signed_in_as() -> list[User]:
    sessions = UserSession.objects.select_related("user").order_by("started_at")
    return [session.user for session in sessions]


def refused(visitor: Visitor, who: User, **changes: Any) -> str:
    """Be refused; nothing may be written but why. Return the reason."""
    asked = visitor.start()
    before = written()
    response = visitor.answer(asked, who, **changes)
    assert response.status_code == 403
    assert written() == before
    assert not visitor.is_signed_in
    return refused_because()[-1]


def tenant(visitor: Visitor) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return claims without an object id."""
    name = "http://schemas.microsoft.com/identity/claims/tenantid"
    return ((name, (visitor.entra.signer.tenant_id,)),)
