"""In and out, and what everybody has here: themselves."""

from __future__ import annotations

from django.urls import path

from chatwork_admin.portal.signing_in.views import (
    account,
    password,
    recovery_codes,
    second_factor,
    security_keys,
    sessions,
    sign_in,
    step_up,
)

for_strangers = [
    path("", account.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/organization/", sign_in.find_door, name="find-door"),
    path("sign-in/key/", security_keys.request_options, name="key-options"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("s/<str:slug>/", sign_in.dedicated_login, name="dedicated-login"),
]

personal_pages = [
    path("", account.page, name="account"),
    path("sessions/", sessions.page, name="sessions"),
    path("sessions/others/end/", sessions.end_others, name="end-other-sessions"),
    path("sessions/<uuid:session_id>/end/", sessions.end, name="end-session"),
]

proof_pages = [
    path("step-up/", step_up.go_on, name="step-up"),
    path("step-up/leave/", step_up.leave, name="step-up-leave"),
    path("password/", password.page, name="password"),
    path("second-factor/", second_factor.page, name="second-factor"),
    path("second-factor/begin/", second_factor.begin, name="begin-second-factor"),
    path("second-factor/confirm/", second_factor.confirm, name="confirm-second-factor"),
    path("second-factor/replace/", second_factor.replace, name="replace-second-factor"),
    path(
        "second-factor/replace/confirm/",
        second_factor.confirm_replacement,
        name="confirm-replacement",
    ),
    path(
        "second-factor/recovery-codes/",
        recovery_codes.renew,
        name="renew-recovery-codes",
    ),
    path(
        "second-factor/recovery-codes/file/",
        recovery_codes.download,
        name="download-recovery-codes",
    ),
    path("second-factor/remove/", second_factor.remove, name="remove-second-factor"),
    path("second-factor/key/", security_keys.page, name="security-key"),
    path("second-factor/key/begin/", security_keys.begin, name="begin-security-key"),
    path(
        "second-factor/key/options/",
        security_keys.creation_options,
        name="security-key-options",
    ),
    path("second-factor/key/first/", security_keys.add_first, name="add-first-key"),
    path("second-factor/key/add/", security_keys.add, name="add-security-key"),
    path(
        "second-factor/key/<uuid:key_id>/remove/",
        security_keys.remove,
        name="remove-security-key",
    ),
]

pages_of_others = [
    path("<uuid:user_id>/sign-out/", sessions.end_everywhere, name="end-sessions"),
    path(
        "<uuid:user_id>/second-factor/remove/",
        second_factor.remove_of,
        name="remove-second-factor-of",
    ),
]
