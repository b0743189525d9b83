"""The page of the SAML settings, with whatever a form on it has to say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.access import PortalRequest, only_the_administrator
from chatwork_admin.portal.saml import mode_words, steps
from chatwork_admin.portal.saml.forms import (
    CertificateForm,
    MetadataAddressForm,
    OptionsForm,
    WatchForm,
    form_of_options,
    form_of_watch,
)
from chatwork_admin.portal.saml.identity_provider_settings import form_of_provider
from chatwork_admin.portal.saml.metadata_problems import hint_about, refresh_sentence
from chatwork_admin.portal.saml.settings_forms import IdentityProviderForm, MetadataForm
from chatwork_admin.portal.texts import isolated
from chatwork_admin.synchronization import gate
from saml_sso import addresses
from saml_sso.identity_providers import break_glass, configuration, rollover
from saml_sso.models import (
    IdentityProvider,
    TrustedCertificate,
    identity_provider_of,
)

State = TrustedCertificate.State


@dataclass(frozen=True, slots=True)
class Forms:
    """The form that was refused, if one was; the others are shown as they begin."""

    metadata: MetadataForm | None = None
    manual: IdentityProviderForm | None = None
    certificate: CertificateForm | None = None
    options: OptionsForm | None = None
    address: MetadataAddressForm | None = None
    watch: WatchForm | None = None


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate with what may be done to it now."""

    certificate: TrustedCertificate
    is_last: bool
    is_signing: bool
    is_expired: bool
    begins_the_retired: bool

    @property
    def is_kept(self) -> bool:
        return self.is_last or self.is_signing

    @property
    def is_proposed(self) -> bool:
        return self.certificate.state == State.PROPOSED

    @property
    def may_activate(self) -> bool:
        return self.certificate.state in {State.NEXT, State.RETIRED} and (
            not self.is_expired
        )

    @property
    def may_retire(self) -> bool:
        return self.certificate.is_trusted and not self.is_kept

    @property
    def may_remove(self) -> bool:
        """One that is proposed would be proposed again: it can be retired."""
        return self.certificate.state in {State.NEXT, State.RETIRED} and (
            not self.is_kept
        )


NO_FORMS = Forms()


def shown(
    request: PortalRequest,
    forms: Forms = NO_FORMS,
    *,
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    organization = request.organization
    provider = identity_provider_of(organization)
    context = {
        "provider": provider,
        "problem": problem,
        "is_needed": is_needed(organization),
        "certificates": certificate_rows(provider),
        "codes_left": break_glass.codes_left(organization),
        "bypass_url": addresses.bypass_url(organization),
        "steps": steps.steps_of(provider),
        "next_step": steps.next_step(provider),
        "may_change": request.user.is_administrator,
        "no_right": only_the_administrator(organization),
        **_values_for_entra(organization),
        **_forms(forms, provider),
        **(_known_of(organization, provider) if provider else {}),
    }
    return render(request, "portal/saml/page.html", context, status=code)


def certificate_rows(provider: IdentityProvider | None) -> list[CertificateRow]:
    """Return all certificates, those that wait for a decision first."""
    if provider is None:
        return []
    now = timezone.now()
    order = [*State.values]
    stored = sorted(provider.certificates.all(), key=lambda c: order.index(c.state))
    retired = [each for each in stored if each.state == State.RETIRED]
    return [
        CertificateRow(
            each,
            is_last=rollover.is_last(provider, each),
            is_signing=rollover.is_signing(provider, each),
            is_expired=each.not_after < now,
            begins_the_retired=retired[:1] == [each],
        )
        for each in stored
    ]


def is_needed(organization: Organization) -> bool:
    """Say whether user synchronization needs SAML as it is."""
    synchronization = gate.synchronization_of(organization)
    return synchronization.identity_provider_id is not None


def seen_version(request: PortalRequest) -> int | None:
    """Return the stored version that the page was shown with, None for none."""
    text = request.POST.get("version", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def somebody_saved(superseded: configuration.Superseded) -> str:
    at = timezone.localtime(superseded.changed_at)
    return gettext("%(name)s changed this at %(time)s. Reload and try again.") % {
        "name": isolated(superseded.changed_by or gettext("Somebody else")),
        "time": f"{at:%H:%M}",
    }


def nothing_stored() -> str:
    return gettext("There are no SAML login settings any more. Reload the page.")


def _forms(forms: Forms, provider: IdentityProvider | None) -> dict[str, object]:
    return {
        "metadata_form": forms.metadata or MetadataForm(),
        "manual_form": forms.manual or form_of_provider(provider),
        "certificate_form": forms.certificate or CertificateForm(),
        "address_form": forms.address or MetadataAddressForm(),
        "watch_form": forms.watch or form_of_watch(provider),
        "options_form": forms.options or form_of_options(provider),
    }


def _known_of(
    organization: Organization, provider: IdentityProvider
) -> dict[str, object]:
    problem = provider.metadata_problem
    return {
        "metadata_problem": refresh_sentence(problem) if problem else "",
        "watch_hint": hint_about(provider.metadata_url),
        "modes": mode_words.choices_of(provider, is_needed=is_needed(organization)),
    }


def _values_for_entra(organization: Organization) -> dict[str, str]:
    return {
        "entity_id": addresses.metadata_url(organization),
        "reply_url": addresses.acs_url(organization),
        "sign_on_url": addresses.sign_on_url(organization),
        "logout_url": addresses.logout_url(organization),
    }
