"""The catalogue's rows on changes: PATCH of users, their life, groups (F, G, H)."""

from tests.deployment.conformance_rows import Section, not_ours, yes

PROVISIONING = "chatwork_admin/synchronization/provisioning.py"
SUCCESSION = "chatwork_admin/synchronization/succession.py"
GROUPING = "chatwork_admin/synchronization/grouping.py"
WORDINGS, PATCH = "scim/documents/wordings.py", "scim/documents/patch.py"
SAML_RACES = "tests/saml_sso/test_login_races.py"
NO_SESSION = "test_whoever_is_suspended_in_the_same_moment_has_no_session_afterwards"
SIGN_IN = "tests/portal/signing_in/test_sign_in.py"
DELETION = (
    "tests/synchronization/test_provisioning.py"
    "::test_a_deleted_user_leaves_teams_and_frees_licence_and_address"
)

PATCHING = (
    yes("F1", "`active` as a text, without Entra's flag"),
    yes("F2", "`add` replaces a single value", where=(PATCH,)),
    yes("F3", "`active` as a boolean, with the flag", where=(PATCH,)),
    yes("F4", "`op` in any letter case"),
    yes("F5", "An object without a path is merged", where=(WORDINGS,)),
    yes("F6", "Its keys may be dotted or qualified paths", where=(WORDINGS,)),
    yes("F7", "Its nested objects are merged, what they leave out stays", (WORDINGS,)),
    yes("F8", "A value path changes one part of one entry", where=(PATCH,)),
    yes("F9", "A value path of a published type creates the entry it does not find"),
    yes("F10", "`primary` in a value path, also quoted"),
    yes("F11", "Several parts of one absent entry make one entry", where=(PATCH,)),
    yes("F12", "`add` to a list: one entry or many, equal ones once"),
    yes("F13", "`replace` of a list replaces all of it", where=(PATCH,)),
    yes("F14", "A part of a complex attribute that is absent yet", where=(PATCH,)),
    yes("F15", "Paths into the extension, with a colon", where=(WORDINGS,)),
    yes("F16", "The same with a dot"),
    yes("F17", "The extension itself as a path; core attributes with their URN"),
    yes("F18", "Extension attributes without their URN"),
    yes("F19", "A manager in a list of one"),
    yes("F20", "A manager as a bare id"),
    yes("F21", "A manager removed, emptied or nulled"),
    yes("F22", "Each attribute emptied by an empty text, and by null"),
    yes("F23", "`remove` of what is absent, or with a value beside it", where=(PATCH,)),
    yes("F24", "`remove` of entries that a filter finds", where=(PATCH,)),
    yes("F25", "`remove` without a path: `noTarget`", where=(WORDINGS,)),
    yes("F26", "All operations in order, or none"),
    yes(
        "F27",
        "A rename: found by the new name only; 409 if taken",
        where=(PROVISIONING,),
    ),
    yes("F28", "Unknown attributes are ignored; bad syntax is `invalidPath`"),
    yes("F29", "Read-only paths: `mutability`; within an object they are ignored"),
    yes("F30", "A new primary entry ends the old one", where=(PATCH,)),
    yes("F31", "What is there already changes nothing", where=(PROVISIONING,)),
    yes("F32", "The answer is the whole user", where=("scim/views.py",)),
    yes("F33", "With `attributes`, its parts", where=("scim/adapters.py",)),
    yes(
        "F34", "Unknown id: 404; a suspended user can be changed", where=(PROVISIONING,)
    ),
    yes("F35", "Texts for booleans, one value for a list, keys in any letter case"),
    yes("F36", "No operations, no `op`, no value: refused", where=(WORDINGS,)),
    yes("F37", "`schemas` of the request may be missing"),
    yes("F38", "`Operations` in any letter case"),
    yes("F39", "One operation per attribute, or all in one", where=(WORDINGS,)),
)
LIFE = (
    yes("G1", "Suspension by `active` false", where=(PROVISIONING,)),
    yes(
        "G2",
        "Suspension ends all access at once",
        (PROVISIONING, "chatwork_admin/organizations/sessions/ending.py"),
        (
            "tests/saml_sso/test_identities_refused.py::test_who_may_not_sign_in_is_refused",
            f"{SAML_RACES}::{NO_SESSION}",
            f"{SIGN_IN}::test_whoever_is_suspended_while_signed_in_is_out_at_once",
            f"{SIGN_IN}::test_a_suspended_user_manager_does_not_get_in",
        ),
    ),
    yes("G3", "Back with the same id and the same groups", where=(PROVISIONING,)),
    yes("G4", "DELETE: 204 without a body", where=("scim/views.py", PROVISIONING)),
    not_ours(
        "G5",
        "After an unassignment Entra never sends a DELETE",
        "a fact about Entra ID: who was suspended so stays suspended",
    ),
    yes("G6", "DELETE may come without a suspension before", where=(PROVISIONING,)),
    yes("G7", "Whoever is deleted is gone from everything", where=(PROVISIONING,)),
    yes("G8", "Entra may then create anew", where=(SUCCESSION,)),
    yes(
        "G9",
        "A second creation: 409 while suspended; after deletion it brings back",
        where=(PROVISIONING, SUCCESSION),
    ),
    yes(
        "G10",
        "Deletion takes a user from groups, and clears references by `manager`",
        ("chatwork_admin/synchronization/references.py",),
        (DELETION,),
    ),
    yes("G11", "The organization administrator is protected", where=(PROVISIONING,)),
    yes("G12", "Deletions that Entra held back come at once", where=(PROVISIONING,)),
    not_ours("G13", "Entra may skip whoever leaves its scope", "a setting of Entra ID"),
    yes("G14", "PUT replaces, never creates; silence keeps `active`"),
    yes(
        "G15",
        "`lastModified` and version change with the content, and only with it",
        where=(PROVISIONING, "scim/documents/preconditions.py"),
    ),
    yes(
        "G16",
        "Synchronized attributes are locked in the portal",
        ("chatwork_admin/portal/people/views/users.py",),
        (
            "tests/portal/people/test_people.py::test_a_person_is_shown_locked_with_a_timeline",
        ),
    ),
    yes("G17", "No licence left: 403 that says so", where=(PROVISIONING,)),
)
GROUPS = (
    yes("H1", "Entra's creation of a group, its own schema ignored", where=(GROUPING,)),
    yes("H2", "`displayName` is unique and can be filtered"),
    yes("H3", "`excludedAttributes=members` is honoured everywhere"),
    yes("H4", "Members are added by a list", where=(PATCH,)),
    yes("H5", "`remove` with a list removes those it lists"),
    yes("H6", "`remove` with a filter, also joined by `or`"),
    yes("H7", "`remove` without either removes all"),
    yes("H8", "Members without a path; replaced as a whole", where=(PATCH,)),
    yes(
        "H9",
        "Members as bare texts; unknown ones are left out, and named in the audit log",
        (GROUPING, "chatwork_admin/synchronization/strangers.py"),
    ),
    yes("H10", "Adding twice and removing the absent succeed", where=(PATCH,)),
    yes("H11", "The answer to a change of a group is 204"),
    yes("H12", "Hundreds of members in one request", where=(GROUPING,)),
    yes("H13", "A member is shown with `value`, `$ref`, `type` and `display`"),
    yes("H14", "Who was created just now can join", where=(GROUPING,)),
    yes("H15", "Groups in groups do not come; one that does is left out"),
    yes("H16", "A deleted group leaves its members", where=(GROUPING,)),
    yes("H17", "A user's `groups` are read-only and follow membership"),
    not_ours("H18", "What to answer without groups", "groups are supported"),
)
SECTIONS = (
    Section("F. PATCH of users", PATCHING),
    Section("G. Suspension, return, deletion, PUT", LIFE),
    Section("H. Groups", GROUPS),
)
