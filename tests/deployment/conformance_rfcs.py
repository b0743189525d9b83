"""The paragraphs of RFC 9865 and, as far as a resource server goes, of RFC 6750."""

from tests.deployment.conformance_rows import Section, not_ours, ruled, yes

CURSORS, BEARER = "RFC 9865", "RFC 6750"
PLACES, LISTING = (
    ("scim/search/cursors.py", "scim/search/pages.py"),
    ("scim/search/listing.py",),
)
DEFAULT = (
    "tests/scim/search/test_listing.py::test_numbers_are_bounded_and_unknown_parameters_ignored",
)
AUTHENTICATION = "scim/authentication.py"

PAGES = (
    yes(
        f"{CURSORS} §2",
        "`cursor`, `nextCursor` but on the last page, `previousCursor` but on the first",
        PLACES,
    ),
    yes(f"{CURSORS} §2.1", "Errors of cursors and of their count", PLACES),
    yes(
        f"{CURSORS} §2.2",
        "Sorted pages",
        ("scim/search/sorting.py", "scim/search/pages.py"),
    ),
    not_ours(f"{CURSORS} §2.3", "Cursors as the only way", "optional; numbers stay"),
    yes(
        f"{CURSORS} §2.4",
        "Both ways of paging; by number where a client names none",
        LISTING,
        DEFAULT,
    ),
    yes(f"{CURSORS} §3", "Cursors in queries by POST", LISTING),
    yes(f"{CURSORS} §4", "`pagination` in the configuration", LISTING),
    yes(
        f"{CURSORS} §5.2",
        "Cursors are encrypted, bound to an organization, and expire",
        PLACES,
    ),
    yes(
        f"{CURSORS} §5.3",
        "Nothing is kept of a cursor; pages and requests have their limits",
        ("scim/limits.py", "scim/rate.py"),
        ("tests/scim/search/test_listing.py::test_a_page_has_its_limit",),
    ),
)
BROUGHT = (
    "tests/authorization/test_client_credentials.py::"
    "test_a_client_shows_its_secret_by_header_by_body_or_by_both"
)
TOKENS = (
    yes(f"{BEARER} §2.1", "A token in the header", (AUTHENTICATION,)),
    yes(f"{BEARER} §2.2", "None in a form: optional, and refused", (AUTHENTICATION,)),
    yes(f"{BEARER} §2.3", "None in an address", (AUTHENTICATION,)),
    yes(f"{BEARER} §3", "A challenge with each 401", ("scim/errors.py",)),
    yes(
        f"{BEARER} §3.1",
        "The challenge tells a token that is no good from none",
        (AUTHENTICATION,),
    ),
    yes(
        f"{BEARER} §4",
        "The answer that brings a token",
        ("chatwork_admin/authorization/provider.py",),
        (BROUGHT,),
    ),
    ruled(
        f"{BEARER} §5.3",
        "Tokens are short-lived, and sent over TLS only",
        "those of OAuth live 60 to 360 minutes; one made by hand may have an end, and "
        "need not, since Entra ID stops when it ends (row B6)",
        ("chatwork_admin/authorization/tokens.py",),
        ("tests/authorization/test_tokens.py::test_an_expired_token_is_refused",),
    ),
)
SECTIONS = (
    Section(f"{CURSORS}: pages by cursor", PAGES),
    Section(f"{BEARER}: bearer tokens", TOKENS),
)
