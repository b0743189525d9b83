"""Who confirmed which words of the notes, in which language, when and from where."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.models import NoticeAcceptance
from chatwork_admin.synchronization.notices import NOTICES


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Which notes a person confirmed, and the language they were read in.

    `waives_emergency_access`: they go without having tried it out.
    """

    keys: frozenset[str]
    language: str
    waives_emergency_access: bool = False


def missing_notices(accepted: Collection[str]) -> list[str]:
    """Return the keys not accepted, in the order of the page."""
    return [notice.key for notice in NOTICES if notice.key not in accepted]


def confirmed_notices(organization: Organization) -> set[str]:
    """Return the keys of the notes confirmed in their present words."""
    stored = organization.notice_acceptances.values_list("key", "text_version")
    present = {(notice.key, notice.version) for notice in NOTICES}
    return {key for key, version in stored if (key, version) in present}


def store(
    organization: Organization, person: User, acceptance: Acceptance, actor: Actor
) -> None:
    """Keep one row for each note; rows are never changed."""
    NoticeAcceptance.objects.bulk_create(
        NoticeAcceptance(
            organization=organization,
            key=notice.key,
            text_version=notice.version,
            language=acceptance.language,
            accepted_by=person,
            accepted_by_name=person.display_name or person.user_name,
            address=actor.address or None,
        )
        for notice in NOTICES
    )
