"""The keys of whom clients trust: fetched when they are needed, and not too often.

The row says when somebody last looked, so that all processes together look once a
minute, whatever `kid` strangers make up.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from chatwork_admin.authorization import (
    client_assertions,
    key_sets,
    registrations,
    workload_identities,
)
from chatwork_admin.authorization.client_assertions import InvalidAssertion
from chatwork_admin.authorization.models import WorkloadIdentity
from saml_sso.remote_metadata.fetching import NotFetched, fetch
from saml_sso.remote_metadata.networks import INTERNET, Network

PAUSE = timedelta(minutes=1)
SECONDS = 3.0  # that a request waits for keys, at most
ACCEPT = "application/jwk-set+json, application/json"
NO_KEYS = "no-keys"  # what is there is no set of keys, or of none that we can use


def look_for(client_id: str, text: str, *, network: Network = INTERNET) -> None:
    """Fetch the keys that this assertion needs, if we have not got them.

    Outside a transaction: nobody shall wait for others' servers under a lock. Only for
    assertions that name all that is trusted.
    """
    client = registrations.find(client_id)
    if client is None or client.row is None:
        return
    try:
        assertion = client_assertions.read(text)
        identity = workload_identities.claimed_by(assertion, client.row)
    except InvalidAssertion:
        return
    if identity.needs_keys(assertion.key_id):
        renew(identity, network=network)


def renew(identity: WorkloadIdentity, *, network: Network = INTERNET) -> None:
    """Fetch the keys, unless somebody looked within a minute; note what came of it."""
    now = timezone.now()
    rows = WorkloadIdentity.objects.filter(
        organization_id=identity.organization_id, pk=identity.pk
    )
    idle = Q(keys_sought_at=None) | Q(keys_sought_at__lte=now - PAUSE)
    if not rows.filter(idle).update(keys_sought_at=now):
        return
    try:
        keys = key_sets.read(_fetch(identity.jwks_uri, network))
    except NotFetched as failure:
        rows.update(keys_problem=failure.reason.value)
    except key_sets.InvalidKeys:
        rows.update(keys_problem=NO_KEYS)
    else:
        rows.update(keys=keys, keys_fetched_at=timezone.now(), keys_problem="")


def seconds_to_next_look(identity: WorkloadIdentity) -> int:
    """Return after how long `renew` would fetch the keys again."""
    sought_at = identity.keys_sought_at or timezone.now()
    return max(1, ceil((sought_at + PAUSE - timezone.now()).total_seconds()))


def _fetch(uri: str, network: Network) -> bytes:
    return fetch(
        uri,
        more_hosts=settings.OAUTH_KEY_HOSTS,
        stand_ins=settings.SAML_STAND_INS,
        accept=ACCEPT,
        network=network,
        seconds=SECONDS,
    )
