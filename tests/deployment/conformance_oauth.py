"""Rows B8 to B26: how provisioning clients obtain tokens."""

from __future__ import annotations

from tests.deployment.conformance_rows import yes

PACKAGE = "chatwork_admin/authorization"
CODE = "tests/authorization/test_authorization_code.py"
REQUESTS = "tests/authorization/test_authorization_requests.py"
GRANTS = "tests/authorization/test_grants.py"
ASSERTIONS = "tests/authorization/test_client_assertions.py"
HOSTILE = "tests/authorization/test_hostile_assertions.py"
KEYS = "tests/authorization/test_signing_keys.py"
PAGE = "tests/portal/connection/test_identities.py"
IDENTITIES = "tests/authorization/test_workload_identities.py"
CREDENTIALS = "tests/authorization/test_client_credentials.py"
SECRETS = "tests/authorization/test_client_secrets.py"
CONSENT = "tests/portal/connection/test_consent.py"
HAND_OVER = "tests/authorization/test_hand_over.py"
BROWSER = "tests/browser/test_consent.py"

OAUTH = (
    yes(
        "B8",
        "The publisher registers one client with Microsoft, for all customers",
        (f"{PACKAGE}/registrations.py",),
        (f"{CODE}::test_a_code_is_worth_a_token_that_can_be_refreshed",),
    ),
    yes(
        "B9",
        "Authorize: sign in here, consent, and back to Entra's portal with a code",
        ("chatwork_admin/portal/connection/views/consent.py",),
        (
            f"{BROWSER}::test_a_connection_is_authorized_and_provisions",
            f"{REQUESTS}::test_an_answer_goes_to_registered_addresses_only",
        ),
    ),
    yes(
        "B10",
        "The gallery's client, and those that are marked, may leave `response_type` out",
        (f"{PACKAGE}/authorization_requests.py",),
        (
            f"{REQUESTS}::test_who_is_marked_may_leave_the_response_type_out_and_nobody_else",
        ),
    ),
    yes(
        "B11",
        "`state` comes back as it was; PKCE is taken, not demanded",
        (f"{PACKAGE}/provider.py",),
        (
            f"{REQUESTS}::test_the_state_comes_back_as_it_was",
            f"{CODE}::test_who_began_with_a_challenge_must_know_its_answer",
        ),
    ),
    yes(
        "B12",
        "A code is exchanged for an access token and a refresh token",
        (f"{PACKAGE}/provider.py",),
        (f"{CODE}::test_a_code_is_worth_a_token_that_can_be_refreshed",),
    ),
    yes(
        "B13",
        "Refresh tokens outlive idle weeks, and a lost answer",
        (f"{PACKAGE}/models/grants.py", f"{PACKAGE}/provider.py"),
        (f"{GRANTS}::test_a_grant_that_nobody_has_used_for_ninety_days_is_over",),
    ),
    yes(
        "B14",
        "A connection goes on without whoever authorized it, and is asked for anew",
        (f"{PACKAGE}/grants.py", f"{PACKAGE}/hand_over.py"),
        (
            f"{GRANTS}::test_a_grant_outlives_the_right_of_whoever_gave_it",
            f"{HAND_OVER}::test_a_transfer_asks_to_authorize_again_within_fourteen_days",
            f"{HAND_OVER}::test_a_second_connection_overlaps_and_the_first_is_let_go_when_it_is_used_no_more",
        ),
    ),
    yes(
        "B15",
        "Only the administrator consents; whoever else gets no code",
        ("chatwork_admin/portal/connection/views/consent.py",),
        (f"{CONSENT}::test_nobody_else_authorizes_anything",),
    ),
    yes(
        "B16",
        "A refusal is told the client; a code is good once, and its reuse ends what it gave",
        (f"{PACKAGE}/grants.py",),
        (
            f"{CONSENT}::test_cancelling_authorizes_nothing_and_says_so_there",
            f"{CODE}::test_a_code_is_good_once_and_its_reuse_ends_what_it_gave",
            f"{CODE}::test_a_code_is_bound_to_the_client_and_the_address",
        ),
    ),
    yes(
        "B17",
        "Both ways are there: Authorize for what exists, client credentials for what is new",
        (f"{PACKAGE}/provider.py",),
        ("tests/authorization/test_at_once.py::test_it_takes_one_statement",),
    ),
    yes(
        "B18",
        "A secret comes by header, by body, or by both with equal values",
        (f"{PACKAGE}/presented.py",),
        (
            f"{CREDENTIALS}::test_a_client_shows_its_secret_by_header_by_body_or_by_both",
            f"{CREDENTIALS}::test_two_ways_that_differ_are_refused",
        ),
    ),
    yes(
        "B19",
        "Access tokens live 60 to 360 minutes",
        (f"{PACKAGE}/models/clients.py",),
        (
            f"{CREDENTIALS}::test_tokens_live_as_long_as_the_client_says",
            "tests/portal/connection/test_clients.py::test_the_lifetime_of_tokens_is_changed_and_those_there_are_live_out",
        ),
    ),
    yes(
        "B20",
        "Several secrets at once, for one to three years",
        (f"{PACKAGE}/clients.py",),
        (f"{SECRETS}::test_several_secrets_are_good_at_once_and_end_one_by_one",),
    ),
    yes(
        "B21",
        "A token, and with it the first page of users",
        (f"{PACKAGE}/provider.py",),
        (
            f"{CREDENTIALS}::test_a_client_shows_its_secret_by_header_by_body_or_by_both",
        ),
    ),
    yes(
        "B22",
        "Errors as RFC 6749 has them, and nothing is kept on the way",
        (f"{PACKAGE}/views.py",),
        (
            f"{CREDENTIALS}::test_what_cannot_be_given_is_refused_as_the_rfc_says",
            f"{SECRETS}::test_an_expired_secret_is_refused",
        ),
    ),
    yes(
        "B23",
        "A bearer token for more than a day, where one is asked for",
        (f"{PACKAGE}/tokens.py",),
        (
            "tests/portal/connection/test_connection.py::test_a_token_lasts_through_its_last_day",
        ),
    ),
    yes(
        "B24",
        "An assertion of a workload identity proves a client, instead of a secret",
        (f"{PACKAGE}/assertion_authentication.py",),
        (f"{ASSERTIONS}::test_an_assertion_is_worth_an_access_token",),
    ),
    yes(
        "B25",
        "Signature by `kid`, issuer, subject, audience and times are as trusted",
        (f"{PACKAGE}/client_assertions.py", f"{PACKAGE}/signing_keys.py"),
        (
            f"{HOSTILE}::test_what_proves_nothing_is_refused_for_its_own_reason",
            f"{KEYS}::test_an_unknown_key_is_looked_for_once_a_minute",
        ),
    ),
    yes(
        "B26",
        "The administrator types in whom a client trusts; the keys' host is listed",
        (
            f"{PACKAGE}/workload_identities.py",
            "chatwork_admin/portal/connection/views/identities.py",
        ),
        (
            f"{IDENTITIES}::test_what_cannot_be_trusted_is_told_by_its_field",
            f"{PAGE}::test_an_identity_is_typed_in_and_proves_the_client",
        ),
    ),
)
