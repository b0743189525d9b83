"""The composition root of addresses. What is open to strangers says so, here or below."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from chatwork_admin import probes
from chatwork_admin.support.urls import urls as support_urls

urlpatterns = [
    path("healthz", login_not_required(probes.alive), name="alive"),
    path("readyz", login_not_required(probes.ready), name="ready"),
    path("scim/v2/", include("scim.urls")),
    path("saml/<str:public_id>/", include("saml_sso.urls")),
    path("support/", support_urls),
    path("", include("chatwork_admin.portal.urls")),
]

handler400 = "chatwork_admin.portal.views.errors.bad_request"
handler403 = "chatwork_admin.portal.views.errors.forbidden"
handler404 = "chatwork_admin.portal.views.errors.not_found"
handler500 = "chatwork_admin.portal.views.errors.server_error"
