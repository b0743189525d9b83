"""Cursors (RFC 9865): every row once, at any depth, for the query they came from."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.core import signing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.attributes import user_attributes
from scim import cursors, prepared
from tests.scim.conftest import GROUPS, USERS, Answer, Document, Provisioning
from tests.scim.statements import recorded

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@pytest.fixture
def ten(entra: Provisioning) -> list[str]:
    """Ten users, and Alice, who came before them."""
    ids = [entra.create(f"user{n}@example.jp", title=f"T{n % 3}") for n in range(10)]
    return [entra.get(USERS, filter='userName sw "alice"').resources[0]["id"], *ids]


def pages(
    get: Callable[..., Answer],
    meanwhile: Callable[[], object] = lambda: None,
    **asked: str | int,
) -> list[Answer]:
    """Follow the cursors from the first page to the last."""
    answers = [get(cursor="", **asked)]
    while "nextCursor" in answers[-1].body:
        meanwhile()
        answers.append(get(cursor=answers[-1].body["nextCursor"], **asked))
        assert answers[-1].status == 200, answers[-1].content
        assert len(answers) < 100
    return answers


def shown(answers: list[Answer]) -> list[str]:
    return [each["id"] for answer in answers for each in answer.resources]


@pytest.mark.parametrize("count", [1, 3, 10, 11, 12])
def test_cursors_lead_through_everybody_once(
    entra: Provisioning, ten: list[str], count: int
) -> None:
    """Row K6; RFC 9865 §2."""
    answers = pages(lambda **asked: entra.get(USERS, **asked), count=count)

    assert shown(answers) == ten
    assert {answer.body["totalResults"] for answer in answers} == {11}
    assert [answer.body["itemsPerPage"] for answer in answers[:-1]] == [count] * (
        len(answers) - 1
    )
    assert "startIndex" not in answers[0].body


def test_a_cursor_has_the_characters_of_the_rfc(
    entra: Provisioning, ten: list[str]
) -> None:
    """RFC 9865 §2."""
    for more in ({}, {"sortBy": "displayName"}, {"sortBy": "meta.lastModified"}):
        cursor = entra.get(USERS, cursor="", count=2, **more).body["nextCursor"]

        assert re.fullmatch(r"[A-Za-z0-9._~-]+", cursor)


def test_the_next_page_begins_where_the_index_says(
    entra: Provisioning, ten: list[str]
) -> None:
    first = entra.get(f"{USERS}?cursor&count=3").body

    with recorded() as statements:
        entra.get(f"{USERS}?cursor={first['nextCursor']}")

    assert prepared.PLACES_AFTER in [text for text, _ in statements]


def test_the_count_needs_not_be_said_again(entra: Provisioning, ten: list[str]) -> None:
    first = entra.get(USERS, cursor="", count=4)

    assert first.body["itemsPerPage"] == 4
    assert len(entra.get(USERS, cursor=first.body["nextCursor"]).resources) == 4


def test_a_search_has_cursors(entra: Provisioning, ten: list[str]) -> None:
    """RFC 9865 §3."""

    def search(**asked: str | int) -> Answer:
        return entra.post(f"{USERS}/.search", {"schemas": [SEARCH], **asked})

    answers = pages(search, count=4, filter='userName sw "user"', sortBy="userName")

    assert shown(answers) == ten[1:]
    assert {answer.body["totalResults"] for answer in answers} == {10}


def test_groups_have_cursors(entra: Provisioning) -> None:
    groups = [entra.create_group(f"G{number}") for number in range(5)]

    answers = pages(lambda **asked: entra.get(GROUPS, **asked), count=2)

    assert shown(answers) == groups


def test_count_0_only_counts(entra: Provisioning, ten: list[str]) -> None:
    answer = entra.get(USERS, cursor="", count=0)

    assert (answer.body["totalResults"], answer.resources) == (11, [])
    assert "nextCursor" not in answer.body


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
    """RFC 9865 §5."""
    cursor = entra.get(USERS, cursor="", count=2).body["nextCursor"]

    assert neighbour.get(USERS, cursor=cursor).refusal[:2] == (400, "invalidCursor")


def test_a_cursor_expires(
    entra: Provisioning, ten: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9865 §2.1, §5."""
    cursor = entra.get(USERS, cursor="", count=2).body["nextCursor"]
    monkeypatch.setattr(cursors, "TIMEOUT", -1)

    answer = entra.get(USERS, cursor=cursor)

    assert answer.refusal == (400, "expiredCursor", "CW-REQ-1")


