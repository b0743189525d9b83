"""The paragraphs of RFC 7643, the core schema."""

from tests.deployment.conformance_rows import Section, not_ours, partly, ruled, yes

RFC = "RFC 7643"
SCHEMAS, RESOURCES = "scim/documents/schemas.py", "scim/documents/resources.py"
DISCOVERY = "scim/discovery.py"
USERS = "tests/scim/test_users.py"

SCHEMA = (
    yes(f"{RFC} §2.1", "Names of attributes ignore letter case"),
    yes(
        f"{RFC} §2.2",
        "Required, read-only, case-exact and unique are what the schema says they are",
        (SCHEMAS,),
    ),
    yes(f"{RFC} §2.3.1", "Texts", (SCHEMAS,)),
    yes(
        f"{RFC} §2.3.2",
        "Booleans, answered as JSON booleans",
        ("scim/documents/dialects.py",),
    ),
    not_ours(f"{RFC} §2.3.3", "Decimals", "no attribute of users or groups is one"),
    not_ours(f"{RFC} §2.3.4", "Integers", "no attribute of users or groups is one"),
    yes(f"{RFC} §2.3.5", "Instants, with their offset from UTC"),
    yes(f"{RFC} §2.3.6", "Binary values in base64", ("scim/documents/values.py",)),
    yes(f"{RFC} §2.3.7", "References are URIs", ("scim/documents/values.py",)),
    yes(f"{RFC} §2.3.8", "Complex values", (SCHEMAS,)),
    yes(f"{RFC} §2.4", "Values of one attribute: type, one primary, none twice"),
    yes(f"{RFC} §2.5", "Null, an empty list and unassigned are the same"),
)
RESOURCE = (
    yes(f"{RFC} §3", "`schemas` says what a resource is made of"),
    yes(f"{RFC} §3.1", "`id`, `externalId` and `meta` of each resource"),
    not_ours(f"{RFC} §3.2", "New kinds of resources", "there are none but the RFC's"),
    yes(f"{RFC} §3.3", "Extensions in containers named by their URN", (SCHEMAS,)),
    yes(f"{RFC} §4.1.1", "Users: single-valued attributes", (SCHEMAS,)),
    yes(f"{RFC} §4.1.2", "Users: multi-valued attributes; `groups` is read-only"),
    yes(f"{RFC} §4.2", "Groups: a name that is required, and members", (SCHEMAS,)),
    partly(
        f"{RFC} §4.3",
        "The enterprise extension",
        "a manager is what the client sent, who may come later (row D16): `$ref` and the "
        "optional `displayName` are not looked up, and the latter is not promised",
        (SCHEMAS,),
        (f"{USERS}::test_every_documented_attribute_is_kept_as_it_was_sent",),
    ),
)
DESCRIPTION = (
    yes(f"{RFC} §5", "The service provider describes what it can", (DISCOVERY,)),
    yes(f"{RFC} §6", "It describes its kinds of resources"),
    yes(f"{RFC} §7", "It describes its schemas", (DISCOVERY, SCHEMAS)),
    yes(
        f"{RFC} §8.1",
        "Example: the smallest user",
        (RESOURCES,),
        (f"{USERS}::test_a_client_cannot_say_what_is_not_its_to_say",),
    ),
    yes(f"{RFC} §8.2", "Example: a user with each attribute", (RESOURCES,)),
    yes(f"{RFC} §8.3", "Example: a user with the extension", (RESOURCES,)),
    yes(f"{RFC} §8.4", "Example: a group", (RESOURCES,)),
    yes(f"{RFC} §8.5", "Example: the configuration", (DISCOVERY,)),
    yes(f"{RFC} §8.6", "Example: the kinds of resources", (DISCOVERY,)),
    ruled(
        f"{RFC} §8.7.1",
        "The schemas of users and groups, as the RFC has them",
        "without `password`, which is never kept, and a manager's `displayName`, which is "
        "optional; with `externalId` (row C3); a group's `displayName` is unique (row H2), "
        "and members are users (row H15)",
    ),
    not_ours(
        f"{RFC} §8.7.2",
        "The schemas of the descriptions themselves",
        "they are fixed; `/Schemas` lists those of resources (RFC 7644 §4)",
        (DISCOVERY,),
    ),
    not_ours(f"{RFC} §9.1", "Security of the protocol", "refers to RFC 7644 §7"),
    yes(f"{RFC} §9.2", "Passwords are never kept and never shown", (SCHEMAS,)),
    partly(
        f"{RFC} §9.3",
        "Personal data is told to whom it concerns only",
        "logs and errors hold none, and another organization sees none; but a token "
        "may read every attribute",
        ("scim/dispatch.py",),
    ),
)
SECTIONS = (
    Section(f"{RFC}: attributes", SCHEMA),
    Section(f"{RFC}: resources", RESOURCE),
    Section(f"{RFC}: descriptions and security", DESCRIPTION),
)
