"""The authorization server's addresses. Strangers open them: clients prove themselves."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from chatwork_admin.authorization import views

app_name = "oauth"

urlpatterns = [
    path("oauth/token", login_not_required(views.token), name="token"),
    path("oauth/revoke", login_not_required(views.revoke), name="revoke"),
    path("oauth/introspect", login_not_required(views.introspect), name="introspect"),
    path(
        ".well-known/oauth-authorization-server",
        login_not_required(views.metadata),
        name="metadata",
    ),
]
