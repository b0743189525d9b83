"""The catalogue's rows on transport, authentication and discovery (A, B, C)."""

from tests.deployment.conformance_oauth import OAUTH
from tests.deployment.conformance_rows import Section, not_ours, yes

TOKENS = "tests/authorization/test_tokens.py"
PORTAL = "tests/portal/connection/test_connection.py"

TRANSPORT = (
    yes(
        "A1",
        "Resources lie directly below one stable base address",
        where=("scim/urls.py",),
    ),
    not_ours(
        "A2",
        "HTTPS with a public certificate and TLS 1.2",
        "the proxy in front ends TLS; plain HTTP is refused, not redirected",
        ("docs/how-to/deploy.md", "scim/course.py"),
    ),
    yes("A3", "A slash at the end is answered, never redirected"),
    yes("A4", "Unknown query parameters, Entra's flag among them, disturb nothing"),
    yes(
        "A5",
        "Filters are decoded from `+` and from `%20`",
        where=("scim/search/queries.py",),
    ),
    yes(
        "A6",
        "Bodies come as SCIM JSON or plain JSON, with or without a charset",
        where=("scim/limits.py",),
    ),
    yes("A7", "Each answer with a body is SCIM JSON, each error too"),
    yes(
        "A8",
        "GET and DELETE need neither a content type nor a body",
        where=("scim/limits.py",),
    ),
    yes("A9", "No `Accept` header is refused", where=("scim/dispatch.py",)),
    yes("A10", "A request needs no `User-Agent`", where=("scim/authentication.py",)),
    not_ours(
        "A11",
        "A list of allowed addresses must not cover SCIM by default",
        "the product has no such list",
    ),
    yes("A12", "`Location` equals `meta.location`, from the configured origin"),
    yes(
        "A13",
        "Values in any script are kept and shown exactly as sent",
        where=("scim/documents/schemas.py", "scim/documents/resources.py"),
    ),
    yes("A14", "Names, URNs and operators are read in any letter case"),
    not_ours(
        "A15",
        "No underscore in the host name",
        "whoever operates the product chooses the name",
        ("docs/how-to/deploy.md",),
    ),
)
AUTHENTICATION = (
    yes(
        "B1",
        "One bearer token per request, and nothing else, opens the door",
        where=("scim/authentication.py",),
    ),
    yes(
        "B2",
        "Without a good token: 401, a challenge and a SCIM Error",
        where=("scim/authentication.py", "scim/errors.py"),
    ),
    yes(
        "B3",
        "A token belongs to one organization; all others' ids are unknown to it",
        where=("scim/views.py", "chatwork_admin/authorization/tokens.py"),
    ),
    yes(
        "B4",
        "Synchronization off or plan ended: 403 that says what to do",
        where=("chatwork_admin/authorization/tokens.py", "scim/errors.py"),
    ),
    yes(
        "B5",
        "The token Entra makes itself for a blank secret is refused",
        where=("chatwork_admin/authorization/tokens.py",),
    ),
    yes(
        "B6",
        "Long-lived tokens: several, shown once, hashed, revocable, last use shown, "
        "warned of before they end",
        (
            "chatwork_admin/authorization/tokens.py",
            "chatwork_admin/authorization/reminders.py",
        ),
        (
            "tests/authorization/test_endings.py::test_each_warning_comes_once_as_time_goes_by",
            f"{TOKENS}::test_several_tokens_live_at_once",
            f"{TOKENS}::test_the_token_is_stored_nowhere",
            f"{TOKENS}::test_a_revoked_token_ends_at_once_and_is_recorded_once",
            f"{TOKENS}::test_the_last_use_is_noted_once_a_minute",
            f"{PORTAL}::test_a_token_is_shown_once_and_works",
            f"{PORTAL}::test_a_token_lasts_through_its_last_day",
        ),
    ),
    yes(
        "B7",
        "A token in the address is none, and no token is logged",
        where=("scim/authentication.py",),
    ),
)
DISCOVERY = (
    yes("C1", "`/Schemas` lists the schemas", where=("scim/discovery.py",)),
    yes("C2", "No nulls, and characteristics in the RFC's letter case"),
    yes("C3", "Types of e-mails, phone numbers and addresses are published"),
    yes(
        "C4",
        "One schema or resource type by its id; an unknown one is not found",
        where=("scim/views.py",),
    ),
    yes("C5", "Users come first among the resource types"),
    yes(
        "C6",
        "The configuration promises what is kept, also at `/serviceConfiguration`",
        where=("scim/discovery.py", "scim/urls.py"),
    ),
    yes(
        "C7",
        "Parameters are ignored, but a filter is refused with 403",
        where=("scim/views.py",),
    ),
    yes("C8", "Other methods: 405 with `Allow`", where=("scim/dispatch.py",)),
    yes(
        "C9",
        "Entra's token is accepted; the schema of users is described as a user account",
        where=("scim/documents/schemas.py",),
    ),
    yes(
        "C10",
        "Nothing is advertised that is not honoured",
        ("scim/documents/schemas.py",),
    ),
)
SECTIONS = (
    Section("A. Transport, addresses, headers", TRANSPORT),
    Section(
        "B. Authentication",
        (*AUTHENTICATION, *OAUTH),
        "B1 to B7 concern each request, the rest obtaining tokens by OAuth 2.0.",
    ),
    Section("C. Discovery", DISCOVERY),
)
