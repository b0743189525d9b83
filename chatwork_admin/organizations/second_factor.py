"""One-time codes of an authenticator app, as a second factor beside a password.

TOTP of RFC 6238 as every such app knows it: SHA-1, six digits, thirty seconds. A code of
the step before or after the present one counts too; none counts twice.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.encryption import decrypt, encrypt
from chatwork_admin.organizations import recovery_codes, sessions
from chatwork_admin.organizations.confirmation import confirm_identity
from chatwork_admin.organizations.holders import Person, holder_of, record_of
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.second_factors import AuthenticatorApp
from chatwork_admin.organizations.models.sessions import Began, Why

SECRET_BYTES = 20  # as RFC 4226 recommends
DIGITS, PERIOD = 6, 30
ISSUER = "Chatwork Admin"


class WrongCode(Exception):
    """Not the code that the app shows now, or one that was used already."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What an app is set up with: a key to type, or the same as an address to scan."""

    key: str
    address: str


def is_set_up(person: Person) -> bool:
    return _of(person).exclude(secret="").exists()


def pending_of(person: Person) -> Pending | None:
    """Return what the person's app is to be set up with, if that is under way."""
    factor = _of(person).exclude(pending="").first()
    if factor is None:
        return None
    secret = _bytes(factor.pending)
    key = base64.b32encode(secret).decode()
    address = _totp(secret).get_provisioning_uri(holder_of(person).target.label, ISSUER)
    return Pending(key, address)


@transaction.atomic
def begin(person: Person) -> None:
    """Choose a secret for an app to be set up with; the present one counts until then."""
    holder = holder_of(person)
    factor, _ = holder.apps.objects.get_or_create(**holder.whose)
    factor.pending = encrypt(secrets.token_bytes(SECRET_BYTES).hex())
    factor.save(update_fields=["pending"])


@transaction.atomic
def confirm(
    user: User, code: str, *, session: UserSession, actor: Actor
) -> tuple[str, ...]:
    """Take the app into use that shows this code; all other sessions end.

    Returns new recovery codes, this once. `session` is the one in which it happens: the
    person has proven who they are. Raises WrongCode, also when nothing is under way.
    """
    take_into_use(user, code, actor=actor)
    sessions.end_sessions_of(user, why=Why.CREDENTIAL, actor=actor, but=session)
    confirm_identity(session, by=Began.SECOND_FACTOR, actor=actor)
    return recovery_codes.issue(user, actor=actor)


@transaction.atomic
def take_into_use(person: Person, code: str, *, actor: Actor) -> None:
    """Let the app count that is being set up and shows this code. Raises WrongCode."""
    factor = _of(person).select_for_update().exclude(pending="").first()
    if factor is None:
        raise WrongCode(WrongCode.__doc__)
    factor.last_step = 0
    _use(factor, factor.pending, code)
    factor.secret, factor.pending = factor.pending, ""
    factor.set_up_at = timezone.now()
    factor.save()
    record_of(person, Action.SECOND_FACTOR_SET_UP, actor)


@transaction.atomic
def require(person: Person, code: str) -> None:
    """Use up a code, if the person has set up an app. Raises WrongCode."""
    factor = _of(person).select_for_update().exclude(secret="").first()
    if factor is not None:
        _use(factor, factor.secret, code)
        factor.save(update_fields=["last_step"])


def require_this_or_recovery(person: Person, code: str, *, actor: Actor) -> None:
    """As `require`, and take a recovery code instead. Raises WrongCode."""
    try:
        require(person, code)
    except WrongCode:
        if not recovery_codes.use_up(person, code, actor=actor):
            raise


@transaction.atomic
def remove(person: Person, *, actor: Actor, reason: str = "") -> bool:
    """Forget the person's app, such as one that is lost; say whether there was one."""
    was_set_up = is_set_up(person)
    _of(person).delete()
    recovery_codes.forget(person)
    if was_set_up:
        context = {"reason": reason} if reason else {}
        record_of(person, Action.SECOND_FACTOR_REMOVED, actor, **context)
    return was_set_up


def encrypt_anew() -> int:
    """Encrypt every secret with the first key; return how many rows there were."""
    return sum(_encrypt_anew(table) for table in AuthenticatorApp.__subclasses__())


def _encrypt_anew(table: type[AuthenticatorApp]) -> int:
    rows, count = table.objects.all(), 0
    for pk in rows.values_list("pk", flat=True).iterator():
        with transaction.atomic():
            factor = rows.select_for_update().filter(pk=pk).first()
            if factor is not None:
                factor.secret = _anew(factor.secret)
                factor.pending = _anew(factor.pending)
                factor.save(update_fields=["secret", "pending"])
                count += 1
    return count


def _anew(encrypted: str) -> str:
    return encrypt(decrypt(encrypted)) if encrypted else ""


def _of(person: Person) -> QuerySet[AuthenticatorApp]:
    holder = holder_of(person)
    return holder.apps.objects.filter(**holder.whose)


def _use(factor: AuthenticatorApp, secret: str, code: str) -> None:
    """Note the step whose code this is. Raises WrongCode."""
    totp = _totp(_bytes(secret))
    present = int(timezone.now().timestamp()) // PERIOD
    typed = code.replace(" ", "")
    for step in (present - 1, present, present + 1):
        shown = totp.generate(step * PERIOD).decode()
        if constant_time_compare(shown, typed) and step > factor.last_step:
            factor.last_step = step
            return
    raise WrongCode(WrongCode.__doc__)


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), PERIOD)  # noqa: S303 - what the apps know


def _bytes(encrypted: str) -> bytes:
    return bytes.fromhex(decrypt(encrypted))
