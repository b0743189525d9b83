"""Pages that are answered before Django is asked are those it would have answered."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from django.db import connection
from django.test import RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from chatwork_admin.organizations import positions
from chatwork_admin.organizations.models import (
    Group,
    Membership,
    Organization,
    User,
    UserSegment,
)
from scim.frequent import pages
from scim.search import cursors
from tests.examples import DEAR
from tests.scim.conftest import USERS, Document, Provisioning
from tests.scim.crowds import analyze, as_owner, crowd
from tests.scim.frequent.both_ways import Environ, Said, at_once, by_django, here
from tests.scim.statements import plan, recorded
from tests.scim.test_round_trips import DOCUMENTS

Get = Callable[..., Environ]
CURSORS = ("previousCursor", "nextCursor")
COUNTS = st.integers(1, 12)


@pytest.fixture
def get(entra: Provisioning) -> Get:
    """Requests of a client that was here a moment ago."""
    return requests_of(entra)


def requests_of(client: Provisioning) -> Get:
    sent: Any = here(client)

    def environ(address: str) -> Environ:
        return dict(RequestFactory().get(address, **sent).environ)

    return environ


@pytest.fixture
def ten(entra: Provisioning) -> list[str]:
    """Ten users after Alice; some are in groups."""
    ids = [entra.create(f"user{n}@example.jp", title=f"T{n}") for n in range(10)]
    for number in range(3):
        entra.create_group(f'営業 "{number}"', *ids[number : number + 3])
    return ids


def numbered(start_index: int, count: int) -> str:
    return f"{USERS}?startIndex={start_index}&count={count}"


def continued(cursor: str, count: object = None) -> str:
    asked = f"{USERS}?cursor={quote(cursor)}"
    return asked if count is None else f"{asked}&count={count}"


def first_cursor(entra: Provisioning, count: int, **more: str) -> str:
    """The cursor that leads to the second page."""
    return str(entra.get(USERS, cursor="", count=count, **more).body["nextCursor"])


def plainly(said: Said | None) -> tuple[str, dict[str, str], Document]:
    """An answer with what its cursors say, for each cursor is encrypted anew."""
    assert said is not None
    body: Document = orjson.loads(said.body)
    for name in CURSORS:
        if name in body:
            bound_to, cursor = cursors.read(body[name])
            moment = datetime.fromisoformat(str(cursor.place.sort_value))
            body[name] = (bound_to, cursor.count, cursor.is_backward)
            body[name] += (cursor.place.id, moment)
    return said.status, said.headers, body


@DEAR
@given(start_index=st.integers(1, 14), count=COUNTS)
@example(start_index=12, count=5)
@example(start_index=999_999_999, count=200)
def test_a_page_by_number_is_the_same(
    get: Get, ten: list[str], start_index: int, count: int
) -> None:
    asked = get(numbered(start_index, count))

    found, other = at_once(asked), by_django(asked)

    assert found is not None
    assert found == other
    assert list(orjson.loads(found.body)) == list(orjson.loads(other.body))


@DEAR
@given(count=st.integers(1, 10), says_it_again=st.booleans())
def test_all_pages_from_cursors_are_the_same(
    get: Get, entra: Provisioning, ten: list[str], count: int, *, says_it_again: bool
) -> None:
    cursor: str | None = first_cursor(entra, count)
    shown = []
    while cursor:
        asked = get(continued(cursor, count if says_it_again else None))
        found = at_once(asked)
        assert plainly(found) == plainly(by_django(asked))
        assert found is not None
        body = orjson.loads(found.body)
        assert at_once(get(continued(body["previousCursor"]))) is None
        assert by_django(get(continued(body["previousCursor"]))).status == "200 OK"
        shown += [each["id"] for each in body["Resources"]]
        cursor = body.get("nextCursor")

    assert shown == ten[count - 1 :]


@DEAR
@given(document=DOCUMENTS)
def test_whatever_a_user_is_the_page_is_the_same(
    get: Get, entra: Provisioning, document: Document
) -> None:
    user = entra.post(USERS, document).id
    groups = [entra.create_group(name, user) for name in ('A "quoted"\\', "営業部")]
    asked = get(numbered(2, 5)), get(continued(first_cursor(entra, 1)))

    for each in asked:
        found = at_once(each)
        assert plainly(found) == plainly(by_django(each))
        assert found is not None
        assert user.encode() in found.body
    for path in (f"{USERS}/{user}", *(f"/scim/v2/Groups/{each}" for each in groups)):
        entra.delete(path)

    assert at_once(get(numbered(2, 5))) == by_django(get(numbered(2, 5)))


def test_a_page_that_begins_after_everybody_is_empty(
    get: Get, entra: Provisioning, ten: list[str]
) -> None:
    cursor = first_cursor(entra, 9)
    for user in ten[8:]:
        entra.delete(f"{USERS}/{user}")

    for asked in (get(continued(cursor)), get(numbered(50, 9))):
        found = at_once(asked)
        assert plainly(found) == plainly(by_django(asked))
        assert found is not None
        assert orjson.loads(found.body)["Resources"] == []
        assert orjson.loads(found.body)["totalResults"] == 9


@pytest.mark.parametrize(
    "query",
    [
        "startIndex=0&count=1",
        "startIndex=-1&count=1",
        "startIndex=01&count=1",
        "startIndex=1000000000&count=1",
        "startIndex=1&count=0",
        "startIndex=1&count=201",
        "startIndex=1&count=1&filter=active%20eq%20true",
        "startIndex=1&count=1&attributes=userName",
        "startIndex=1&count=1&count=2",
        "startindex=1&count=1",
        "startIndex=1",
        "count=1",
        "cursor=",
        "cursor=&count=1",
        "cursor=abc&count=1",
        "cursor={cursor}&count=2",
        "cursor={cursor}&count=1&startIndex=1",
        "cursor={cursor}&count=1&sortBy=userName",
        "cursor={cursor}x",
    ],
)
def test_whatever_is_asked_otherwise_goes_the_long_way(
    get: Get, entra: Provisioning, ten: list[str], query: str
) -> None:
    cursor = first_cursor(entra, 1)

    assert at_once(get(f"{USERS}?{query.format(cursor=cursor)}")) is None


@pytest.mark.parametrize(
    "list_of",
    [
        {"filter": "active eq true"},
        {"sortBy": "userName"},
        {"sortBy": "title"},
        {"sortBy": "active"},
        {"sortBy": "meta.created"},
    ],
)
def test_so_does_a_cursor_of_another_list(
    get: Get, entra: Provisioning, ten: list[str], list_of: dict[str, str]
) -> None:
    asked = get(continued(first_cursor(entra, 1, **list_of)))

    assert at_once(asked) is None
    assert by_django(asked).status == "400 Bad Request"


def test_so_does_a_cursor_of_groups(
    get: Get, entra: Provisioning, ten: list[str]
) -> None:
    answer = entra.get("/scim/v2/Groups", cursor="", count=1)
    asked = get(continued(answer.body["nextCursor"]))

    assert at_once(asked) is None
    assert by_django(asked).status == "400 Bad Request"


def test_so_does_one_that_has_expired(
    get: Get, entra: Provisioning, ten: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = first_cursor(entra, 1)
    monkeypatch.setattr(cursors, "TIMEOUT", -2)

    assert at_once(get(continued(cursor))) is None
    assert by_django(get(continued(cursor))).status == "400 Bad Request"


def test_the_neighbour_sees_nobody_of_ours(
    get: Get, entra: Provisioning, neighbour: Provisioning, ten: list[str]
) -> None:
    neighbour.get(USERS, count=0)
    theirs = requests_of(neighbour)

    assert at_once(theirs(continued(first_cursor(entra, 1)))) is None
    found = at_once(theirs(numbered(1, 100)))
    assert found == by_django(theirs(numbered(1, 100)))
    assert found is not None
    assert not any(user.encode() in found.body for user in ten)


def test_where_segments_are_due_a_page_goes_the_long_way_once(
    get: Get,
    enabled_acme: Organization,
    ten: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(positions, "SIZE", 3)
    asked = get(numbered(8, 2))

    assert at_once(asked) is None
    other = by_django(asked)

    assert UserSegment.objects.filter(organization=enabled_acme).exists()
    assert at_once(asked) == other
    for start_index in range(1, 13):
        asked = get(numbered(start_index, 4))
        assert at_once(asked) == by_django(asked)


MEMBERSHIPS = """
    INSERT INTO organizations_membership (organization_id, group_id, user_id)
    SELECT g.organization_id, g.id, u.id
    FROM organizations_group g JOIN organizations_user u USING (organization_id)
