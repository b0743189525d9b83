"""The test sign-in: to the identity provider and back, and what was found."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chatwork_admin.portal.access import PortalRequest, administrator_only
from chatwork_admin.portal.saml import entra_errors, trial_words
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
        "provider": provider,
        "is_present": provider is not None
        and test is not None
        and test.config_version == provider.config_version,
        **_looked_up(request),
    }
    return render(request, "portal/saml/test.html", context)


def _looked_up(request: PortalRequest) -> dict[str, object]:
    code = request.GET.get("code", "").strip()[:40]
    return {"code": code, "explained": entra_errors.explain(code) if code else None}
