"""How two texts are compared where case does not matter (RFC 7643 §2.2, RFC 8265)."""

import unicodedata


def fold(text: str) -> str:
    """Return the form in which texts are compared: NFC, case folded. Idempotent."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded)


def is_plain(text: str) -> bool:
    """Whether no character is invisible, or a look-alike of a plainer one (`＠`)."""
    composed, plain = (unicodedata.normalize(form, text) for form in ("NFC", "NFKC"))
    return text.isprintable() and composed == plain


def is_spelled_alike(one: str, other: str) -> bool:
    """Ignore case only: folding takes "straße" for "strasse", who may be two people.

    And the Kelvin sign is no "k", whose lower case it has.
    """
    if one.isascii() != other.isascii():
        return False
    one, other = (unicodedata.normalize("NFC", each) for each in (one, other))
    return one.lower() == other.lower()
