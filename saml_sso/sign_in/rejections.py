"""Remember whom SAML kept out and why; the assertion itself is kept nowhere."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import DatabaseError, transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.database.statements import fetch
from chatwork_admin.organizations.founding import target_of
from chatwork_admin.organizations.models import Organization, User
from saml_sso.messages.response_reasons import InvalidResponse, Named
from saml_sso.models import RejectionCount, TrustedCertificate
from saml_sso.sign_in import rate
from saml_sso.sign_in.login_reasons import LoginReason, LoginRejected

logger = logging.getLogger(__name__)

MOST_SIGNED, MOST_OF_STRANGERS = 100, 10  # an hour
KEPT = timedelta(hours=48)
LONGEST_NAME = 256
Rejection = InvalidResponse | LoginRejected


def note(
    organization: Organization,
    rejection: Rejection,
    *,
    actor: Actor,
    action: Action = Action.SIGN_IN_FAILED,
) -> None:
    """Count and record it, after the roll-back of what was refused.

    Anybody may post anything, and may not fill the log by that: of each reason, so many
    an hour are recorded, and the rest is counted. Of what the identity provider signed
    there are more: each reference may be asked for. Raises rate.TooManyRequests for too
    much from one address of what it did not, and never fails otherwise.
    """
    most = MOST_SIGNED if _is_signed(rejection) else MOST_OF_STRANGERS
    try:
        if most == MOST_OF_STRANGERS:
            rate.admit(organization, actor.address, rate.REFUSED)
        with transaction.atomic():
            count = _count(organization, rejection.reason.value)
            if count <= most:
                event, is_last = ACTIONS.get(rejection.reason, action), count == most
                _record(event, organization, rejection, actor, is_last=is_last)
    except DatabaseError:
        logger.warning("rejection not recorded", extra={"code": rejection.reason.value})


def _is_signed(rejection: Rejection) -> bool:
    return rejection.named is not None or _person_of(rejection) is not None


def _person_of(rejection: Rejection) -> User | None:
    return rejection.user if isinstance(rejection, LoginRejected) else None


def forget_old_counts() -> int:
    """Delete the counts that nobody asks for any more; return how many."""
    before = timezone.now() - KEPT
    deleted, _ = RejectionCount.objects.filter(hour__lt=before).delete()
    return deleted


def _count(organization: Organization, reason: str) -> int:
    counted = fetch(COUNT_ONE_MORE, [organization.pk, _this_hour(), reason])
    return int(counted[0]) if counted else 0


def _this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


def _record(
    action: Action,
    organization: Organization,
    rejection: Rejection,
    actor: Actor,
    *,
    is_last: bool,
) -> None:
    named = rejection.named or Named("", "", "")
    said = {
        "channel": "saml",
        "code": rejection.reason.value,
        "hint": rejection.detail,
        "name": named.name_id[:LONGEST_NAME],
        "object_id": named.object_id[:LONGEST_NAME],
        "certificate": _thumbprint(organization, named.certificate_sha256),
        "more": "counted, but not recorded in this hour" if is_last else "",
    }
    record(
        action,
        organization_id=organization.pk,
        actor=actor,
        target=_target(organization, _person_of(rejection)),
        context={name: value for name, value in said.items() if value},
    )


def _target(organization: Organization, user: User | None) -> Target:
    if user is None:
        return target_of(organization)
    return Target("user", str(user.pk), user.user_name)


def _thumbprint(organization: Organization, sha256: str) -> str:
    """Return the thumbprint as Entra shows it."""
    trusted = TrustedCertificate.objects.filter(
        organization=organization, sha256=sha256
    )
    return trusted.values_list("sha1", flat=True).first() or "" if sha256 else ""


# Not just a sign-in that failed: somebody may have got another person's address.
ACTIONS: dict[StrEnum, Action] = {
    LoginReason.IDENTITY_CONFLICT: Action.IDENTITY_CONFLICT,
    LoginReason.EXTERNAL_ID_CONFLICT: Action.IDENTITY_CONFLICT,
}
COUNT_ONE_MORE = """
    INSERT INTO saml_sso_rejectioncount AS counted (organization_id, hour, reason, count)
    VALUES (%s, %s, %s, 1)
    ON CONFLICT (organization_id, hour, reason) DO UPDATE SET count = counted.count + 1
    RETURNING count
"""
