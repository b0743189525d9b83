"""A form that waits while its sender proves elsewhere who they are.

It waits in the browser's session, one at a time, and for as long as a proof is good. Only
forms of views behind `step_up` wait here; none of them has a secret among its fields.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.urls import Resolver404, resolve
from django.utils.functional import Promise

NAME = "kept_form"
KEPT_SECONDS = 10 * 60
LONGEST = 256 * 1024  # characters

Fields = Sequence[tuple[str, str]]


class NotKept(Exception):
    """Too long, or for an address that asks for no proof."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where a form was posted to, what that does in words, and the form's fields."""

    path: str
    asked: Promise
    fields: Fields


def keep(session: SessionBase, path: str, fields: Fields) -> None:
    """Let a form wait. Raises NotKept."""
    if _asked(path) is None:
        raise NotKept(NotKept.__doc__)
    if sum(len(name) + len(value) for name, value in fields) > LONGEST:
        raise NotKept(NotKept.__doc__)
    session[NAME] = {"path": path, "fields": list(fields), "at": time.time()}


def kept(session: SessionBase) -> KeptForm | None:
    waiting = session.get(NAME)
    if waiting is None or time.time() - waiting["at"] > KEPT_SECONDS:
        return None
    asked = _asked(waiting["path"])
    if asked is None:
        return None
    fields = [(name, value) for name, value in waiting["fields"]]
    return KeptForm(waiting["path"], asked, fields)


def drop(session: SessionBase) -> None:
    session.pop(NAME, None)


def _asked(path: str) -> Promise | None:
    """Return what a view behind `step_up` does, in words."""
    try:
        view = resolve(urlsplit(path).path).func
    except Resolver404:
        return None
    asked: Promise | None = vars(view).get("asks_again")
    return asked
