"""The second factor beside a password: a security key, or one-time codes of an app.

Wrong codes of an app are counted for the person, wherever they are typed: twenty at
once, and one more each hour. Then the app's rest, and whatever else there is counts.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM, Actor
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.second_factors import AuthenticatorApp
from chatwork_admin.organizations.models.sessions import Began, Why
from chatwork_admin.organizations.proofs import (
    one_time_codes,
    recovery_codes,
    security_keys,
)
from chatwork_admin.organizations.proofs.holders import (
    Person,
    holder_of,
    lock,
    record_of,
)
from chatwork_admin.organizations.proofs.one_time_codes import (
    Resting,
    UsedAlready,
    WrongCode,
)
from chatwork_admin.organizations.sessions import ending
from chatwork_admin.organizations.sessions.confirmation import confirm_identity


class LastFactor(Exception):
    """Whoever has a password needs something besides it, and this is all there is."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What comes with a password: a code, or instead what a security key has signed."""

    code: str = ""
    key: security_keys.Answer | None = None


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


def pending_of(person: Person) -> one_time_codes.Pending | None:
    """Return what the person's app is to be set up with, if that is under way."""
    factor = _of(person).exclude(pending="").first()
    if factor is None:
        return None
    return one_time_codes.pending(factor.pending, holder_of(person).target.label)


@transaction.atomic
def begin(person: Person) -> None:
    """Choose a secret for an app to be set up with; the present one counts until then."""
    holder = holder_of(person)
    factor, _ = holder.apps.objects.get_or_create(**holder.whose)
    factor.pending = one_time_codes.new_secret()
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
    ending.end_sessions_of(user, why=Why.CREDENTIAL, actor=actor, but=session)
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
    ending.end_sessions_of(user, why=Why.CREDENTIAL, actor=actor, but=session)
    confirm_identity(session, by=Began.SECURITY_KEY, actor=actor)
    is_first = recovery_codes.issued_at(user) is None
    return recovery_codes.issue(user, actor=actor) if is_first else ()


@transaction.atomic
def take_into_use(person: Person, code: str, *, actor: Actor) -> None:
    """Let the app count that is being set up and shows this code. Raises WrongCode."""
    factor = _of(person).select_for_update().exclude(pending="").first()
    if factor is None:
        raise WrongCode(WrongCode.__doc__)
    factor.last_step, factor.wrong_until = 0, None  # of another secret
    one_time_codes.use(factor, factor.pending, code)
    factor.secret, factor.pending = factor.pending, ""
    factor.set_up_at = timezone.now()
    factor.save()
    record_of(person, Action.SECOND_FACTOR_SET_UP, actor)


def require_proof(person: Person, proof: Proof, *, actor: Actor) -> None:
    """Use up what comes with a password, if the password alone is not enough.

    A code of the app or, instead, what a security key has signed or a recovery code.
    Raises WrongCode.
    """
    if proof.key is not None and security_keys.accepts(person, proof.key, actor=actor):
        return
    refused = _refusal(person, proof.code, actor)
    if refused and not recovery_codes.use_up(person, proof.code, actor=actor):
        raise refused


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
        ending.end_sessions_of(user, why=Why.CREDENTIAL, actor=actor, but=session)


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


@transaction.atomic
def _refusal(person: Person, code: str, actor: Actor) -> WrongCode | None:
    """Use a code of the app up, or return why it is refused.

    Not raised, which would undo the count, and let go of the row where codes that come
    at once wait for each other.
    """
    app = _of(person).select_for_update().exclude(secret="").first()
    if app is None:
        return WrongCode() if security_keys.of(person).exists() else None
    if not one_time_codes.is_one(code):
        return WrongCode(WrongCode.__doc__)
    if app.rests_at(timezone.now()):
        return Resting(Resting.__doc__)
    try:
        one_time_codes.use(app, app.secret, code)
    except UsedAlready as used:  # no guess: whoever has the app typed it twice
        return used
    except WrongCode as wrong:
        _count(person, app, actor)
        return wrong
    app.save(update_fields=["last_step"])
    return None


def _count(person: Person, app: AuthenticatorApp, actor: Actor) -> None:
    """Count a wrong code. Who typed it is not known, only from where."""
    now = timezone.now()
    app.note_wrong_code(now)
    app.save(update_fields=["wrong_until"])
    if app.rests_at(now):
        whoever = replace(SYSTEM, reference=actor.reference, address=actor.address)
        record_of(person, Action.CODES_RESTING, whoever)
