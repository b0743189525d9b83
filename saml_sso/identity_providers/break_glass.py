"""One-time codes for the organization administrator when SAML sign-in fails.

Ten at a time, of 80 random bits each; only a keyed hash is stored. A code is used
together with the password, at the address that goes around SAML.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.proofs import printed_codes
from saml_sso.identity_providers.locks import lock_settings, lock_settings_for
from saml_sso.models import BreakGlassCode, IdentityProvider

CODES = 10
LENGTH = 16  # characters of 5 bits
NEW = (
    Action.SAML_CODES_ISSUED,
    Action.ADMINISTRATOR_TRANSFERRED,
)  # and tried by nobody


class WrongCode(Exception):
    """No such code, or it was used already, or a newer set has made it void."""


class IssuedMeanwhile(Exception):
    """Another set than the one this page showed is the present one."""


@transaction.atomic
def issue(
    organization: Organization, *, seen: datetime | None, actor: Actor
) -> tuple[str, ...]:
    """Return ten new codes, this once; those issued before are void.

    Nobody has tried these: the way around SAML is proven no more. `seen`: when the set
    that the person saw was issued, None for none. Raises IssuedMeanwhile when it is
    another, and administrator_right.NotAllowed.
    """
    provider = lock_settings_for(actor, organization)
    if issued_at(organization) != seen:
        raise IssuedMeanwhile(IssuedMeanwhile.__doc__)
    codes = tuple(printed_codes.new_code(LENGTH) for _ in range(CODES))
    void(organization, provider)
    _store(organization, codes, actor)
    return codes


def void(organization: Organization, provider: IdentityProvider | None) -> int:
    """Void all codes and the proof of them, under the lock; return how many were good."""
    left = codes_left(organization)
    organization.break_glass_codes.all().delete()
    if provider is not None:
        provider.bypass_proven_at = None
        provider.save(update_fields=["bypass_proven_at"])
    return left


@transaction.atomic
def redeem(organization: Organization, code: str, *, user: User, actor: Actor) -> None:
    """Use a code up, and note that the way around SAML works. Raises WrongCode.

    `user` is the administrator whose password was right.
    """
    provider = lock_settings(organization)
    unused = organization.break_glass_codes.filter(used_at=None)
    row = unused.filter(code_hash=_hash(organization, code)).first()
    if row is None:
        raise WrongCode(WrongCode.__doc__)
    row.used_at, row.used_by = timezone.now(), user
    row.used_from = actor.address or None
    row.save(update_fields=["used_at", "used_by", "used_from"])
    _note(organization, provider, user, actor)


@transaction.atomic
def note_bypass(organization: Organization, *, user: User, actor: Actor) -> None:
    """Note that somebody came in around SAML with another second proof than a code."""
    _note(organization, lock_settings(organization), user, actor)


def codes_left(organization: Organization) -> int:
    return organization.break_glass_codes.filter(used_at=None).count()


def issued_at(organization: Organization) -> datetime | None:
    """Return when the present set was issued."""
    present = organization.break_glass_codes.first()
    return present.issued_at if present else None


def proven_at(organization: Organization) -> datetime | None:
    """Return when somebody last came in around SAML, unless what it takes is new since.

    The log remembers it: settings may be removed, and made anew.
    """
    events = AuditEvent.objects.filter(organization_id=organization.pk).order_by("pk")
    uses, renewed = (
        events.filter(action=Action.BYPASS_USED),
        events.filter(action__in=NEW),
    )
    if last_renewed := renewed.last():
        uses = uses.filter(pk__gt=last_renewed.pk)
    last = uses.last()
    return last.occurred_at if last else None


def are_good(organization: Organization, codes: Collection[str]) -> bool:
    """Say whether each of these codes would be accepted now."""
    hashes = {_hash(organization, code) for code in codes}
    unused = organization.break_glass_codes.filter(used_at=None)
    return unused.filter(code_hash__in=hashes).count() == len(codes)


def _store(organization: Organization, codes: Collection[str], actor: Actor) -> None:
    now = timezone.now()
    BreakGlassCode.objects.bulk_create(
        BreakGlassCode(
            organization=organization,
            code_hash=_hash(organization, code),
            issued_at=now,
        )
        for code in codes
    )
    record(
        Action.SAML_CODES_ISSUED,
        organization_id=organization.pk,
        actor=actor,
        target=Target("organization", str(organization.pk), organization.name),
        context={"count": CODES},
    )


def _note(
    organization: Organization,
    provider: IdentityProvider | None,
    user: User,
    actor: Actor,
) -> None:
    """While a password alone does as well, it is a rehearsal."""
    is_rehearsal = provider is None or provider.mode != provider.Mode.REQUIRED
    if provider is not None:
        provider.bypass_proven_at = timezone.now()
        provider.save(update_fields=["bypass_proven_at"])
    record(
        Action.BYPASS_USED,
        organization_id=organization.pk,
        actor=actor,
        target=Target("user", str(user.pk), user.user_name),
        context={"codes_left": codes_left(organization), "rehearsal": is_rehearsal},
    )


def _hash(organization: Organization, code: str) -> str:
    return printed_codes.hash_of(code, purpose=f"break-glass {organization.pk}")