"""


def test_a_page_of_large_documents_goes_the_long_way(
    get: Get, entra: Provisioning, ten: list[str]
) -> None:
    """Hardly anything that fits a page is as large; nobody else should wait for it."""
    asked = get(numbered(1, 12))
    people = User.objects.filter(pk__in=ten)
    assert at_once(asked)
    for person in people:  # random bytes, which PostgreSQL cannot make smaller
        person.document["title"] = os.urandom(pages.MOST_BYTES // 19).hex()
    User.objects.bulk_update(people, ["document"])

    assert at_once(asked) is None
    assert by_django(asked).status == "200 OK"
    assert at_once(get(numbered(1, 5)))


def test_so_does_one_of_many_groups(
    get: Get, acme: Organization, ten: list[str]
) -> None:
    asked = get(numbered(1, 12))
    assert at_once(asked)
    many = pages.MOST_GROUPS // 10
    Group.objects.bulk_create(
        Group(organization=acme, display_name_key=f"g{n}") for n in range(many)
    )
    Membership.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(MEMBERSHIPS)

    assert at_once(asked) is None
    assert by_django(asked).status == "200 OK"
    assert at_once(get(numbered(1, 5)))


def test_it_takes_one_statement(
    get: Get,
    entra: Provisioning,
    ten: list[str],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for address in (numbered(3, 5), continued(first_cursor(entra, 3))):
        with django_assert_num_queries(1):
            assert at_once(get(address))


@pytest.fixture
def among_many(get: Get, ten: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # lest an index wait for them
    crowd(100, everybody=20_000)
    analyze()


@pytest.mark.parametrize("mode", ["custom", "generic"])
@pytest.mark.usefixtures("among_many")
def test_its_statement_begins_where_the_page_does(
    get: Get, entra: Provisioning, mode: str
) -> None:
    """Whoever is skipped costs an entry of an index."""
    for address in (numbered(3, 5), continued(first_cursor(entra, 3))):
        with recorded() as statements:
            assert at_once(get(address))
        explained = plan(statements[0], mode)
        assert "Seq Scan on organizations_user " not in explained, explained
        assert "Index Scan using user_by_creation" in explained, explained
        is_skipping = "Index Only Scan using user_by_creation" in explained
        assert is_skipping == ("startIndex" in address), explained


PLANNED = """
    SELECT coalesce(sum(custom_plans), 0), coalesce(sum(generic_plans), 0)
    FROM pg_prepared_statements WHERE statement LIKE '%AS at_most%'
        AND statement NOT LIKE '%pg_prepared%'
"""
FULLER = """
    UPDATE pg_class SET reltuples = 100 * reltuples WHERE relname = 'organizations_user'
"""


@pytest.mark.usefixtures("among_many")
def test_its_statement_is_planned_once_and_for_all(
    get: Get, entra: Provisioning
) -> None:
    """PostgreSQL plans anew for each page if it believes a page to be much."""
    asked = get(numbered(3, 5)), get(continued(first_cursor(entra, 3)))
    with as_owner() as cursor:
        cursor.execute(FULLER)
    for each in asked:
        for _ in range(6):  # PostgreSQL tries others first
            assert at_once(each)
    before = planned()

    for each in asked:
        assert at_once(each)

    assert planned() == (before[0], before[1] + 2)


def planned() -> tuple[int, int]:
    """How often pages were planned anew, and how often they had a plan."""
    with connection.cursor() as cursor:
        cursor.execute(PLANNED)
        custom, generic = cursor.fetchone() or (0, 0)
    return custom, generic
