"""When Entra stops trusting a target, and how long it then waits ("Quarantine status")."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# The last one repeats daily; after 28 days the job is switched off.
BACK_OFF_HOURS = (6, 12, 24)
DISABLED_AFTER = timedelta(days=28)


@dataclass(frozen=True)
class QuarantineRules:
    """How many failures it takes; tests set figures they can reach."""

    minimum_failures: int = 5_000
    failure_share: float = 0.4
    absolute_failures: int = 40_000


@dataclass(frozen=True)
class Quarantine:
    """Why and since when the job is in quarantine, and when it may try again."""

    reason: str
    since: datetime
    attempts: int
    next_attempt_at: datetime


def reason_in_figures(tried: int, failed: int, rules: QuarantineRules) -> str:
    """Say why these figures mean quarantine; "" when they do not."""
    if failed >= rules.absolute_failures:
        return f"EncounteredQuarantineException: {failed} operations failed"
    if failed >= rules.minimum_failures and failed > tried * rules.failure_share:
        return f"EncounteredQuarantineException: {failed} of {tried} operations failed"
    return ""


def enter(reason: str, now: datetime, earlier: Quarantine | None) -> Quarantine:
    """Begin a quarantine, or lengthen the one that this attempt did not end."""
    attempts = earlier.attempts + 1 if earlier else 1
    hours = BACK_OFF_HOURS[min(attempts, len(BACK_OFF_HOURS)) - 1]
    return Quarantine(
        reason=reason,
        since=earlier.since if earlier else now,
        attempts=attempts,
        next_attempt_at=now + timedelta(hours=hours),
    )


def refusal(quarantine: Quarantine | None, now: datetime) -> str:
    """Say why the job must not run now; "" when it may."""
    if quarantine is None:
        return ""
    if now - quarantine.since >= DISABLED_AFTER:
        return f"Disabled after 28 days in quarantine: {quarantine.reason}"
    if now < quarantine.next_attempt_at:
        return f"{quarantine.reason} (next attempt {quarantine.next_attempt_at:%Y-%m-%d %H:%M})"
    return ""
