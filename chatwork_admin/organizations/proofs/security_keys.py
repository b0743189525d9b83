"""Security keys and passkeys, as a second factor beside a password.

A person may have several, each with a name. What a key signs is one challenge, which
belongs to one browser and counts once.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations.models.second_factors import RegisteredKey
from chatwork_admin.organizations.proofs import challenges, web_authentication
from chatwork_admin.organizations.proofs.challenges import Purpose
from chatwork_admin.organizations.proofs.holders import Person, holder_of, record_of
from chatwork_admin.organizations.proofs.web_authentication import NotGenuine

MOST = 10


class TooMany(Exception):
    """The person has ten keys."""


class KnownAlready(Exception):
    """This key has been registered, for this person or for another."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser brings back from a key, and the challenge it was to sign."""

    text: str
    challenge: bytes


def answer_in(text: str, request: HttpRequest, purpose: Purpose) -> Answer:
    """Return what a browser brings back, with the challenge that it keeps."""
    return Answer(text, challenges.brought(request, purpose))


def of(person: Person) -> QuerySet[RegisteredKey]:
    """Return the person's keys, in the order in which they came."""
    holder = holder_of(person)
    return holder.keys.objects.filter(**holder.whose).order_by("registered_at", "id")


def creation_options(challenge: bytes, *, person: Person) -> str:
    """Return what the browser is to ask a new key of the person, as JSON."""
    return web_authentication.creation_options(
        challenge,
        user_handle=_handle(person),
        label=holder_of(person).target.label,
        known=_credential_ids(person),
    )


def request_options(challenge: bytes, *, person: Person | None = None) -> str:
    """Return what the browser is to ask a key, as JSON; any key, if nobody is known."""
    known = _credential_ids(person) if person else []
    return web_authentication.request_options(challenge, known=known)


@transaction.atomic
def add(person: Person, answer: Answer, name: str, *, actor: Actor) -> None:
    """Let a new key count. Raises NotGenuine, TooMany and KnownAlready."""
    new = web_authentication.new_key_in(answer.text, answer.challenge)
    if not challenges.use_up(answer.challenge):
        raise NotGenuine(NotGenuine.__doc__)
    if of(person).count() >= MOST:
        raise TooMany(TooMany.__doc__)
    holder = holder_of(person)
    # §7.1, step 26: a credential is nobody else's
    _, is_new = holder.keys.objects.get_or_create(
        credential_id=new.credential_id,
        defaults={
            "public_key": new.public_key,
            "sign_count": new.sign_count,
            "name": name,
            **holder.whose,
        },
    )
    if not is_new:
        raise KnownAlready(KnownAlready.__doc__)
    record_of(person, Action.SECURITY_KEY_ADDED, actor, key=name)


def accepts(person: Person, answer: Answer, *, actor: Actor) -> bool:
    """Say whether a key of the person has signed, and note its use.

    Whatever counts its uses and has not counted on may be a copy (§7.2, step 22): it is
    refused, and that is recorded.
    """
    try:
        assertion = web_authentication.assertion_in(answer.text)
        with transaction.atomic():
            keys = of(person).select_for_update()
            key = keys.filter(credential_id=assertion.credential_id).first()
            if key is None:
                return False
            count = assertion.check(
                answer.challenge,
                public_key=bytes(key.public_key),
                user_handle=_handle(person),
            )
            is_new = challenges.use_up(answer.challenge)
            return is_new and _use(person, key, count, actor=actor)
    except NotGenuine:
        return False


@transaction.atomic
def remove(person: Person, key_id: uuid.UUID, *, actor: Actor) -> bool:
    """Let a key count no more; say whether there was one."""
    key = of(person).select_for_update().filter(pk=key_id).first()
    if key is not None:
        _forget(person, key, actor=actor)
    return key is not None


@transaction.atomic
def remove_all(person: Person, *, actor: Actor, **context: str) -> int:
    """Let no key of the person count any more; return how many there were."""
    keys = list(of(person).select_for_update())
    for key in keys:
        _forget(person, key, actor=actor, **context)
    return len(keys)


def _forget(
    person: Person, key: RegisteredKey, *, actor: Actor, **context: str
) -> None:
    key.delete()
    record_of(person, Action.SECURITY_KEY_REMOVED, actor, key=key.name, **context)


def _use(person: Person, key: RegisteredKey, count: int, *, actor: Actor) -> bool:
    if (count or key.sign_count) and count <= key.sign_count:
        record_of(person, Action.SECURITY_KEY_DOUBTED, actor, key=key.name)
        return False
    key.sign_count, key.last_used_at = count, timezone.now()
    key.save(update_fields=["sign_count", "last_used_at"])
    return True


def _credential_ids(person: Person) -> list[bytes]:
    return [bytes(each) for each in of(person).values_list("credential_id", flat=True)]


def _handle(person: Person) -> bytes:
    """Return what a key knows the person by: nothing that says who it is (§14.6.1)."""
    key: uuid.UUID = person.pk
    return key.bytes
