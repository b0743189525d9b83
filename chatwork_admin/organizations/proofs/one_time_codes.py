"""One-time codes of an app: TOTP of RFC 6238, as every such app knows it.

SHA-1, six digits, thirty seconds. A code of the step before or after the present one
counts too; none counts twice. `second_factor` says whose app it is.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chatwork_admin.encryption import decrypt, encrypt
from chatwork_admin.organizations.models.second_factors import AuthenticatorApp

SECRET_BYTES = 20  # as RFC 4226 recommends
DIGITS, PERIOD = 6, 30
ISSUER = "Chatwork Admin"


@dataclass(frozen=True, slots=True)
class Pending:
    """What an app is set up with: a key to type, or the same as an address to scan."""

    key: str
    address: str

    @property
    def picture(self) -> str:
        """The address as a QR code, dark on light whatever the theme: cameras want it so."""
        code = segno.make(self.address, error="m")
        drawn: str = code.svg_data_uri(scale=5, light="white")
        return drawn


class WrongCode(Exception):
    """Not a code that the app shows now."""

    reason = ""


class UsedAlready(WrongCode):
    """It was right, and was used before: the app's next one counts."""

    reason = "code-used"


class Resting(WrongCode):
    """Too many were wrong lately: for a while none of the app's counts."""

    reason = "codes-rest"


def new_secret() -> str:
    """Return a secret for an app to be set up with, encrypted as all of them."""
    return encrypt(secrets.token_bytes(SECRET_BYTES).hex())


def pending(secret: str, label: str) -> Pending:
    """Return what an app is to be set up with that will have this secret."""
    key = base64.b32encode(_bytes(secret)).decode()
    return Pending(key, _totp(secret).get_provisioning_uri(label, ISSUER))


def is_one(typed: str) -> bool:
    """Say whether it may be a code of an app at all; recovery codes are longer."""
    code = _characters(typed)
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def use(app: AuthenticatorApp, secret: str, typed: str) -> None:
    """Note the step whose code this is. Raises WrongCode."""
    totp, code = _totp(secret), _characters(typed)
    present = int(timezone.now().timestamp()) // PERIOD
    known = {
        step
        for step in (present - 1, present, present + 1)
        if constant_time_compare(totp.generate(step * PERIOD).decode(), code)
    }
    if not known:
        raise WrongCode(WrongCode.__doc__)
    unused = [step for step in sorted(known) if step > app.last_step]
    if not unused:
        raise UsedAlready(UsedAlready.__doc__)
    app.last_step = unused[0]


def _characters(typed: str) -> str:
    """Apps show a code in two groups."""
    return typed.replace(" ", "")


def _totp(secret: str) -> TOTP:
    return TOTP(_bytes(secret), DIGITS, SHA1(), PERIOD)  # noqa: S303 - what the apps know


def _bytes(encrypted: str) -> bytes:
    return bytes.fromhex(decrypt(encrypted))
