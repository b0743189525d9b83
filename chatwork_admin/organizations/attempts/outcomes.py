"""What became of an attempt, and what to say of it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.proofs.one_time_codes import (
    Resting,
    UsedAlready,
    WrongCode,
)

REFUSED = "attempts_refused_code"
WORDS = {
    UsedAlready.reason: _(
        "This one-time code was used already. Wait for the next one that the app shows."
    ),
    Resting.reason: _(
        "There were too many wrong one-time codes, so for up to an hour none of the app "
        "counts. A recovery code or a security key does instead, and so does SAML "
        "sign-in, if you have it. If it was not you, somebody knows your password: "
        "change it."
    ),
}


def note_refused_code(request: HttpRequest, refused: WrongCode) -> None:
    """Remember why a code was refused that came with the right password."""
    request.META[REFUSED] = refused.reason


def reason(request: HttpRequest) -> str:
    """Return why a code was refused, if there is more to say than that it was wrong."""
    return str(request.META.get(REFUSED, ""))


def words(request: HttpRequest, wrong: str) -> str:
    """Return what to say of an attempt that failed: `wrong`, unless more is known."""
    return str(WORDS.get(reason(request), wrong))


def are_over(request: HttpRequest) -> bool:
    """Say whether this attempt came after the last one for a while: it was not looked at."""
    is_locked = getattr(request, "axes_locked_out", False)
    return is_locked and not has_just_locked(request)


def has_just_locked(request: HttpRequest) -> bool:
    """Say whether the attempt that has just failed was the last for a while."""
    failures = getattr(request, "axes_failures_since_start", None)
    return failures == settings.AXES_FAILURE_LIMIT
