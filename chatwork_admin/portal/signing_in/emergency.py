"""How the way around SAML is: whether there are codes, whether it works, who used it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from saml_sso.identity_providers import break_glass
from saml_sso.identity_providers.ways_in import around_saml, mode_of
from saml_sso.models import IdentityProvider

FEW = 3
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Emergency:
    """`proven_at`: when it last worked. `used_at`: in earnest, within the last week.

    `is_missing`: if SAML failed now, the administrator could not get in.
    """

    is_required: bool
    is_missing: bool
    codes_left: int
    proven_at: datetime | None
    used_at: datetime | None

    @property
    def has_few_codes(self) -> bool:
        return self.is_required and self.codes_left <= FEW and not self.is_missing

    @property
    def is_unproven(self) -> bool:
        has_codes = self.codes_left > 0
        return self.is_required and self.proven_at is None and has_codes

    @property
    def was_used(self) -> bool:
        return self.used_at is not None


def emergency_of(
    organization: Organization, provider: IdentityProvider | None
) -> Emergency:
    uses = AuditEvent.objects.filter(
        organization_id=organization.pk,
        action=Action.BYPASS_USED,
        context__rehearsal=False,
        occurred_at__gt=timezone.now() - LATELY,
    )
    is_required = (
        provider is not None and provider.mode == IdentityProvider.Mode.REQUIRED
    )
    is_on = provider is not None and provider.is_on
    return Emergency(
        is_required=is_required,
        is_missing=is_on and not around_saml(organization, mode_of(provider)),
        codes_left=break_glass.codes_left(organization),
        proven_at=provider.bypass_proven_at if provider else None,
        used_at=uses.order_by("-id").values_list("occurred_at", flat=True).first(),
    )
