"""The catalogue's rows on users: creating, reading, searching (D, E)."""

from tests.deployment.conformance_rows import Section, partly, ruled, yes

PROVISIONING = "chatwork_admin/synchronization/provisioning.py"
ATTRIBUTES = "chatwork_admin/synchronization/attributes.py"

CREATING = (
    yes(
        "D1",
        "Entra's usual creation: 201 and the whole user",
        where=("scim/views.py", PROVISIONING),
    ),
    yes("D2", "`id`, `meta` and `groups` from a client are ignored, not refused"),
    yes("D3", "Nulls, and entries of nothing but nulls, are unassigned"),
    yes("D4", "`schemas` may miss extensions, name strange ones or misspell one"),
    yes("D5", "`active` as a text is read as a boolean; anything else is refused"),
    yes(
        "D6",
        "`userName` comes back in the letter case it was sent in",
        where=("scim/documents/resources.py",),
    ),
    yes(
        "D7",
        "`userName` is unique and found ignoring case, in any script",
        where=("chatwork_admin/organizations/folding.py",),
    ),
    yes("D8", "A duplicate: 409 `uniqueness`", where=(PROVISIONING, "scim/errors.py")),
    yes(
        "D9",
        "`externalId` need not be unique; its letter case matters",
        where=("scim/search/conditions.py",),
    ),
    yes(
        "D10",
        "`externalId` may be absent, change, and be used again for others",
        where=(
            ATTRIBUTES,
            "docs/decisions/0024-an-external-id-may-change.md",
            "docs/decisions/0083-an-external-id-alone-restores-nobody.md",
        ),
    ),
    yes(
        "D11",
        "No `userName`: `invalidValue`; unreadable JSON: `invalidSyntax`",
        where=("scim/documents/resources.py", "scim/limits.py"),
    ),
    yes("D12", "Unknown attributes are ignored, and named in the audit log"),
    yes(
        "D13",
        "Two e-mails of one type may come; equal pairs are kept once; one is primary",
        where=("scim/documents/resources.py",),
    ),
    yes(
        "D14",
        "A password is accepted, never kept, never shown",
        where=("scim/documents/schemas.py",),
    ),
    yes(
        "D15",
        "Roles hold JSON in a text, or a plain text",
        where=("scim/documents/dialects.py",),
    ),
    yes("D16", "A manager comes as an object or a bare id, known or not"),
    yes("D17", "Somebody may be created suspended", where=(PROVISIONING,)),
    partly(
        "D18",
        "An existing account is found, linked, audited; never one from elsewhere",
        "the product does not know which domains an organization has verified",
        (PROVISIONING,),
    ),
    yes(
        "D19",
        "After deletion the name is free; who comes again has a new id, and his teams",
        where=(
            "chatwork_admin/synchronization/succession.py",
            "docs/decisions/0033-who-is-provisioned-again-succeeds.md",
        ),
    ),
    yes(
        "D20",
        "Ids are opaque, stable, never a client's",
        where=("chatwork_admin/identifiers.py",),
    ),
    yes(
        "D21",
        "What was committed is found at once, should an answer be lost",
        where=("scim/dispatch.py",),
    ),
)
READING = (
    yes(
        "E1",
        "One user by id; any other id, well-formed or not, is not found",
        where=("scim/views.py", "scim/documents/resources.py"),
    ),
    yes(
        "E2",
        "Nobody found: 200 with an empty list",
        where=("scim/search/listing.py", "scim/prepared.py"),
    ),
    yes("E3", "The connection test finds nobody, and is noticed"),
    yes("E4", "Each attribute Entra may match by can be filtered, by `eq` and `and`"),
    yes(
        "E5",
        "`userName` is compared ignoring case, `id` and `externalId` exactly",
        where=("scim/search/conditions.py",),
    ),
    ruled(
        "E6",
        "A matching query never finds two",
        "so it is for userName, which is unique; externalId and e-mails need not be "
        "(row D9); the portal shows who shares an externalId",
        ("scim/prepared.py", "saml_sso/sign_in/matches.py"),
        (
            (
                "tests/portal/saml/test_matches.py::"
                "test_who_would_be_found_twice_is_named_with_what_is_shared"
            ),
        ),
    ),
    yes(
        "E7",
        "Suspended users are shown by id, in lists and by filters",
        where=("scim/views.py",),
    ),
    yes("E8", "Entra's check of a reference, by `manager` or `members`"),
    yes(
        "E9",
        "All operators, grouping and value paths",
        ("scim/search/filters.py", "scim/search/comparisons.py"),
    ),
    yes("E10", "A bare word is taken for a literal; seven digits of a second are read"),
    yes("E11", "A filter that cannot be read is an error, never everybody"),
    yes(
        "E12",
        "Escapes and special characters in literals",
        where=("scim/search/filters.py",),
    ),
    yes("E13", "`startIndex` and `count` are bounded", where=("scim/limits.py",)),
    yes("E14", "The answer repeats the `startIndex` that was asked for"),
    yes("E15", "Pages keep their order while users are created; totals are exact"),
    yes("E16", "A page has a limit, which is no error", where=("scim/limits.py",)),
    yes(
        "E17",
        "`attributes` and `excludedAttributes` wherever a resource is shown",
        where=("scim/documents/projection.py",),
    ),
    yes("E18", "A value path in `attributes` stands for its attribute"),
    yes(
        "E19",
        "Lists are sorted if asked",
        where=("scim/search/sorting.py",),
    ),
    yes("E20", "Searches by POST", where=("scim/search_views.py",)),
    yes(
        "E21",
        "What was written is read at once",
        where=("scim/dispatch.py",),
    ),
    yes(
        "E22",
        "Unassigned attributes and empty extensions are left out",
        where=("scim/documents/resources.py",),
    ),
)
SECTIONS = (
    Section("D. Users: create", CREATING),
    Section("E. Users: read, search, page, project", READING),
)
