"""The page of the way in around SAML."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from chatwork_admin.organizations.attempts import known_browsers, outcomes
from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.signing_in import bypass
from chatwork_admin.portal.signing_in.by_password import SignInRefused
from chatwork_admin.portal.signing_in.proof_forms import BypassForm, proof_in
from chatwork_admin.portal.signing_in.too_many import later
from saml_sso.sign_in.next_paths import path_of_ours
from saml_sso.sign_in.rate import TooManyRequests


def door(request: HttpRequest, organization: Organization) -> HttpResponse:
    form = BypassForm(request.POST if request.method == "POST" else None)
    wanted = path_of_ours(request.POST.get("next", request.GET.get("next", "")))
    if form.is_valid():
        try:
            bypass.sign_in(
                request,
                organization,
                user_name=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                besides=proof_in(form, request),
            )
        except SignInRefused:
            wrong = gettext("The e-mail, the password, the code or the key is wrong.")
            form.add_error(None, outcomes.words(request, wrong))
        except TooManyRequests as refused:
            return later(request, refused.retry_after, door=request.get_full_path())
        else:
            response = redirect(wanted or "portal:overview")
            known_browsers.remember(response, request, form.cleaned_data["username"])
            return response
    context = {"form": form, "organization": organization, "next": wanted}
    code = 422 if form.errors else 200
    return render(request, "portal/bypass.html", context, status=code)
