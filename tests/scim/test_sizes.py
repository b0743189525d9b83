"""How large a resource may be, and a page of large ones (rows I7, I8; RFC 7644 §3.4.2.4)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from scim import limits
from scim.documents.bounds import MAX_CERTIFICATE, MAX_SIZE
from tests.scim.bulk_requests import patch, run, statuses
from tests.scim.bulk_requests import user as creation
from tests.scim.conftest import (
    CORE,
    GROUPS,
    USERS,
    Answer,
    Document,
    Provisioning,
)


def certificates(count: int) -> list[Document]:
    """Return certificates of the greatest length, which are not a resource's only ones."""
    return [{"value": f"{n:04}" + "A" * (MAX_CERTIFICATE - 4)} for n in range(count)]


LARGEST = {"x509Certificates": certificates(MAX_SIZE // MAX_CERTIFICATE - 1)}
TOO_LARGE = {"x509Certificates": certificates(MAX_SIZE // MAX_CERTIFICATE)}
ADDING = {"op": "add", "path": "x509Certificates", "value": certificates(4)[3:]}


def post(entra: Provisioning, user: str) -> Answer:
    return entra.post(USERS, {"userName": "b@example.jp"} | TOO_LARGE)


def put(entra: Provisioning, user: str) -> Answer:
    return entra.put(f"{USERS}/{user}", {"userName": "a@example.jp"} | TOO_LARGE)


def change(entra: Provisioning, user: str) -> Answer:
    return entra.patch(f"{USERS}/{user}", ADDING)


@pytest.mark.parametrize("write", [post, put, change])
def test_what_makes_a_resource_too_large_is_refused(
    entra: Provisioning, write: Any
) -> None:
    user = entra.create("a@example.jp", **LARGEST)
    before = entra.get(f"{USERS}/{user}").body

    answer = write(entra, user)

    assert answer.refusal == (413, None, "CW-REQ-3")
    assert f"the limit is {MAX_SIZE}. Send fewer or shorter" in answer.body["detail"]
    assert entra.get(f"{USERS}/{user}").body == before
    assert entra.found('userName eq "b@example.jp"') == []
    recorded = [each.action for each in AuditEvent.objects.order_by("id")]
    assert recorded[-1] == Action.REQUEST_REFUSED
    assert Action.USER_CHANGED not in recorded


def test_the_operations_of_a_bulk_request_are_refused_alike(
    entra: Provisioning,
) -> None:
    user = entra.create("a@example.jp", **LARGEST)

    answer = run(entra, creation("b", **TOO_LARGE), patch(f"/Users/{user}", ADDING))

    assert statuses(answer) == ["413", "413"]


def test_texts_that_are_plain_are_limited_alike(entra: Provisioning) -> None:
    """Each is short enough, and no list is too long."""
    entries = [
        {"value": f"{n}", "display": "あ" * 1000, "type": "x" * 1000} for n in range(90)
    ]
    user = {"schemas": [CORE], "userName": "b@example.jp", "roles": entries}

    assert entra.post(USERS, user).refusal == (413, None, "CW-REQ-3")
    assert entra.post(USERS, user | {"roles": entries[:60]}).status == 201


def test_whoever_was_too_large_already_can_be_deactivated(
    entra: Provisioning,
) -> None:
    """Before there was a limit, a body was the only one."""
    user = entra.create("a@example.jp")
    document = {"userName": "a@example.jp", "active": True} | TOO_LARGE
    User.objects.filter(pk=user).update(document=document)

    answer = entra.patch(
        f"{USERS}/{user}", {"op": "replace", "path": "active", "value": False}
    )

    assert answer.body["active"] is False


ROOT = "/scim/v2"
IN_A_PAGE = limits.MAX_PAGE // (MAX_SIZE - 1024)  # of the largest
LARGE = 2 * IN_A_PAGE + 6
NAMED = f"{USERS}?count=200&filter=title eq 'large'".replace("'", '"')


@pytest.fixture
def large(entra: Provisioning, enabled_acme: Organization) -> list[str]:
    """People of about the greatest size, after Alice; their documents are no two alike."""
    Organization.objects.filter(pk=enabled_acme.pk).update(licences=10 * LARGE)
    text = {"display": "A" * (MAX_SIZE - 2048)}
    people = User.objects.bulk_create(
        User(
            organization=enabled_acme,
            user_name=f"user{number}@example.jp",
            user_name_key=f"user{number:03}@example.jp",
            title_key="large",
            document={
                "userName": f"user{number}@example.jp",
                "title": "large",
                "roles": [{"value": f"{number}", **text}],
            },
        )
        for number in range(LARGE)
    )
    return [str(each.pk) for each in people]


def ids(answer: Answer) -> list[str]:
    assert answer.body["itemsPerPage"] == len(answer.resources)
    return [each["id"] for each in answer.resources]


@pytest.mark.parametrize(
    "address",
    [
        NAMED,
        f"{NAMED}&sortBy=userName",
        f"{NAMED}&excludedAttributes=roles",
        f"{ROOT}?count=200&filter=title pr",
        f"{ROOT}?count=200&filter=title pr&sortBy=userName",
    ],
)
def test_a_page_shows_fewer_where_they_are_large(
    entra: Provisioning, large: list[str], address: str
) -> None:
    """RFC 7644 §3.4.2.4: 60 users of a megabyte each were one answer."""
    found: list[str] = []

    while len(found) < LARGE:
        answer = entra.get(f"{address}&startIndex={len(found) + 1}")
        shown = ids(answer)
        assert 0 < len(shown) <= IN_A_PAGE
        assert answer.body["totalResults"] == LARGE
        assert answer.body["startIndex"] == len(found) + 1
        found += shown

    assert found == large


@pytest.mark.parametrize("address", [f"{USERS}?count=99", f"{ROOT}?count=99", NAMED])
def test_cursors_go_on_behind_what_was_shown_and_back(
    entra: Provisioning, large: list[str], address: str
) -> None:
    """RFC 9865 §2."""
    entra.create_group("A", *large[:2])
    forth = [entra.get(f"{address}&cursor=")]
    while "nextCursor" in forth[-1].body:
        forth.append(entra.get(f"{address}&cursor={forth[-1].body['nextCursor']}"))
    back = [forth[-1]]
    while "previousCursor" in back[-1].body:
        back.append(entra.get(f"{address}&cursor={back[-1].body['previousCursor']}"))

    shown = [each for answer in forth for each in ids(answer)]
    assert [each for each in shown if each in large] == large
    assert [each for answer in back[::-1] for each in ids(answer)] == shown
    assert max(len(answer.resources) for answer in [*forth, *back]) <= IN_A_PAGE + 2
    assert len({answer.body["totalResults"] for answer in [*forth, *back]}) == 1


def test_a_search_is_bounded_alike(entra: Provisioning, large: list[str]) -> None:
    asked = {"filter": 'title eq "large"', "count": 200}

    answer = entra.post(f"{USERS}/.search", asked)

    assert ids(answer) == large[:IN_A_PAGE]


def test_one_is_shown_however_large(
    entra: Provisioning, large: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_PAGE", MAX_SIZE // 2)

    assert ids(entra.get(NAMED)) == large[:1]


@pytest.mark.parametrize("address", [GROUPS, ROOT])
def test_a_page_shows_fewer_groups_where_they_have_many_members(
    entra: Provisioning, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    people = [entra.create(f"user{number}@example.jp") for number in range(3)]
    teams = [entra.create_group(f"team {number}", *people) for number in range(5)]
    monkeypatch.setattr(limits, "MAX_MEMBERSHIPS", 7)
    get = partial(entra.get, address, filter='displayName sw "team"')

    assert ids(get()) == teams[:2]
    assert ids(get(startIndex=3)) == teams[2:4]
    assert ids(get(excludedAttributes="members")) == teams
    first = get(cursor="")
    assert ids(first) == teams[:2]
    assert ids(get(cursor=first.body["nextCursor"])) == teams[2:4]


@pytest.mark.parametrize("address", [USERS, ROOT])
def test_a_page_shows_fewer_users_where_they_are_in_many_groups(
    entra: Provisioning, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    people = [entra.create(f"user{number}@example.jp") for number in range(5)]
    for number in range(3):
        entra.create_group(f"team {number}", *people)
    monkeypatch.setattr(limits, "MAX_MEMBERSHIPS", 7)
    get = partial(entra.get, address, filter='userName sw "user"')

    assert ids(get()) == people[:2]
    assert ids(get(startIndex=3)) == people[2:4]
    assert ids(get(excludedAttributes="groups")) == people[:2]  # their tags are of them
    assert ids(get(excludedAttributes="groups,meta.version")) == people
    assert ids(get(cursor="")) == people[:2]
