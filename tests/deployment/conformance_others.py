"""The catalogue's rows on errors, cycles, options and other clients (I, J, K, L)."""

from tests.deployment.conformance_rows import (
    Section,
    no,
    not_ours,
    partly,
    ruled,
    yes,
)

ERRORS = "scim/errors.py"
CYCLES = "tests/running_product/test_cycles.py"
REFUSED = (
    "tests/scim/documents/test_refused_operations.py"
    "::test_what_means_nothing_is_refused_and_the_operation_is_named"
)

ANSWERS = (
    yes("I1", "An error has one form; `status` is a text", where=(ERRORS,)),
    ruled(
        "I2",
        "The types of errors of both RFCs",
        "all but `sensitive`, which refuses personal data in addresses: Entra ID matches "
        "users by a filter in the address (row E4), so nothing here may answer with it",
        (ERRORS,),
        (REFUSED,),
    ),
    yes(
        "I3",
        "`detail` names the attribute and tells the administrator what to do, and no secret",
        (ERRORS,),
        ("tests/scim/test_remedies.py::test_an_error_says_what_to_do",),
    ),
    partly(
        "I4",
        "No error is HTML or empty",
        "granian refuses with an empty body, before there is a request, and has no setting "
        "for that: an address of 64 KB (from 16 KB on we answer 414), more than 100 headers "
        "or 400 KB of them, and what cannot be read as HTTP",
    ),
    yes("I5", "429 with `Retry-After`", ("scim/rate.py", ERRORS)),
    not_ours("I6", "Clients try again after 5xx", "a fact about clients"),
    yes("I7", "Nothing a client sends is answered with 500", ("scim/limits.py",)),
    yes("I8", "Size and depth of a body have limits", ("scim/limits.py",)),
    yes("I9", "405 with `Allow`; 501 for what is left out", ("scim/dispatch.py",)),
    yes("I10", "Another organization's ids are unknown", ("scim/views.py",)),
)
CYCLE = (
    yes(
        "J1",
        "A first cycle, then incremental ones",
        ("scim/views.py",),
        (
            f"{CYCLES}::test_a_first_cycle_creates_everybody_and_a_second_changes_nothing",
            f"{CYCLES}::test_an_incremental_cycle_sends_what_changed",
        ),
    ),
    yes(
        "J2",
        "25 requests a second of an organization are refused by no limit",
        ("scim/rate.py",),
    ),
    not_ours("J3", "How long a first cycle takes", "an estimate of Microsoft's"),
    not_ours(
        "J4",
        "When Entra stops and how it tries again",
        "a fact about Entra ID; the portal shows the last contact",
        ("chatwork_admin/synchronization/health.py",),
    ),
    not_ours("J5", "Provisioning on demand", "a fact about Entra ID"),
    not_ours("J6", "Matching attributes have an order", "a setting of Entra ID"),
    not_ours(
        "J7", "Entra does not send nulls", "a fact about Entra ID; see F22 for nulls"
    ),
    yes(
        "J8",
        "Saying the same again changes nothing",
        ("chatwork_admin/synchronization/provisioning.py",),
    ),
    yes(
        "J9", "What a restarted cycle asks is served by an index", ("scim/prepared.py",)
    ),
    yes(
        "J10",
        "Tokens are short",
        ("chatwork_admin/authorization/tokens.py",),
    ),
    yes(
        "J11",
        "Two clients may serve one organization",
        ("chatwork_admin/authorization/tokens.py",),
    ),
    yes(
        "J12",
        "Provisioning sends no mail",
        ("chatwork_admin/synchronization/provisioning.py",),
    ),
)
OPTIONS = (
    yes("K1", "Bulk requests", ("scim/documents/bulk.py", "scim/jobs.py")),
    yes("K2", "`/Me` answers 501: no token acts for a person", ("scim/urls.py",)),
    yes("K3", "Searches by POST", ("scim/search_views.py",)),
    yes("K4", "Versions and preconditions", ("scim/documents/preconditions.py",)),
    yes("K5", "Sorting", ("scim/search/sorting.py",)),
    yes(
        "K6",
        "Pages by cursor (RFC 9865)",
        ("scim/search/cursors.py", "scim/search/pages.py"),
    ),
    no("K7", "Events and asynchronous requests (RFC 9967)", "optional"),
    not_ours("K8", "Devices (RFC 9944)", "the product has users and groups only"),
    yes("K9", "No change of passwords, and it is said", ("scim/discovery.py",)),
    no(
        "K10",
        "The draft of an interoperability profile",
        "a draft that contradicts row D12: it refuses unknown attributes",
    ),
    partly(
        "K11",
        "The IPSIE profile, account lifecycle level 1",
        "sessions end, names are free after deletion, filters, pages, rates, locked "
        "attributes, logging, the scope `scim` and metadata (RFC 8414) are there; that "
        "clients authenticate by assertions (RFC 7523) is not demanded (row B18)",
    ),
)
CLIENTS = (
    yes("L1", "Okta's probe and its match", ("scim/search/listing.py",)),
    yes(
        "L2",
        "Okta's creation, with a placeholder for a password",
        ("scim/documents/schemas.py",),
    ),
    yes("L3", "Okta's PUT of what it has read", ("scim/adapters.py",)),
    yes(
        "L4",
        "Okta's second creation",
        ("chatwork_admin/synchronization/provisioning.py",),
    ),
    yes(
        "L5",
        "Okta's groups: renamed without a path, `id` in the value",
        ("scim/documents/wordings.py",),
    ),
    yes(
        "L6",
        "Okta's headers, JSON for 401 and 404, and 600 ms for groups "
        "(`tests/scim/group_page_times.py` measures them)",
        ("scim/limits.py", ERRORS),
        (
            "tests/scim/test_errors.py::test_without_a_token_there_is_nothing",
            "tests/scim/test_users.py::test_an_id_that_is_not_ours_is_unknown",
        ),
    ),
    yes(
        "L7",
        "Okta's OAuth addresses: a client has those that are typed in, Okta's are offered",
        ("chatwork_admin/authorization/redirect_addresses.py",),
        (
            "tests/authorization/test_redirect_addresses.py::test_a_client_is_authorized_by_its_own_address",
        ),
    ),
    yes("L8", "OneLogin's template"),
    yes("L9", "Google's deletion without a suspension", ("scim/views.py",)),
    not_ours(
        "L10", "Another server's limit for changes of members", "a figure to compare"
    ),
    not_ours("L11", "A comparison of clients", "something to read"),
)
SECTIONS = (
    Section("I. Errors", ANSWERS),
    Section("J. Cycles and throughput", CYCLE),
    Section("K. Options of the RFCs that Entra does not use", OPTIONS),
    Section("L. Other identity providers", CLIENTS),
)
