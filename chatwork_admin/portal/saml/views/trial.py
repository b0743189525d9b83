"""The test sign-in: to the identity provider and back, and what was found."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
)
from chatwork_admin.portal.saml import entra_errors, trial_words
from chatwork_admin.portal.signing_in.step_up import step_up
from saml_sso.identity_providers.locks import NotConfigured
from saml_sso.models import identity_provider_of
from saml_sso.sign_in import testing
from saml_sso.sign_in.login_reasons import LoginRejected


@require_safe
@administrator_only
def start(request: PortalRequest) -> HttpResponse:
    """Lead to the identity provider.

    By a link: no form may lead to another site (form-action). A test changes nothing
    before its answer is believed.
    """
    try:
        url = testing.start(
            request.organization,
            administrator=request.user,
            next_path=reverse("portal:saml-test"),
        )
    except LoginRejected:  # the page of results says that there is nothing to test
        return redirect("portal:saml-test")
    return HttpResponseRedirect(url)


@require_safe
@administrator_only
def result(request: PortalRequest) -> HttpResponse:
    """Show what this administrator's last test found, for ten minutes."""
    test = testing.last_test(request.organization, request.user)
    provider = identity_provider_of(request.organization)
    context = {
        "test": test,
        "result": trial_words.result_of(test, request.user) if test else None,
        "account": testing.account_to_link(test, request.user) if test else None,
        "provider": provider,
        "is_present": provider is not None
        and test is not None
        and test.config_version == provider.config_version,
        **_looked_up(request),
    }
    return render(request, "portal/saml/test.html", context)


@administrator_only
@form_of("portal:saml-test")
@step_up(_("Link your account at the identity provider"))
def link(request: PortalRequest) -> HttpResponse:
    """Link what this administrator's last test named, as they have said it is theirs."""
    actor, shown = actor_of(request), request.POST.get("test", "")
    try:
        testing.link(request.organization, request.user, shown, actor=actor)
    except (NotConfigured, testing.NotLinkable):
        messages.error(
            request, gettext("Nothing was linked. Test again, and look who is meant.")
        )
    else:
        messages.success(request, gettext("The account is linked to you. Test again."))
    return redirect("portal:saml-test")


def _looked_up(request: PortalRequest) -> dict[str, object]:
    code = request.GET.get("code", "").strip()[:40]
    return {"code": code, "explained": entra_errors.explain(code) if code else None}
