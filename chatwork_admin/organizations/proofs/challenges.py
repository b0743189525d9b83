"""What a security key is to sign: random, for one browser, once, for five minutes.

The browser keeps it in a cookie that we have signed, so nothing is stored for whoever
asks, who may be anybody. What has counted is stored, so that it counts no more.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chatwork_admin.database.statements import insert
from chatwork_admin.organizations.models import UsedChallenge

SIZE = 32  # bytes
LIFETIME = timedelta(minutes=5)


class Purpose(StrEnum):
    REGISTER = "register"
    PROVE = "prove"


def ask(purpose: Purpose, options: Callable[[bytes], str]) -> HttpResponse:
    """Return what a browser is to ask a key, with a new challenge; it forgets the one before.

    `options` makes JSON of the challenge.
    """
    challenge = secrets.token_bytes(SIZE)
    response = HttpResponse(options(challenge), content_type="application/json")
    response.set_signed_cookie(
        _cookie(purpose),
        challenge.hex(),
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def brought(request: HttpRequest, purpose: Purpose) -> bytes:
    """Return the browser's challenge. Without one it returns what nobody has signed."""
    seconds = int(LIFETIME.total_seconds())
    kept = request.get_signed_cookie(_cookie(purpose), default="", max_age=seconds)
    return bytes.fromhex(kept) if kept else secrets.token_bytes(SIZE)


def use_up(challenge: bytes) -> bool:
    """Let a challenge count that was signed; say whether it has not counted before."""
    digest = hashlib.sha256(challenge).hexdigest()
    row = UsedChallenge(digest=digest, expires_at=timezone.now() + LIFETIME)
    return insert(row, conflict="(digest)")


def forget_expired() -> int:
    """Delete what no cookie brings any more; return how many."""
    count, _ = UsedChallenge.objects.filter(expires_at__lt=timezone.now()).delete()
    return count


def _cookie(purpose: Purpose) -> str:
    """Return its name, which is signed with it: no challenge serves another purpose."""
    return f"{settings.COOKIE_PREFIX}challenge-{purpose}"
