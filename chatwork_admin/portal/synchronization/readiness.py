"""What the User Synchronization page shows before the click: what is done, what is not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.access import only_the_administrator
from chatwork_admin.portal.time_left import days_left, time_left
from chatwork_admin.synchronization.blockers import Blocker, is_tested
from chatwork_admin.synchronization.consent import missing_notices
from chatwork_admin.synchronization.notices import KEYS, NOTICES
from saml_sso.identity_providers.ways_in import valid_certificate
from saml_sso.models import IdentityProvider

EXPIRY_WARNING_DAYS = 30
MISSING = {
    Blocker.NOT_IN_PLAN: _(
        "User synchronization is part of the Enterprise and KDDI plans."
    ),
    Blocker.SAML_MISSING: _(
        "Complete the SAML login settings before enabling user synchronization."
    ),
    Blocker.SAML_NOT_TESTED: _(
        "Test the SAML sign-in. The test must pass with the settings as they are "
        "now, and be one of whoever administers now."
    ),
    Blocker.SAML_OFF: _("Switch SAML sign-in on before enabling user synchronization."),
    Blocker.EMERGENCY_ACCESS_NOT_PROVEN: _(
        "Try emergency access out, or tick that you go without."
    ),
    Blocker.CERTIFICATE_NOT_VALID: _(
        "No certificate of the SAML settings is valid today. Take the current one "
        "from Entra ID."
    ),
}


@dataclass(frozen=True, slots=True)
class NoteCard:
    number: int
    key: str
    text: str
    is_accepted: bool
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checks list; `kind` is ok, warn, bad, or notes: see the boxes."""

    kind: str
    label: str
    finding: str


@dataclass(frozen=True, slots=True)
class Licences:
    total: int
    used: int
    suspended: int
    waiting: int

    @property
    def left(self) -> int:
        return max(self.total - self.used, 0)

    @property
    def without_suspended(self) -> int:
        return self.used - self.suspended

    @property
    def in_use(self) -> int:
        return self.without_suspended - self.waiting


def note_cards(
    accepted: Collection[str], changed: Collection[str] = ()
) -> list[NoteCard]:
    """Return the notes in the reader's language; `changed` names the newer words."""
    language = get_language() or "en"
    return [
        NoteCard(
            number,
            note.key,
            note.text(language),
            is_accepted=note.key in accepted,
            is_changed=note.key in changed,
        )
        for number, note in enumerate(NOTICES, start=1)
    ]


def licences_of(organization: Organization) -> Licences:
    present, active, _, entered = organization.user_count()
    return Licences(
        total=organization.licences,
        used=present,
        suspended=present - active,
        waiting=active - entered,
    )


def checks(
    organization: Organization,
    person: User,
    provider: IdentityProvider | None,
    accepted: Collection[str],
) -> list[Check]:
    return [
        _plan(organization),
        _role(person),
        _notes(accepted),
        _saml(provider),
        _certificate(provider),
        _tested(provider),
        _emergency(provider),
        _licences_left(licences_of(organization)),
    ]


def sentences(
    organization: Organization, blockers: list[Blocker], missing: list[str]
) -> list[str]:
    """Say what is missing, in the order an administrator clears it."""
    numbers = [str(n) for n, note in enumerate(NOTICES, start=1) if note.key in missing]
    named = {
        Blocker.NOT_ADMINISTRATOR: only_the_administrator(organization),
        Blocker.NOTICES_NOT_CONFIRMED: _unconfirmed(numbers),
    }
    return [named.get(blocker) or str(MISSING[blocker]) for blocker in blockers]


def _unconfirmed(numbers: list[str]) -> str:
    if len(numbers) == 1:
        return gettext("Confirm all notes: %(number)s is not confirmed yet.") % {
            "number": numbers[0]
        }
    *first, last = numbers or [""]
    listed = gettext(", ").join(first)
    return gettext(
        "Confirm all notes: %(first)s and %(last)s are not confirmed yet."
    ) % {
        "first": listed,
        "last": last,
    }


def _plan(organization: Organization) -> Check:
    kind = "ok" if organization.plan_includes_synchronization else "bad"
    return Check(kind, gettext("Plan"), str(organization.get_plan_display()))


def _role(person: User) -> Check:
    kind = "ok" if person.is_administrator else "bad"
    return Check(kind, gettext("Your right"), str(person.get_role_display()))


def _notes(accepted: Collection[str]) -> Check:
    left = len(missing_notices(accepted))
    finding = f"{len(KEYS) - left} / {len(KEYS)}"
    return Check("notes", gettext("Notes"), finding)


def _saml(provider: IdentityProvider | None) -> Check:
    if provider is None:
        return Check("bad", gettext("SAML login"), gettext("Not set up yet"))
    if not provider.is_on:
        return Check("bad", gettext("SAML login"), gettext("Off"))
    return Check("ok", gettext("SAML login"), str(provider.get_mode_display()))


def _tested(provider: IdentityProvider | None) -> Check:
    label = gettext("SAML test")
    if provider is not None and is_tested(provider) and provider.tested_at:
        day = date_format(timezone.localtime(provider.tested_at), "SHORT_DATE_FORMAT")
        return Check("ok", label, gettext("Passed on %(day)s") % {"day": day})
    kind = "bad" if settings.SYNC_REQUIRE_SAML_TEST else "warn"
    if provider is not None and provider.is_tested:
        return Check(kind, label, gettext("Passed for a former administrator only"))
    return Check(kind, label, gettext("Not passed yet"))


def _certificate(provider: IdentityProvider | None) -> Check:
    label = gettext("Certificate")
    certificate = valid_certificate(provider)
    if certificate is None:
        return Check("bad", label, gettext("None is valid today"))
    is_soon = days_left(certificate.not_after) <= EXPIRY_WARNING_DAYS
    return Check("warn" if is_soon else "ok", label, time_left(certificate.not_after))


def _emergency(provider: IdentityProvider | None) -> Check:
    label = gettext("Emergency access")
    if provider is None or provider.bypass_proven_at is None:
        return Check("warn", label, gettext("Not tried out yet"))
    day = timezone.localtime(provider.bypass_proven_at)
    return Check("ok", label, f"{day:%Y-%m-%d}")


def _licences_left(licences: Licences) -> Check:
    kind = "ok" if licences.left else "warn"
    finding = gettext("%(left)d of %(total)d left") % {
        "left": licences.left,
        "total": licences.total,
    }
    return Check(kind, gettext("Licences"), finding)