def test_the_count_stays_what_it_was(entra: Provisioning, ten: list[str]) -> None:
    """RFC 9865 §2.1."""
    cursor = entra.get(USERS, cursor="", count=2).body["nextCursor"]

    answer = entra.get(USERS, cursor=cursor, count=3)

    assert answer.refusal == (400, "invalidCount", "CW-REQ-1")


def test_a_page_has_a_number_or_a_cursor(entra: Provisioning, ten: list[str]) -> None:
    answer = entra.get(USERS, cursor="", startIndex=1)

    assert answer.refusal[:2] == (400, "invalidValue")


def test_what_others_have_signed_is_no_cursor(entra: Provisioning) -> None:
    signed = signing.TimestampSigner(salt="other", sep="~").sign_object([])

    assert entra.get(USERS, cursor=signed).refusal[:2] == (400, "invalidCursor")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.integers(0, 200), character=st.characters(codec="utf-8"))
def test_a_cursor_that_was_tampered_with_is_refused(
    entra: Provisioning, place: int, character: str
) -> None:
    """RFC 9865 §2.1, §5."""
    bound_to = cursors.context("x")
    cursor = cursors.issue(cursors.Cursor(cursors.Place(uuid.UUID(int=1)), 1), bound_to)
    at = place % len(cursor)
    changed = cursor[:at] + character + cursor[at + 1 :]

    for text in (changed, cursor + character, cursor[:at], character):
        if text not in {cursor, ""}:
            answer = entra.get(USERS, cursor=text)
            assert answer.refusal == (400, "invalidCursor", "CW-REQ-1")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    count=st.integers(1, 4),
    sort_by=st.sampled_from(["", "userName", "title", "meta.created", "active"]),
    sort_order=st.sampled_from(["ascending", "descending"]),
    steps=st.lists(st.sampled_from(["arrive", "leave", "nothing"]), max_size=8),
)
def test_pages_are_disjoint_and_complete_whoever_comes_and_goes(
    enabled_acme: Organization,
    entra: Provisioning,
    count: int,
    sort_by: str,
    sort_order: str,
    steps: list[str],
) -> None:
    """Row E15; RFC 9865 §2.2."""
    people = enabled_acme.users.filter(role=User.Role.MEMBER)
    people.delete()
    stay = [arrive(enabled_acme, f"stay{number}").pk for number in range(6)]
    leave = [arrive(enabled_acme, f"leave{number}") for number in range(6)]
    script = iter(steps)

    def meanwhile() -> None:
        match next(script, "nothing"):
            case "arrive":
                arrive(enabled_acme, f"new{uuid.uuid4()}")
            case "leave" if leave:
                leave.pop().delete()

    sort = {"sortBy": sort_by, "sortOrder": sort_order} if sort_by else {}
    answers = pages(
        lambda **asked: entra.get(USERS, **asked), meanwhile, count=count, **sort
    )

    seen = shown(answers)
    assert len(seen) == len(set(seen))
    assert {str(each) for each in stay} <= set(seen)


def arrive(organization: Organization, name: str) -> User:
    document: Document = {"userName": f"{name}@example.jp", "title": name[:5]}
    columns = user_attributes(document).columns()
    return User.objects.create(organization=organization, document=document, **columns)
