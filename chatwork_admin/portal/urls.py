"""The portal's addresses. What strangers may open says so."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path

from chatwork_admin.portal.audit_log import views as audit_log
from chatwork_admin.portal.connection import urls as connection
from chatwork_admin.portal.help import views as help_pages
from chatwork_admin.portal.overview import views as overview
from chatwork_admin.portal.people import urls as people
from chatwork_admin.portal.saml import urls as saml
from chatwork_admin.portal.signing_in import urls as signing_in
from chatwork_admin.portal.synchronization import urls as synchronization
from chatwork_admin.portal.views import preferences

app_name = "portal"

for_strangers = [
    *signing_in.for_strangers,
    path("help/errors/", help_pages.error_codes, name="error-codes"),
    path("help/errors/<str:code>/", help_pages.error_code, name="error-code"),
    path("preferences/", preferences.choose, name="preferences"),
]
for pattern in for_strangers:
    login_not_required(pattern.callback)

urlpatterns: list[URLPattern | URLResolver] = [
    *for_strangers,
    path("account/", include(signing_in.personal_pages)),
    path("account/", include(signing_in.proof_pages)),
    path("oauth/", include(connection.consent_pages)),
    path("manage/", overview.page, name="overview"),
    path("manage/", include(people.urlpatterns)),
    path("manage/users/", include(signing_in.pages_of_others)),
    path("manage/sync/", include(synchronization.urlpatterns)),
    path("manage/sync/connection/", include(connection.urlpatterns)),
    path("manage/security/login/", include(saml.urlpatterns)),
    path("manage/audit/", audit_log.page, name="audit"),
]
