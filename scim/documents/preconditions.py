"""Entity tags (RFC 7644 §3.14), and what `If-Match` and `If-None-Match` say of them.

A tag is the version of the resource's own row, on which a write depends, and of a user a
checksum of its `groups` too, which change without it. A resource has one tag, whatever
an answer shows of it (record 0045).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from chatwork_admin.synchronization.versions import Expected

TAG = re.compile(r'(?:W/)?"([^"]*)"')
VERSION = re.compile(r"([1-9][0-9]{0,9})(?:-[0-9a-f]{1,8})?")


def tag(version: int, others: Sequence[Mapping[str, str]] = ()) -> str:
    """Return the tag of a resource; `others`: the groups that a user is in.

    A filter by `meta.version` says the same in SQL (`scim.search.memberships`).
    """
    if not others:
        return f'W/"{version}"'
    shown = "\n".join(f"{each['value']} {each.get('display', '')}" for each in others)
    return f'W/"{version}-{sha256(shown.encode()).hexdigest()[:8]}"'


def expected(if_match: str | None, if_none_match: str | None) -> Expected:
    """Return which versions a write may meet; what is no tag of ours is none.

    §3.14 compares weak tags here, which RFC 9110 §13.1.1 alone would never match.
    """
    if if_match is None and if_none_match is None:
        return None
    return lambda version: (
        (if_match is None or _names(if_match, version))
        and not (if_none_match is not None and _names(if_none_match, version))
    )


def is_met(if_match: str | None, present: str) -> bool:
    """Whether a read is wanted of what has this tag; otherwise 412 says no.

    Lists have none, "", and are what they are: "*".
    """
    return if_match is None or if_match.strip() == "*" or _has(if_match, present)


def is_known(if_none_match: str | None, present: str) -> bool:
    """Whether the client has what this tag is of: 304 says so."""
    if if_none_match is None or not present:
        return False
    return if_none_match.strip() == "*" or _has(if_none_match, present)


def _has(header: str, present: str) -> bool:
    return bool(present) and TAG.findall(present)[0] in TAG.findall(header)


def _names(header: str, version: int) -> bool:
    found = (VERSION.fullmatch(each) for each in TAG.findall(header))
    named = {int(each[1]) for each in found if each}
    return header.strip() == "*" or version in named
