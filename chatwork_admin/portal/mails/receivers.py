"""Who gets the mails of an organization, and in which languages each person reads."""

from __future__ import annotations

from django.conf import settings

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User

BOTH = ("ja", "en")


def person_meant(organization: Organization, event: AuditEvent) -> list[User]:
    """Return the active person an event is about, nobody where there is none by now."""
    present = organization.users.present().filter(is_active=True)
    return list(present.filter(pk=event.target["id"]))


def receivers(organization: Organization, *, user_managers: bool) -> list[User]:
    """Return the organization administrator, and the active user managers if wanted.

    They are written to at their login e-mail: provisioning cannot change that of the
    administrator, and so cannot lead alarms astray.
    """
    roles = [User.Role.ADMINISTRATOR]
    if user_managers:
        roles.append(User.Role.USER_MANAGER)
    present = organization.users.present().filter(is_active=True, role__in=roles)
    return list(present.order_by("role", "id"))


def languages_of(person: User) -> tuple[str, ...]:
    """Return the language that Entra ID says the person prefers, or both of ours.

    RFC 7643 §4.1.1: preferredLanguage has the form of Accept-Language, as in "ja-JP".
    """
    preferred = person.document.get("preferredLanguage", "")
    first = str(preferred).partition(",")[0].partition(";")[0]
    language = first.partition("-")[0].strip().lower()
    return (language,) if language in dict(settings.LANGUAGES) else BOTH
