"""Users and teams."""

from __future__ import annotations

from django.urls import path

from chatwork_admin.portal.people.views import (
    identity,
    recycle_bin,
    teams,
    transfer,
    user_managers,
    users,
)

urlpatterns = [
    path("users/", users.users, name="users"),
    path("users/<uuid:user_id>/", users.user, name="user"),
    path("users/<uuid:user_id>/transfer/", transfer.transfer, name="transfer"),
    path("users/<uuid:user_id>/appoint/", user_managers.appoint, name="appoint"),
    path("users/<uuid:user_id>/dismiss/", user_managers.dismiss, name="dismiss"),
    path("users/<uuid:user_id>/restore/", recycle_bin.restore, name="restore-user"),
    path("users/<uuid:user_id>/erase/", recycle_bin.erase, name="erase-user"),
    path("users/<uuid:user_id>/unlink/", identity.unlink, name="unlink-identity"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<uuid:team_id>/", teams.team, name="team"),
]
