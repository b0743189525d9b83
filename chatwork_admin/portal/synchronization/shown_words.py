"""Which words of the notes a page showed: a consent is to those, and to no others."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language

from chatwork_admin.synchronization.notices import NOTICES


class OtherWords(Exception):
    """The page showed other words than the present ones, or does not say which."""


def present_words() -> str:
    """Return the language and the versions of the notes shown now: `ja:1.1.2`."""
    return f"{get_language() or settings.LANGUAGE_CODE}:{_versions()}"


def language_of(words: str) -> str:
    """Return the language in which the present words were shown. Raises OtherWords."""
    language, _, versions = words.partition(":")
    if language not in dict(settings.LANGUAGES) or versions != _versions():
        raise OtherWords(OtherWords.__doc__)
    return language


def _versions() -> str:
    return ".".join(str(notice.version) for notice in NOTICES)
