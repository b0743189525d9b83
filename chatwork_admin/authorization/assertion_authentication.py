"""Is a client proven by an assertion of whom it trusts (RFC 7521 §4.2, RFC 7523 §3)?"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.authorization import (
    client_assertions,
    refusals,
    signing_keys,
    workload_identities,
)
from chatwork_admin.authorization.client_assertions import (
    SKEW,
    TYPE,
    AssertionReason,
    ClientAssertion,
    InvalidAssertion,
)
from chatwork_admin.authorization.client_authentication import (
    Authenticated,
    WrongCredentials,
    hold,
    named,
)
from chatwork_admin.authorization.models import (
    OAuthClient,
    UsedAssertion,
    WorkloadIdentity,
)
from chatwork_admin.authorization.presented import Assertion


class KeysUnavailable(Exception):
    """The keys could not be fetched: nobody knows whether the assertion is right.

    They are looked for again `seconds` from now, and not before.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(self.__doc__)
        self.seconds = seconds


def authenticate(
    client_id: str, said: Assertion, *, reference: str, address: str
) -> Authenticated:
    """Return who is proven by an assertion, in the transaction that acts on it.

    As for a secret, whoever is wrong locks nothing. Raises WrongCredentials,
    KeysUnavailable.
    """
    client, actor = named(client_id, reference=reference, address=address)
    if client.row is None:  # the gallery's client trusts nobody
        raise WrongCredentials(WrongCredentials.__doc__)
    try:
        assertion = _proven(client.row, said)
        client, row = hold(client_id)
        return Authenticated(client, actor, identity=_use(row, assertion))
    except InvalidAssertion as invalid:
        context = {"code": invalid.reason.value, "said": invalid.said}
        refusals.note(client, Action.ASSERTION_REFUSED, actor=actor, context=context)
        raise WrongCredentials(WrongCredentials.__doc__) from invalid


def forget_expired() -> int:
    """Delete what nobody could present again; return how much."""
    expired = UsedAssertion.objects.filter(expires_at__lt=timezone.now())
    return expired.delete()[0]


def _proven(client: OAuthClient, said: Assertion) -> ClientAssertion:
    if not said.is_alone:
        raise InvalidAssertion(AssertionReason.BESIDE_A_SECRET)
    if said.kind != TYPE:
        raise InvalidAssertion(AssertionReason.OTHER_TYPE)
    assertion = client_assertions.read(said.text)
    identity = workload_identities.claimed_by(assertion, client)
    keys = identity.trusted_keys
    if assertion.key_id not in keys and identity.is_looking:
        raise KeysUnavailable(signing_keys.seconds_to_next_look(identity))
    client_assertions.verify(assertion, keys)
    return assertion


def _use(client: OAuthClient, assertion: ClientAssertion) -> WorkloadIdentity:
    """Take the assertion, once if it has an id. Its identity may be gone meanwhile."""
    identity = workload_identities.claimed_by(assertion, client)
    if assertion.token_id and not _is_first(identity, assertion):
        raise InvalidAssertion(AssertionReason.REPLAYED)
    identity.last_used_at = timezone.now()
    identity.save(update_fields=["last_used_at"])
    return identity


def _is_first(identity: WorkloadIdentity, assertion: ClientAssertion) -> bool:
    said = assertion.token_id.encode("utf-8", "surrogatepass")
    over = datetime.fromtimestamp(assertion.expires_at, UTC) + timedelta(seconds=SKEW)
    _, is_new = UsedAssertion.objects.get_or_create(
        organization_id=identity.organization_id,
        identity=identity,
        digest=hashlib.sha256(said).hexdigest(),
        defaults={"expires_at": over},
    )
    return is_new
