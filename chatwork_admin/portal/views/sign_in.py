from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal import sign_in as operation
from chatwork_admin.portal.forms import SignInForm
from chatwork_admin.portal.views.errors import post_only
from saml_sso.models import identity_provider_of


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):  # a page's refresh outlived its session
        return HttpResponseClientRefresh()
    if isinstance(request.user, User) and operation.may_administer(request.user):
        return redirect(settings.LOGIN_REDIRECT_URL)
    return _door(request, None)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dedicated_login(request: HttpRequest, slug: str) -> HttpResponse:
    return _door(request, get_object_or_404(Organization, slug=slug))


@post_only
def sign_out(request: HttpRequest) -> HttpResponse:
    operation.sign_out(request)
    messages.success(request, gettext("You have signed out."))
    return redirect("portal:sign-in")


def too_many_attempts(
    request: HttpRequest, credentials: dict[str, str] | None = None
) -> HttpResponse:
    response = render(request, "portal/errors/too_many_attempts.html", status=429)
    response["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME * 60 * 60))
    return response


def _door(request: HttpRequest, organization: Organization | None) -> HttpResponse:
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operation.sign_in(
                request,
                user_name=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                door=organization,
            )
        except operation.SignInRefused:
            form.add_error(None, gettext("The e-mail or the password is wrong."))
        else:
            return redirect(_destination(request))
    context = {
        "form": form,
        "organization": organization,
        "has_saml": organization is not None
        and identity_provider_of(organization) is not None,
        "next": request.POST.get("next", request.GET.get("next", "")),
    }
    status = 422 if form.errors else 200
    return render(request, "portal/sign_in.html", context, status=status)


def _destination(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)
