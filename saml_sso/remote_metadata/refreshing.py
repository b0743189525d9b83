"""Look every night at the metadata of whoever gave its address: is there a new key?

What is found there is never more than proposed, unless the administrator wants it
trusted at once. The rest, such as another login URL, is shown and left alone.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM, Actor, Target, record
from chatwork_admin.organizations.models import Organization
from saml_sso.identity_providers import rollover
from saml_sso.identity_providers.certificates import SigningCertificate
from saml_sso.identity_providers.locks import lock_configured_for, lock_settings
from saml_sso.identity_providers.metadata import IdentityProviderMetadata, read_metadata
from saml_sso.identity_providers.metadata_reasons import InvalidMetadata
from saml_sso.models import IdentityProvider, MetadataFetch, TrustedCertificate
from saml_sso.remote_metadata.permission import require_visitable


class RefreshReason(StrEnum):
    """What is odd about metadata that could be read; a value is never renamed."""

    OTHER_ENTITY_ID = "other-entity-id"
    OTHER_LOGIN_URL = "other-login-url"
    TOO_MANY_CERTIFICATES = "too-many-certificates"


@transaction.atomic
def watch(
    organization: Organization, url: str, *, activates: bool, actor: Actor
) -> None:
    """Look at `url` every night from now on; nowhere, if it is empty.

    `activates`: a new certificate is trusted at once, as the one in use. What was
    proposed from another address goes. Raises NotFetched where nobody may go, and
    locks.NotConfigured.
    """
    if url:
        require_visitable(url)
    provider = lock_configured_for(actor, organization)
    changes = _look_at(provider, url, activates=activates and bool(url))
    if not changes:
        return
    record(
        Action.SAML_METADATA_WATCHED,
        organization_id=organization.pk,
        actor=actor,
        target=Target("identity-provider", provider.entity_id, provider.entity_id),
        changes=changes,
    )


def request_refreshes() -> int:
    """Ask workers to fetch the metadata of all who gave an address; return how many."""
    watching = IdentityProvider.objects.exclude(metadata_url="")
    for provider in watching.select_related("organization").order_by("id"):
        _request_refresh(provider)
    return watching.count()


@transaction.atomic
def take_up(fetched: MetadataFetch) -> None:
    """Propose what is new in the metadata, and note what is wrong with it."""
    provider = lock_settings(fetched.organization)
    if provider is None or provider.metadata_url != fetched.url:
        return  # it was changed meanwhile
    problem = fetched.problem or _learn(provider, bytes(fetched.document or b""))
    IdentityProvider.objects.filter(pk=provider.pk).update(
        metadata_checked_at=timezone.now(), metadata_problem=problem
    )


def _look_at(
    provider: IdentityProvider, url: str, *, activates: bool
) -> list[dict[str, object]]:
    """Write down where to look; return what that changes."""
    wanted = {"metadata_url": url, "activates_new_certificates": activates}
    before = {name: getattr(provider, name) for name in wanted}
    if before == wanted:
        return []
    if url != provider.metadata_url:
        provider.certificates.proposed().delete()
    news = wanted | {"metadata_problem": "", "metadata_checked_at": None}
    IdentityProvider.objects.filter(pk=provider.pk).update(**news)
    return [
        {"attribute": name, "before": before[name], "after": value}
        for name, value in wanted.items()
        if before[name] != value
    ]


@transaction.atomic
def _request_refresh(provider: IdentityProvider) -> None:
    purpose = MetadataFetch.Purpose.REFRESH
    fetches = provider.organization.metadata_fetches
    fetches.filter(purpose=purpose).delete()
    fetches.create(purpose=purpose, url=provider.metadata_url)


def _learn(provider: IdentityProvider, document: bytes) -> str:
    try:
        found = read_metadata(document, now=timezone.now())
    except InvalidMetadata as invalid:
        return invalid.reason.value
    if found.entity_id != provider.entity_id:
        return RefreshReason.OTHER_ENTITY_ID
    try:
        _propose_new(provider, found)
    except rollover.TooManyCertificates:
        return RefreshReason.TOO_MANY_CERTIFICATES
    if found.single_sign_on_url != provider.single_sign_on_url:
        return RefreshReason.OTHER_LOGIN_URL
    return ""


def _propose_new(provider: IdentityProvider, found: IdentityProviderMetadata) -> None:
    """Propose what is named; what is no more, and nobody has trusted, goes."""
    organization = provider.organization
    named = [each.sha256 for each in found.certificates]
    for gone in provider.certificates.proposed().exclude(sha256__in=named):
        rollover.remove(organization, gone.pk, actor=SYSTEM)
    for certificate in found.certificates:
        if provider.activates_new_certificates:
            _activate(provider, certificate)
        else:
            rollover.propose(organization, certificate, actor=SYSTEM)


def _activate(provider: IdentityProvider, certificate: SigningCertificate) -> None:
    # One that was retired stays so: an administrator has decided that.
    decided = provider.certificates.exclude(state=TrustedCertificate.State.PROPOSED)
    if decided.filter(sha256=certificate.sha256).exists():
        return
    row = rollover.add(provider.organization, certificate, actor=SYSTEM)
    rollover.activate(provider.organization, row.pk, actor=SYSTEM)
