"""Whether a value is what its type asks for (RFC 7643 §2.3.6, §2.3.7). Pure.

An error names the attribute by its path (RFC 7644 §3.10), and what to send instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from scim.documents import budget
from scim.documents.schemas import Attribute, InvalidAttribute, Type

MOST_SENT = 1000  # values of a list
# RFC 4648 §4; RFC 7643 §2.3.6 lets the padding be left out.
BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?"
)
# RFC 3986 appendix A: absolute or relative; whatever is on the web has a host.
CHARACTER = r"(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
URI = re.compile(
    r"(?!https?:(?!//[^/?#]))"
    r"(?:[a-z][a-z0-9+.-]*+:|(?![^/?#:]*+:))"
    rf"(?://(?:\[[0-9a-fv:.]++\](?::\d*+)?|{CHARACTER}*+)(?=[/?#]|$))?"
    rf"(?:{CHARACTER}|/)*+"
    rf"(?:\?(?:{CHARACTER}|[/?])*+)?(?:#(?:{CHARACTER}|[/?])*+)?",
    re.ASCII | re.IGNORECASE,
)


def is_base64(text: str) -> bool:
    return BASE64.fullmatch(text) is not None


def is_uri(text: str) -> bool:
    return URI.fullmatch(text) is not None


FORMS: dict[Type, tuple[Callable[[str], bool], str]] = {
    Type.binary: (
        is_base64,
        "must be base64 in one line (RFC 4648 §4), without BEGIN and END",
    ),
    Type.reference: (
        is_uri,
        "must be a URI (RFC 3986); write spaces and what is not ASCII as %XX",
    ),
}


def is_formed(attribute: Attribute, text: str) -> bool:
    """Whether a text has the form that its attribute's type asks for."""
    form = FORMS.get(attribute.type)
    return form is None or form[0](text)


def require(attribute: Attribute, value: object) -> None:
    """Raise InvalidAttribute for what no simple attribute but a boolean can have."""
    if value is None:
        return
    if isinstance(value, list):
        raise InvalidAttribute(
            detail=f"{attribute.path} is one value; send it without a list"
        )
    if not isinstance(value, str):
        raise InvalidAttribute(detail=f'{attribute.path} must be a text, as in "x"')
    if not is_formed(attribute, value):
        raise InvalidAttribute(detail=f"{attribute.path} {FORMS[attribute.type][1]}")


def require_few(attribute: Attribute, sent: list[object]) -> None:
    """Raise InvalidAttribute where more is sent than is read; members have no limit.

    More than are kept: some of them may be equal, or empty. Of a bulk request all lists
    count together: raises PayloadTooLargeException.
    """
    if attribute.name == "members":
        return
    if budget.is_shared():
        budget.require_few_visits(budget.spend("values", len(sent)))
    if len(sent) > MOST_SENT:
        raise InvalidAttribute(
            detail=f"{attribute.path} has {len(sent)} values; at most {MOST_SENT} are "
            "read. Send fewer."
        )


def require_one_primary(attribute: Attribute, entries: list[object]) -> None:
    """§2.4: the primary value is one. Raises InvalidAttribute."""
    primary = [e for e in entries if isinstance(e, dict) and e.get("primary") is True]
    if len(primary) > 1:
        raise InvalidAttribute(
            detail=f"{attribute.path} has more than one primary value; mark one only"
        )
