"""Cursors (RFC 9865): every row once, at any depth, for the query they came from."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.attributes import user_attributes
from scim import prepared
from tests.examples import DEAR
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


def test_the_count_stays_what_it_was(entra: Provisioning, ten: list[str]) -> None:
    """RFC 9865 §2.1."""
    cursor = entra.get(USERS, cursor="", count=2).body["nextCursor"]

    answer = entra.get(USERS, cursor=cursor, count=3)

    assert answer.refusal == (400, "invalidCount", "CW-REQ-1")


def test_a_page_has_a_number_or_a_cursor(entra: Provisioning, ten: list[str]) -> None:
    answer = entra.get(USERS, cursor="", startIndex=1)

    assert answer.refusal[:2] == (400, "invalidValue")


@pytest.mark.parametrize("cursor", ["", None])
@pytest.mark.parametrize("count", ["x", "1.5", "--1"])
def test_a_count_beside_a_cursor_is_a_number(
    entra: Provisioning, ten: list[str], cursor: str | None, count: str
) -> None:
    """RFC 9865 §2.1."""
    said = entra.get(USERS, cursor="", count=2).body["nextCursor"]
    asked = said if cursor is None else cursor

    answer = entra.get(USERS, cursor=asked, count=count)

    assert answer.refusal == (400, "invalidCount", "CW-REQ-1")


@pytest.mark.parametrize("sort_order", ["ascending", "descending"])
@pytest.mark.parametrize("sort_by", ["", "userName", "title", "meta.created"])
def test_previous_cursors_lead_back_to_the_first_page(
    entra: Provisioning, ten: list[str], sort_by: str, sort_order: str
) -> None:
    """RFC 9865 §2: the first page has none."""
    asked: Document = {"sortBy": sort_by, "sortOrder": sort_order} if sort_by else {}
    forward = pages(lambda **more: entra.get(USERS, **more), count=4, **asked)

    backward = forward[-1:]
    while "previousCursor" in backward[-1].body:
        cursor = backward[-1].body["previousCursor"]
        backward.append(entra.get(USERS, cursor=cursor, **asked))
        again = entra.get(USERS, cursor=backward[-1].body["nextCursor"], **asked)
        assert shown([again]) == shown(backward[-2:-1])

    assert [shown([each]) for each in backward[::-1]] == [
        shown([each]) for each in forward
    ]
    assert {each.body["totalResults"] for each in backward} == {11}


def test_who_is_gone_leaves_no_empty_page_behind(
    entra: Provisioning, ten: list[str]
) -> None:
    first = entra.get(USERS, cursor="", count=1, sortBy="userName")
    second = entra.get(USERS, cursor=first.body["nextCursor"], sortBy="userName")
    User.objects.filter(pk=ten[0]).update(user_name_key="zzz")

    back = entra.get(USERS, cursor=second.body["previousCursor"], sortBy="userName")

    assert shown([back]) == shown([second])
    assert "previousCursor" not in back.body


@DEAR
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
