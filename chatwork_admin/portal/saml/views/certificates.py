"""One certificate after another: add the next, activate, retire, remove."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
)
from chatwork_admin.portal.saml import settings_page
from chatwork_admin.portal.saml.forms import CertificateForm
from chatwork_admin.portal.saml.settings_page import Forms
from chatwork_admin.portal.signing_in.step_up import step_up
from saml_sso.identity_providers import rollover
from saml_sso.identity_providers.locks import NotConfigured
from saml_sso.models import TrustedCertificate

REFUSALS: dict[type[Exception], Promise] = {
    rollover.AlreadyTrusted: _(
        "This certificate is here and trusted already. Nothing was changed."
    ),
    rollover.TooManyCertificates: _(
        "Four certificates are trusted already. Retire one that is no longer used."
    ),
    rollover.CertificateExpired: _(
        "This certificate has expired. Download the current one in Entra ID."
    ),
    rollover.LastCertificate: _(
        "No other certificate is valid now: without this one nobody could sign in with "
        "Entra ID. Add the next one first."
    ),
    rollover.SignedLast: _(
        "The last sign-in was signed with this certificate. Make the next one active in "
        "Entra ID, test the sign-in, and retire this one then."
    ),
}
Step = Callable[..., None]


@administrator_only
@form_of("portal:saml")
@step_up(_("Trust another certificate"))
def add(request: PortalRequest) -> HttpResponse:
    form = CertificateForm(request.POST)
    if not form.is_valid():
        return settings_page.shown(request, Forms(certificate=form), code=422)
    try:
        row = rollover.add(
            request.organization,
            form.cleaned_data["certificate"],
            actor=actor_of(request),
        )
    except tuple(REFUSALS) as refused:
        form.add_error("certificate", str(REFUSALS[type(refused)]))
        return settings_page.shown(request, Forms(certificate=form), code=422)
    except NotConfigured:
        return settings_page.shown(
            request, problem=settings_page.nothing_stored(), code=409
        )
    messages.success(request, _added(row))
    return redirect("portal:saml")


@administrator_only
@step_up(_("Trust another certificate"))
def trust(request: PortalRequest, certificate_id: uuid.UUID) -> HttpResponse:
    done = gettext("The certificate is trusted from now on.")
    return _take(rollover.trust, request, certificate_id, done)


@administrator_only
@step_up(_("Activate a certificate"))
def activate(request: PortalRequest, certificate_id: uuid.UUID) -> HttpResponse:
    done = gettext("The certificate is active.")
    return _take(rollover.activate, request, certificate_id, done)


@administrator_only
@step_up(_("Retire a certificate"))
def retire(request: PortalRequest, certificate_id: uuid.UUID) -> HttpResponse:
    done = gettext("The certificate is retired: nothing signed with it is accepted.")
    return _take(rollover.retire, request, certificate_id, done)


@administrator_only
@step_up(_("Remove a certificate"))
def remove(request: PortalRequest, certificate_id: uuid.UUID) -> HttpResponse:
    done = gettext("The certificate is removed.")
    return _take(rollover.remove, request, certificate_id, done)


def _added(row: TrustedCertificate) -> str:
    if row.not_before <= timezone.now():
        said = gettext("The certificate %(thumbprint)s is trusted from now on.")
    else:
        said = gettext("The certificate %(thumbprint)s is trusted from %(day)s on.")
    day = f"{timezone.localtime(row.not_before):%Y-%m-%d}"
    return said % {"thumbprint": row.sha1, "day": day}


def _take(
    step: Step, request: PortalRequest, certificate_id: uuid.UUID, done: str
) -> HttpResponse:
    trusted = TrustedCertificate.objects.filter(organization=request.organization)
    get_object_or_404(trusted, pk=certificate_id)
    if request.method != "POST":  # whoever had to sign in again comes by GET
        return redirect("portal:saml")
    try:
        step(request.organization, certificate_id, actor=actor_of(request))
    except (NotConfigured, rollover.NoSuchCertificate) as error:
        raise Http404 from error
    except tuple(REFUSALS) as refused:
        problem = str(REFUSALS[type(refused)])
        return settings_page.shown(request, problem=problem, code=409)
    messages.success(request, done)
    return redirect("portal:saml")
