"""Ask for metadata from an address; a worker goes there, never a page.

The row is the truth: the relay finds it and tells a worker, or fetches it itself where
there is no Redis.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.models import Organization
from saml_sso.models import MetadataFetch
from saml_sso.remote_metadata import refreshing
from saml_sso.remote_metadata.fetching import NotFetched, fetch
from saml_sso.remote_metadata.networks import INTERNET, Network
from saml_sso.remote_metadata.permission import require_visitable

KICK = timedelta(seconds=5)
LEASE = timedelta(seconds=15)  # a fetch takes five at most
KEPT = timedelta(hours=24)
FETCHES_PER_ROUND = 3  # without Redis the relay fetches, and deliveries wait for it

Purpose = MetadataFetch.Purpose


@transaction.atomic
def request_metadata(
    organization: Organization, url: str, *, actor: Actor
) -> MetadataFetch:
    """Have metadata fetched for a preview; ask the row that is returned how it went.

    The same address again, while the first still waits, is the same request; another
    one takes its place. Raises NotFetched where nobody may go.
    """
    require_visitable(url)
    administrator_right.hold(organization, actor)
    asked = organization.metadata_fetches.filter(purpose=Purpose.PREVIEW)
    waiting = asked.filter(url=url, finished_at=None).first()
    if waiting is not None and not waiting.is_overdue:
        return waiting
    asked.delete()
    made = organization.metadata_fetches.create(purpose=Purpose.PREVIEW, url=url)
    record(
        Action.SAML_METADATA_REQUESTED,
        organization_id=organization.pk,
        actor=actor,
        target=Target("metadata", str(made.pk), url),
    )
    return made


def kick() -> list[uuid.UUID]:
    """Return what waits and nobody is at, and note that a worker was told."""
    now = timezone.now()
    with transaction.atomic():
        waiting = (
            MetadataFetch.objects.filter(finished_at=None)
            .filter(Q(kick_until=None) | Q(kick_until__lt=now))
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .order_by(F("kick_until").asc(nulls_first=True), "requested_at")
            .select_for_update(skip_locked=True)
        )
        ids = [each.pk for each in waiting[:FETCHES_PER_ROUND]]
        MetadataFetch.objects.filter(pk__in=ids).update(kick_until=now + KICK)
    return ids


def carry_out(fetch_id: uuid.UUID, *, network: Network = INTERNET) -> None:
    """Go there, and note what came back. Does nothing where another is at it."""
    asked = _take(fetch_id)
    if asked is None:
        return
    hosts = settings.SAML_METADATA_HOSTS
    try:
        asked.document = fetch(asked.url, more_hosts=hosts, network=network)
    except NotFetched as failure:
        asked.problem, asked.status = failure.reason.value, failure.status
    asked.finished_at = timezone.now()
    # Whoever asked may have asked for another one meanwhile: then this row is gone.
    is_wanted = MetadataFetch.objects.filter(pk=asked.pk, finished_at=None).update(
        document=asked.document,
        problem=asked.problem,
        status=asked.status,
        finished_at=asked.finished_at,
    )
    if is_wanted and asked.purpose == Purpose.REFRESH:
        refreshing.take_up(asked)


def forget_old() -> int:
    """Delete what nobody looks at any more; return how much."""
    before = timezone.now() - KEPT
    deleted, _ = MetadataFetch.objects.filter(requested_at__lt=before).delete()
    return deleted


def _take(fetch_id: uuid.UUID) -> MetadataFetch | None:
    now = timezone.now()
    taken = (
        MetadataFetch.objects.filter(pk=fetch_id, finished_at=None)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .update(lease_until=now + LEASE)
    )
    return MetadataFetch.objects.filter(pk=fetch_id).first() if taken else None
