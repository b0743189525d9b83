"""The paragraphs of RFC 7644, the protocol."""

from tests.deployment.conformance_rows import Section, not_ours, partly, ruled, yes

RFC = "RFC 7644"
VIEWS, TOKENS = "scim/views.py", "chatwork_admin/authorization/tokens.py"
AUTHENTICATION = "scim/authentication.py"
FOLDING = "chatwork_admin/organizations/folding.py"
BULK = "tests/scim/test_bulk.py"
BULK_BOUNDS = "tests/scim/test_bulk_bounds.py"
LOOK_ALIKE = (
    "tests/scim/test_hygiene.py::test_an_address_that_only_looks_like_one_is_refused"
)

ADMISSION = (
    yes(f"{RFC} §2", "Who calls is known by established means", (AUTHENTICATION,)),
    partly(
        f"{RFC} §2.1",
        "A token says what its bearer may do",
        "it opens one organization, and all of it: there are no scopes",
        (AUTHENTICATION,),
    ),
    yes(f"{RFC} §2.2", "Nobody is served without a token", (AUTHENTICATION,)),
)
REQUESTS = (
    not_ours(f"{RFC} §3.1", "SCIM on top of HTTP", "an introduction"),
    yes(f"{RFC} §3.2", "Endpoints and their methods"),
    yes(f"{RFC} §3.3", "Creation: 201, `Location`, 409 for duplicates", (VIEWS,)),
    yes(
        f"{RFC} §3.3.1",
        "`meta.resourceType` of what was created",
        ("scim/documents/resources.py",),
    ),
    yes(f"{RFC} §3.4.1", "One resource", (VIEWS,)),
    yes(f"{RFC} §3.4.2", "Lists; nothing found is an empty one"),
    yes(
        f"{RFC} §3.4.2.1",
        "Queries of one collection, or of users and groups at the root",
        ("scim/search/root.py", "scim/search/absences.py"),
    ),
    yes(f"{RFC} §3.4.2.2", "Filters: the whole grammar, by any attribute"),
    yes(f"{RFC} §3.4.2.3", "Sorting", ("scim/search/sorting.py",)),
    yes(f"{RFC} §3.4.2.4", "Pages by `startIndex` and `count`"),
    yes(f"{RFC} §3.4.2.5", "Lists in parts", ("scim/documents/projection.py",)),
    yes(
        f"{RFC} §3.4.3",
        "Queries by POST, at each collection and at the root",
        ("scim/search_views.py", "scim/search/queries.py"),
    ),
    yes(f"{RFC} §3.5.1", "PUT replaces a resource", (VIEWS, "scim/adapters.py")),
    yes(f"{RFC} §3.5.2", "PATCH: operations in order, all or none"),
    yes(f"{RFC} §3.5.2.1", "`add`", ("scim/documents/patch.py",)),
    ruled(
        f"{RFC} §3.5.2.2",
        "`remove`",
        "a list of values beside `path` is heeded (row H5), where the RFC has all "
        "values removed",
    ),
    ruled(
        f"{RFC} §3.5.2.3",
        "`replace`",
        "an entry of a published type is created (row F9), where the RFC has noTarget",
    ),
    yes(f"{RFC} §3.6", "Deletion: gone, and the name is free", (VIEWS,)),
    yes(
        f"{RFC} §3.7",
        "Bulk requests",
        tests=(
            f"{BULK}::test_each_operation_says_what_came_of_it",
            f"{BULK}::test_after_enough_errors_the_rest_is_left_undone",
        ),
    ),
    yes(f"{RFC} §3.7.1", "References in a circle"),
    yes(
        f"{RFC} §3.7.2",
        "`bulkId` stands for an id to come",
        ("scim/documents/bulk.py",),
        (f"{BULK}::test_a_group_may_come_before_its_members",),
    ),
    yes(
        f"{RFC} §3.7.3",
        "Each operation that was done has its answer; what others refer to is done first, "
        "and counts first for `failOnErrors`",
        ("scim/jobs.py",),
        (f"{BULK}::test_each_operation_says_what_came_of_it",),
    ),
    yes(
        f"{RFC} §3.7.4",
        "The most operations and bytes, published and enforced; of all operations inside "
        "PATCH bodies together 1,000",
        ("scim/documents/bulk.py", "scim/discovery.py"),
        (f"{BULK_BOUNDS}::test_more_operations_than_published_are_too_many",),
    ),
)
CONVENTIONS = (
    yes(f"{RFC} §3.8", "SCIM JSON, read and written in UTF-8", ("scim/limits.py",)),
    yes(f"{RFC} §3.9", "`attributes` and `excludedAttributes`"),
    yes(
        f"{RFC} §3.10",
        "Attributes named with or without URN",
        ("scim/documents/wordings.py",),
    ),
    yes(f"{RFC} §3.11", "`/Me` answers 501", ("scim/urls.py",)),
    yes(f"{RFC} §3.12", "Statuses and the form of errors"),
    yes(
        f"{RFC} §3.13", "The version of the protocol in the address", ("scim/urls.py",)
    ),
    yes(f"{RFC} §3.14", "Versions, `If-Match` and `If-None-Match`"),
    yes(f"{RFC} §4", "Discovery; a filter is refused"),
    partly(
        f"{RFC} §5",
        "Texts are prepared before they are compared",
        "composed and case folded; full-width letters are not mapped, and a userName "
        "with them is refused",
        (FOLDING,),
        (LOOK_ALIKE,),
    ),
    yes(f"{RFC} §6.1", "The token says which organization", (TOKENS,)),
    yes(f"{RFC} §6.2", "Ids of another organization mean nothing", (VIEWS,)),
)
SECURITY = (
    not_ours(f"{RFC} §7.1", "Security of HTTP", "a reminder of the RFCs of HTTP"),
    not_ours(
        f"{RFC} §7.2",
        "TLS",
        "the proxy in front ends it; plain HTTP is refused",
        ("docs/how-to/deploy.md", "scim/course.py"),
    ),
    yes(f"{RFC} §7.3", "Tokens end when they are revoked or expire", (TOKENS,)),
    yes(f"{RFC} §7.4", "Tokens do not become cookies", ("scim/course.py",)),
    yes(
        f"{RFC} §7.5.1", "Errors and logs hold no personal data", ("scim/dispatch.py",)
    ),
    yes(f"{RFC} §7.5.2", "What is sensitive need not be in an address", (VIEWS,)),
    yes(f"{RFC} §7.6", "No anonymous requests", (AUTHENTICATION,)),
    partly(
        f"{RFC} §7.7",
        "What is sensitive is stored safely",
        "of tokens a keyed hash is kept, of passwords nothing; encrypting the database "
        "is left to whoever operates it",
        (TOKENS,),
        ("tests/authorization/test_tokens.py::test_the_token_is_stored_nowhere",),
    ),
    yes(f"{RFC} §7.8", "Unique ignoring case, in any language", (FOLDING,)),
)
SECTIONS = (
    Section(f"{RFC}: admission", ADMISSION),
    Section(f"{RFC}: requests", REQUESTS),
    Section(f"{RFC}: conventions", CONVENTIONS),
    Section(f"{RFC}: security", SECURITY),
)
