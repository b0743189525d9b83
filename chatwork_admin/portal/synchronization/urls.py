"""The User Synchronization page, and its end."""

from __future__ import annotations

from django.urls import path

from chatwork_admin.portal.synchronization.views import enabling, stop

urlpatterns = [
    path("", enabling.page, name="synchronization"),
    path("status/", enabling.status_panel, name="status"),
    path("enable/", enabling.enable, name="enable"),
    path("notes/", enabling.confirm, name="confirm-notices"),
    path("stop/", stop.page, name="stop"),
    path("stop/pause/", stop.pause, name="pause"),
    path("stop/resume/", stop.resume, name="resume"),
    path("stop/disable/", stop.disable, name="disable"),
]
