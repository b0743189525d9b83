"""What a cursor is (RFC 9865): of use to one query of one organization, and to nobody else."""

from __future__ import annotations

import re
import uuid
from base64 import urlsafe_b64decode
from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from scim.search import cursors
from tests.examples import DEAR
from tests.scim.conftest import GROUPS, USERS, Answer, Document, Provisioning


@pytest.fixture
def ten(entra: Provisioning) -> list[str]:
    return [entra.create(f"user{n}@example.jp", title=f"T{n % 3}") for n in range(10)]


def test_a_cursor_has_the_characters_of_the_rfc(
    entra: Provisioning, ten: list[str]
) -> None:
    """RFC 9865 §2."""
    for more in ({}, {"sortBy": "displayName"}, {"sortBy": "meta.lastModified"}):
        cursor = entra.get(USERS, cursor="", count=2, **more).body["nextCursor"]

        assert re.fullmatch(r"[A-Za-z0-9._~-]+", cursor)


def other_query(more: Document) -> Callable[[Provisioning, str], Answer]:
    return lambda entra, cursor: entra.get(USERS, cursor=cursor, **more)


@pytest.mark.parametrize(
    "ask",
    [
        other_query({"filter": "userName pr"}),
        other_query({"sortBy": "userName"}),
        other_query({"sortBy": "title", "sortOrder": "descending"}),
        lambda entra, cursor: entra.get(GROUPS, cursor=cursor),
    ],
)
def test_a_cursor_is_of_no_use_to_another_query(
    entra: Provisioning, ten: list[str], ask: Callable[[Provisioning, str], Answer]
) -> None:
    cursor = entra.get(USERS, cursor="", count=2).body["nextCursor"]

    assert ask(entra, cursor).refusal == (400, "invalidCursor", "CW-REQ-1")


def test_a_cursor_is_of_no_use_to_the_neighbour(
    entra: Provisioning, neighbour: Provisioning, ten: list[str]
) -> None:
    """RFC 9865 §5.2."""
    cursor = entra.get(USERS, cursor="", count=2).body["nextCursor"]

    assert neighbour.get(USERS, cursor=cursor).refusal[:2] == (400, "invalidCursor")


def test_a_cursor_expires(
    entra: Provisioning, ten: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9865 §2.1, §5.2."""
    cursor = entra.get(USERS, cursor="", count=2).body["nextCursor"]
    monkeypatch.setattr(cursors, "TIMEOUT", -1)

    answer = entra.get(USERS, cursor=cursor)

    assert answer.refusal == (400, "expiredCursor", "CW-REQ-1")


def test_what_others_have_encrypted_is_no_cursor(entra: Provisioning) -> None:
    other = Fernet(Fernet.generate_key()).encrypt(b"[]").decode().rstrip("=")

    assert entra.get(USERS, cursor=other).refusal[:2] == (400, "invalidCursor")


def test_nothing_can_be_read_in_a_cursor(entra: Provisioning, ten: list[str]) -> None:
    """RFC 9865 §5.2."""
    cursor = entra.get(USERS, cursor="", count=2, sortBy="userName").body["nextCursor"]

    held = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))

    assert not any(each in held for each in (b"user", b"example", ten[1].encode()))


def test_a_cursor_outlives_a_change_of_the_secret_key(
    entra: Provisioning, ten: list[str], settings: Settings
) -> None:
    cursor = entra.get(USERS, cursor="", count=4).body["nextCursor"]

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert len(entra.get(USERS, cursor=cursor).resources) == 4

    settings.SECRET_KEY_FALLBACKS = []
    assert entra.get(USERS, cursor=cursor).refusal[:2] == (400, "invalidCursor")


@DEAR
@given(place=st.integers(0, 200), character=st.characters(codec="utf-8"))
def test_a_cursor_that_was_tampered_with_is_refused(
    entra: Provisioning, place: int, character: str
) -> None:
    """RFC 9865 §2.1, §5.2."""
    bound_to = cursors.context("x")
    cursor = cursors.issue(cursors.Cursor(cursors.Place(uuid.UUID(int=1)), 1), bound_to)
    at = place % len(cursor)
    changed = cursor[:at] + character + cursor[at + 1 :]

    for text in (changed, cursor + character, cursor[:at], character):
        if text not in {cursor, ""}:
            answer = entra.get(USERS, cursor=text)
            assert answer.refusal == (400, "invalidCursor", "CW-REQ-1")
