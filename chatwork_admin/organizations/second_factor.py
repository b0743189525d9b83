"""The second factor beside a password: a security key, or one-time codes of an app.

Of the codes: TOTP of RFC 6238 as every such app knows it: SHA-1, six digits, thirty seconds. A code of
the step before or after the present one counts too; none counts twice.
"""

from __future__ import annotations

import base64
import secrets
import uuid
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.encryption import decrypt, encrypt
from chatwork_admin.organizations import recovery_codes, security_keys, sessions
from chatwork_admin.organizations.confirmation import confirm_identity
from chatwork_admin.organizations.holders import Person, holder_of, lock, record_of
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.second_factors import AuthenticatorApp
from chatwork_admin.organizations.models.sessions import Began, Why

SECRET_BYTES = 20  # as RFC 4226 recommends
DIGITS, PERIOD = 6, 30
ISSUER = "Chatwork Admin"


class WrongCode(Exception):
    """Not the code that the app shows now, or one that was used already."""


class LastFactor(Exception):
    """Whoever has a password needs something besides it, and this is all there is."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What comes with a password: a code, or instead what a security key has signed."""

    code: str = ""
    key: security_keys.Answer | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """What an app is set up with: a key to type, or the same as an address to scan."""

    key: str
    address: str


def is_set_up(person: Person) -> bool:
    """Say whether a password alone does not let the person in."""
    return has_app(person) or security_keys.of(person).exists()


def has_app(person: Person) -> bool:
    return _of(person).exclude(secret="").exists()


def proof_by(person: Person, proof: Proof) -> Began:
    """Return what a password and this proof are together."""
    if not is_set_up(person):
        return Began.PASSWORD
    return Began.SECURITY_KEY if proof.key else Began.SECOND_FACTOR


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
def add_key(
    user: User,
    answer: security_keys.Answer,
    name: str,
    *,
    session: UserSession,
    actor: Actor,
) -> tuple[str, ...]:
    """Take a security key into use; all other sessions end. Raises as `security_keys.add`.

    Returns recovery codes, this once, if the person has none yet. `session`: see `confirm`.
    """
    security_keys.add(user, answer, name, actor=actor)
    sessions.end_sessions_of(user, why=Why.CREDENTIAL, actor=actor, but=session)
    confirm_identity(session, by=Began.SECURITY_KEY, actor=actor)
    is_first = recovery_codes.issued_at(user) is None
    return recovery_codes.issue(user, actor=actor) if is_first else ()


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
    """Use up a code of the app, if the password alone is not enough. Raises WrongCode."""
    factor = _of(person).select_for_update().exclude(secret="").first()
    if factor is not None:
        _use(factor, factor.secret, code)
        factor.save(update_fields=["last_step"])
    elif security_keys.of(person).exists():
        raise WrongCode(WrongCode.__doc__)


def require_proof(person: Person, proof: Proof, *, actor: Actor) -> None:
    """As `require`, and take a recovery code or a key instead. Raises WrongCode."""
    if proof.key is not None and security_keys.accepts(person, proof.key, actor=actor):
        return
    try:
        require(person, proof.code)
    except WrongCode:
        if not recovery_codes.use_up(person, proof.code, actor=actor):
            raise


@transaction.atomic
def remove_app(person: Person, *, actor: Actor) -> bool:
    """Let the person's app count no more; say whether there was one. Raises LastFactor."""
    lock(person)
    was_set_up = has_app(person)
    _of(person).delete()
    if was_set_up:
        record_of(person, Action.SECOND_FACTOR_REMOVED, actor)
        _see_what_is_left(person)
    return was_set_up


@transaction.atomic
def remove_key(
    user: User, key_id: uuid.UUID, *, session: UserSession, actor: Actor
) -> None:
    """Let a key count no more; all sessions but this one end. Raises LastFactor."""
    if forget_key(user, key_id, actor=actor):
        sessions.end_sessions_of(user, why=Why.CREDENTIAL, actor=actor, but=session)


@transaction.atomic
def forget_key(person: Person, key_id: uuid.UUID, *, actor: Actor) -> bool:
    """Let a key count no more; say whether there was one. Raises LastFactor."""
    lock(person)
    was_there = security_keys.remove(person, key_id, actor=actor)
    if was_there:
        _see_what_is_left(person)
    return was_there


@transaction.atomic
def remove(person: Person, *, actor: Actor, reason: str = "") -> bool:
    """Forget all that the person has lost: app, keys, codes; say whether there was any."""
    lock(person)
    why = {"reason": reason} if reason else {}
    had_app = has_app(person)
    _of(person).delete()
    if had_app:
        record_of(person, Action.SECOND_FACTOR_REMOVED, actor, **why)
    keys = security_keys.remove_all(person, actor=actor, **why)
    recovery_codes.forget(person)
    return had_app or keys > 0


def _see_what_is_left(person: Person) -> None:
    """Recovery codes go with the last of what they stand in for. Raises LastFactor."""
    if is_set_up(person):
        return
    if settings.REQUIRE_SECOND_FACTOR:
        raise LastFactor(LastFactor.__doc__)
    recovery_codes.forget(person)


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
