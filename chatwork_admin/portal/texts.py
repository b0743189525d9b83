"""What people type, and what neither the database nor a page can hold of it."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

_DOOR = re.compile(r"(?:(?:https?://)?[^/\s]*/s/)?([-a-zA-Z0-9_]{1,50})/?", re.ASCII)
LONGEST_LINE = 300
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Say whether PostgreSQL takes it: no NUL, and no surrogate without its pair."""
    return _UNSTORABLE.search(text) is None


def slug_in(text: str) -> str | None:
    """Return the name in an organization's login URL, or in what was typed of it.

    In capitals it is the same, and in the full width of a Japanese keyboard.
    """
    typed = unicodedata.normalize("NFKC", text.strip()).partition("?")[0]
    match = _DOOR.fullmatch(typed)
    return match[1].lower() if match else None


def instant_in(text: str) -> datetime | None:
    """Return the instant that a page has put into a form; None if it is none."""
    try:
        return parse_datetime(text)
    except ValueError:  # a day that no month has
        return None


def search_text(request: HttpRequest) -> str:
    """Return what the search box holds."""
    return request.GET.get("q", "").strip()


def isolated(text: str) -> str:
    """Wrap a customer's text so that its direction stays its own (UAX #9, FSI, PDI)."""
    return f"\u2068{text}\u2069"


def one_line(text: str) -> str:
    """Keep a customer's text to one line, so that it cannot pretend to be ours."""
    visible = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(visible.split())[:LONGEST_LINE]


def plain(value: object) -> str:
    """Write a recorded value as people read it; nothing is a dash."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, list):
        return ", ".join(map(plain, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
