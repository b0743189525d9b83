"""The paragraphs of RFC 9865 and, as far as a resource server goes, of RFC 6750."""

from tests.deployment.conformance_rows import Section, later, no, not_ours, partly, yes

CURSORS, BEARER = "RFC 9865", "RFC 6750"
NOT_YET = "pages go by `startIndex`; `cursor` is ignored"
AUTHENTICATION = "scim/authentication.py"

PAGES = (
    no(f"{CURSORS} §2", "`cursor`, `nextCursor`, `previousCursor`", NOT_YET),
    no(f"{CURSORS} §2.1", "Errors of cursors", NOT_YET),
    no(f"{CURSORS} §2.2", "Sorted pages", NOT_YET),
    no(f"{CURSORS} §2.3", "A default way of paging", NOT_YET),
    no(f"{CURSORS} §2.4", "Cursors as the only way", "optional; `startIndex` stays"),
    not_ours(
        f"{CURSORS} §2.5",
        "Clients that know no cursors are served",
        "so they are: " + NOT_YET,
    ),
    no(f"{CURSORS} §3", "Cursors in queries by POST", NOT_YET),
    no(f"{CURSORS} §4", "`pagination` in the configuration", NOT_YET),
    no(f"{CURSORS} §5", "Cursors betray nothing and expire", NOT_YET),
)
TOKENS = (
    yes(f"{BEARER} §2.1", "A token in the header", (AUTHENTICATION,)),
    yes(f"{BEARER} §2.2", "None in a form: optional, and refused", (AUTHENTICATION,)),
    yes(f"{BEARER} §2.3", "None in an address", (AUTHENTICATION,)),
    yes(f"{BEARER} §3", "A challenge with each 401", ("scim/errors.py",)),
    partly(
        f"{BEARER} §3.1",
        "The challenge tells why a token was refused",
        "the body tells; the challenge itself names no error",
        ("scim/errors.py",),
    ),
    later(f"{BEARER} §4", "The answer that brings a token", "belongs to OAuth 2.0"),
    partly(
        f"{BEARER} §5.3",
        "Tokens are short-lived, and sent over TLS only",
        "an end may be set, and need not be",
        ("chatwork_admin/authorization/tokens.py",),
        ("tests/authorization/test_tokens.py::test_an_expired_token_is_refused",),
    ),
)
SECTIONS = (
    Section(f"{CURSORS}: pages by cursor", PAGES),
    Section(f"{BEARER}: bearer tokens", TOKENS),
)
