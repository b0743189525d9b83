"""Entity tags (RFC 7644 §3.14), and what `If-Match` and `If-None-Match` say of them.

Tags are weak: two answers with one tag may differ in what a request projects, and in
what is derived from other resources (`groups` of a user, `display` of a member).
"""

from __future__ import annotations

import re

from chatwork_admin.synchronization.versions import Expected

TAG = re.compile(r'(?:W/)?"([^"]*)"')
VERSION = re.compile(r"[1-9][0-9]{0,9}")


def tag(version: int) -> str:
    return f'W/"{version}"'


def expected(if_match: str | None) -> Expected:
    """Return the versions a write may meet; nothing that is no tag of ours is one.

    §3.14 compares weak tags here, which RFC 9110 §13.1.1 alone would never match.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    return _versions(if_match)


def is_known(if_none_match: str | None, version: int) -> bool:
    """Whether the client has the present version already: 304 says so."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or version in _versions(if_none_match)


def _versions(header: str) -> frozenset[int]:
    tags = TAG.findall(header)
    return frozenset(int(each) for each in tags if VERSION.fullmatch(each))
