"""A form that waits while its sender proves who they are: once more, or by signing in.

It waits in the browser's session, one at a time, for its sender only and for ten minutes.
It is never sent by itself, but shown to be sent. Only forms of views that say what they do
(`waits`) wait here, without files, and none with a secret among its fields.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.functional import Promise

from chatwork_admin.organizations.models import User

NAME = "kept_form"
KEPT_SECONDS = 10 * 60
LONGEST = 256 * 1024  # characters
PROOF = "step-up"  # the prefix of the proof's fields
SECRETS = frozenset({"password", "new_password", "repeated", "code"})

Fields = Sequence[tuple[str, str]]
View = TypeVar("View", bound=Callable[..., Any])


class NotKept(Exception):
    """Too long, with a secret in it, or for a view that does not say what it does."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where a form was posted to, what that does in words, and the form's fields."""

    path: str
    asked: Promise
    fields: Fields
    needs_proof: bool = True


def waits(asked: Promise) -> Callable[[View], View]:
    """Let forms of a view wait until their sender has signed in again.

    `asked` is what the form does, in words.
    """

    def decorator(view: View) -> View:
        vars(view)["asks"] = asked
        return view

    return decorator


def fields_of(posted: QueryDict) -> Fields:
    """Return what was posted, but for the form's token and a proof that came along."""
    return [
        (name, value)
        for name, values in posted.lists()
        if name != "csrfmiddlewaretoken" and not name.startswith(f"{PROOF}-")
        for value in values
    ]


def keep(browser: SessionBase, sender: User, path: str, fields: Fields) -> None:
    """Let a form wait. Raises NotKept."""
    is_secret = any(name in SECRETS or "PRIVATE KEY" in value for name, value in fields)
    length = sum(len(name) + len(value) for name, value in fields)
    if is_secret or length > LONGEST or "asks" not in _said_of(path):
        raise NotKept(NotKept.__doc__)
    browser[NAME] = {
        "sender": str(sender.pk),
        "path": path,
        "fields": list(fields),
        "at": time.time(),
    }


def kept(browser: SessionBase, sender: User) -> KeptForm | None:
    """Return what waits here for this person."""
    waiting = browser.get(NAME)
    if waiting is None or not _is_good(waiting, sender):
        return None
    said = _said_of(waiting["path"])
    if "asks" not in said:
        return None
    fields = [(name, value) for name, value in waiting["fields"]]
    return KeptForm(waiting["path"], said["asks"], fields, "asks_again" in said)


def take_along(browser: SessionBase, sender: User) -> dict[str, Any]:
    """Return what may go over into the session that this person begins."""
    waiting = browser.get(NAME)
    return {NAME: waiting} if waiting and _is_good(waiting, sender) else {}


def drop(browser: SessionBase) -> None:
    browser.pop(NAME, None)


def _is_good(waiting: Mapping[str, Any], sender: User) -> bool:
    is_theirs = waiting["sender"] == str(sender.pk)
    return is_theirs and time.time() - float(waiting["at"]) <= KEPT_SECONDS


def _said_of(path: str) -> Mapping[str, Any]:
    """Return what `waits` and `step_up` say of the view behind an address."""
    try:
        return vars(resolve(urlsplit(path).path).func)
    except Resolver404:
        return {}
