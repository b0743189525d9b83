"""The portal's addresses. What strangers may open says so here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from chatwork_admin.portal.views import (
    account,
    audit,
    clients,
    connection,
    consent,
    grants,
    overview,
    password,
    people,
    preferences,
    recycle_bin,
    saml,
    saml_address,
    saml_certificates,
    saml_codes,
    saml_modes,
    saml_options,
    saml_sign_ins,
    saml_test,
    saml_versions,
    second_factor,
    sessions,
    sign_in,
    step_up,
    stop,
    synchronization,
    teams,
    transfer,
)
from chatwork_admin.portal.views import (
    help as help_pages,
)

app_name = "portal"

for_strangers = [
    path("", account.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/organization/", sign_in.find_door, name="find-door"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("s/<slug:slug>/", sign_in.dedicated_login, name="dedicated-login"),
    path("help/errors/", help_pages.error_codes, name="error-codes"),
    path("help/errors/<str:code>/", help_pages.error_code, name="error-code"),
    path("preferences/", preferences.choose, name="preferences"),
]
for pattern in for_strangers:
    login_not_required(pattern.callback)

personal_pages = [
    path("account/", account.page, name="account"),
    path("account/sessions/", sessions.page, name="sessions"),
    path(
        "account/sessions/others/end/", sessions.end_others, name="end-other-sessions"
    ),
    path("account/sessions/<uuid:session_id>/end/", sessions.end, name="end-session"),
]

proof_pages = [
    path("account/step-up/", step_up.go_on, name="step-up"),
    path("account/step-up/leave/", step_up.leave, name="step-up-leave"),
    path("account/password/", password.page, name="password"),
    path("account/second-factor/", second_factor.page, name="second-factor"),
    path(
        "account/second-factor/begin/",
        second_factor.begin,
        name="begin-second-factor",
    ),
    path(
        "account/second-factor/confirm/",
        second_factor.confirm,
        name="confirm-second-factor",
    ),
    path(
        "account/second-factor/replace/",
        second_factor.replace,
        name="replace-second-factor",
    ),
    path(
        "account/second-factor/replace/confirm/",
        second_factor.confirm_replacement,
        name="confirm-replacement",
    ),
    path(
        "account/second-factor/recovery-codes/",
        second_factor.renew_recovery_codes,
        name="renew-recovery-codes",
    ),
    path(
        "account/second-factor/remove/",
        second_factor.remove,
        name="remove-second-factor",
    ),
    path(
        "manage/users/<uuid:user_id>/second-factor/remove/",
        second_factor.remove_of,
        name="remove-second-factor-of",
    ),
]

people_pages = [
    path("manage/users/", people.users, name="users"),
    path("manage/users/<uuid:user_id>/", people.user, name="user"),
    path("manage/users/<uuid:user_id>/transfer/", transfer.transfer, name="transfer"),
    path(
        "manage/users/<uuid:user_id>/sign-out/",
        sessions.end_everywhere,
        name="end-sessions",
    ),
    path(
        "manage/users/<uuid:user_id>/restore/",
        recycle_bin.restore,
        name="restore-user",
    ),
    path("manage/users/<uuid:user_id>/erase/", recycle_bin.erase, name="erase-user"),
    path("manage/teams/", teams.teams, name="teams"),
    path("manage/teams/<uuid:team_id>/", teams.team, name="team"),
]

synchronization_pages = [
    path("manage/sync/", synchronization.page, name="synchronization"),
    path("manage/sync/status/", synchronization.status_panel, name="status"),
    path("manage/sync/enable/", synchronization.enable, name="enable"),
    path("manage/sync/notes/", synchronization.confirm, name="confirm-notices"),
    path("manage/sync/connection/", connection.page, name="connection"),
    path("manage/sync/connection/tokens/", connection.issue, name="issue-token"),
    path(
        "manage/sync/connection/tokens/<uuid:token_id>/revoke/",
        connection.revoke,
        name="revoke-token",
    ),
    path("oauth/authorize", consent.authorize, name="authorize"),
    path("oauth/deny", consent.deny, name="deny"),
    path(
        "manage/sync/connection/grants/<uuid:grant_id>/revoke/",
        grants.revoke,
        name="revoke-grant",
    ),
    path("manage/sync/connection/clients/", clients.register, name="register-client"),
    path(
        "manage/sync/connection/clients/<uuid:client_id>/", clients.page, name="client"
    ),
    path(
        "manage/sync/connection/clients/<uuid:client_id>/remove/",
        clients.remove,
        name="remove-client",
    ),
    path(
        "manage/sync/connection/clients/<uuid:client_id>/secrets/",
        clients.add_secret,
        name="add-secret",
    ),
    path(
        "manage/sync/connection/clients/<uuid:client_id>/secrets/<uuid:secret_id>/revoke/",
        clients.revoke_secret,
        name="revoke-secret",
    ),
    path("manage/sync/stop/", stop.page, name="stop"),
    path("manage/sync/stop/pause/", stop.pause, name="pause"),
    path("manage/sync/stop/resume/", stop.resume, name="resume"),
    path("manage/sync/stop/disable/", stop.disable, name="disable"),
]

saml_pages = [
    path("manage/security/login/", saml.page, name="saml"),
    path("manage/security/login/metadata/", saml.metadata, name="saml-metadata"),
    path("manage/security/login/address/", saml_address.fetch, name="saml-fetch"),
    path(
        "manage/security/login/address/<uuid:fetch_id>/",
        saml_address.fetched,
        name="saml-fetched",
    ),
    path("manage/security/login/watch/", saml_address.watch, name="saml-watch"),
    path("manage/security/login/manual/", saml.manual, name="saml-manual"),
    path("manage/security/login/save/", saml.save, name="saml-save"),
    path("manage/security/login/remove/", saml.remove, name="saml-remove"),
    path("manage/security/login/options/", saml_options.save, name="saml-options"),
    path(
        "manage/security/login/certificates/",
        saml_certificates.add,
        name="saml-add-certificate",
    ),
    path(
        "manage/security/login/certificates/<uuid:certificate_id>/trust/",
        saml_certificates.trust,
        name="saml-trust-certificate",
    ),
    path(
        "manage/security/login/certificates/<uuid:certificate_id>/activate/",
        saml_certificates.activate,
        name="saml-activate-certificate",
    ),
    path(
        "manage/security/login/certificates/<uuid:certificate_id>/retire/",
        saml_certificates.retire,
        name="saml-retire-certificate",
    ),
    path(
        "manage/security/login/certificates/<uuid:certificate_id>/remove/",
        saml_certificates.remove,
        name="saml-remove-certificate",
    ),
    path("manage/security/login/test/", saml_test.result, name="saml-test"),
    path("manage/security/login/test/start/", saml_test.start, name="saml-start-test"),
    path("manage/security/login/off/", saml_modes.off, name="saml-off"),
    path("manage/security/login/optional/", saml_modes.optional, name="saml-optional"),
    path("manage/security/login/required/", saml_modes.required, name="saml-required"),
    path("manage/security/login/sign-ins/", saml_sign_ins.page, name="saml-sign-ins"),
    path("manage/security/login/versions/", saml_versions.page, name="saml-versions"),
    path(
        "manage/security/login/versions/<int:number>/restore/",
        saml_versions.restore,
        name="saml-restore",
    ),
    path("manage/security/login/codes/", saml_codes.page, name="saml-codes"),
    path(
        "manage/security/login/codes/issue/", saml_codes.issue, name="saml-issue-codes"
    ),
    path(
        "manage/security/login/codes/file/",
        saml_codes.download,
        name="saml-download-codes",
    ),
]

security_pages = [
    path("manage/audit/", audit.page, name="audit"),
]

urlpatterns = [
    *for_strangers,
    *personal_pages,
    path("manage/", overview.page, name="overview"),
    *proof_pages,
    *people_pages,
    *synchronization_pages,
    *saml_pages,
    *security_pages,
]
