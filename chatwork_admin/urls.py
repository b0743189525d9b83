"""The composition root of addresses. What is open to strangers says so, here or below."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path

from chatwork_admin import probes
from chatwork_admin.support.urls import urls as support_urls
from scim.search_views import RootView
from scim.views import UnknownView

urlpatterns = [
    path("healthz", login_not_required(probes.alive), name="alive"),
    path("readyz", login_not_required(probes.ready), name="ready"),
    path("scim/v2/", include("scim.urls")),
    path("scim/v2", login_not_required(RootView.as_view())),
    re_path(r"^scim(?:/[\s\S]*)?$", login_not_required(UnknownView.as_view())),
    path("", include("chatwork_admin.authorization.urls")),
    path("saml/<str:public_id>/", include("saml_sso.urls")),
    path("support/", support_urls),
    path("", include("chatwork_admin.portal.urls")),
]

handler400 = "chatwork_admin.portal.views.errors.bad_request"
handler403 = "chatwork_admin.portal.views.errors.forbidden"
handler404 = "chatwork_admin.portal.views.errors.not_found"
handler500 = "chatwork_admin.portal.views.errors.server_error"
