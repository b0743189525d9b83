"""The notes that somebody has ticked, kept while they clear what else is missing.

They wait in the browser's session and count only for the very words that were shown.
"""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.sessions.backends.base import SessionBase

from chatwork_admin.portal.synchronization import shown_words
from chatwork_admin.synchronization.notices import KEYS

NAME = "ticked_notes"


def keep(session: SessionBase, ticked: Collection[str], words: str) -> None:
    """`words` says in which words the notes were read, as `shown_words` does."""
    session[NAME] = {"words": words, "ticked": sorted(ticked)}


def kept(session: SessionBase) -> frozenset[str]:
    """Return what was ticked of the notes in their present words."""
    waiting = session.get(NAME, {})
    if waiting.get("words") != shown_words.present_words():
        return frozenset()
    return KEYS.intersection(waiting["ticked"])


def drop(session: SessionBase) -> None:
    session.pop(NAME, None)
