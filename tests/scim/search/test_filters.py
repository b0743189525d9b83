"""Filters (RFC 7644 §3.4.2.2; rows E2-E12): the right users, or an error."""

from __future__ import annotations

import re
import uuid

import pytest

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.models import UserSynchronization
from scim import limits
from scim.search import searches
from tests.scim.conftest import CORE, ENTERPRISE, LIST, USERS, Document, Provisioning
from tests.scim.crowds import analyze
from tests.scim.search.test_listing import SEARCH

YAMADA: Document = {
    "userName": "Yamada@Example.jp",
    "externalId": "Ext-1",
    "displayName": "山田 太郎",
    "title": "Chief",
    "name": {"familyName": "山田"},
    "emails": [
        {"type": "work", "value": "Work@Example.jp"},
        {"type": "home", "value": "home@example.org", "primary": True},
    ],
    ENTERPRISE: {
        "department": "Sales",
        "organization": "HQ",
        "employeeNumber": "42",
        "manager": {"value": "M-1"},
    },
}
SATO: Document = {
    "userName": "o'neil+x&y#z%w@example.jp",
    "externalId": "ext-1",
    "active": False,
    "emails": [{"type": "home", "value": "work@example.jp"}],
}
Y, S, ALICE = "Yamada@Example.jp", "o'neil+x&y#z%w@example.jp", "alice@acme.test"


@pytest.fixture
def people(entra: Provisioning) -> dict[str, str]:
    return {
        each["userName"]: entra.create(each["userName"], **_rest(each))
        for each in (YAMADA, SATO)
    }


def _rest(document: Document) -> Document:
    return {name: each for name, each in document.items() if name != "userName"}


FOUND = [
    ('userName eq "YAMADA@example.JP"', {Y}),
    ('USERNAME EQ "yamada@example.jp"', {Y}),
    (f'{CORE}:userName eq "yamada@example.jp"', {Y}),
    ('userName eq "o\'neil+x&y#z%w@example.jp"', {S}),
    (r'userName eq "\u0059amada@example.jp"', {Y}),
    ('userName ne "yamada@example.jp"', {S, ALICE}),
    ('userName co "%"', {S}),
    ('userName co "_"', set()),
    ('userName sw "YAM"', {Y}),
    ('userName ew "example.jp"', {Y, S}),
    ('userName gt "b"', {Y, S}),
    ("userName sw y", {Y}),
    ("userName pr", {Y, S, ALICE}),
    ('externalId eq "Ext-1"', {Y}),
    ("externalId eq ext-1", {S}),
    ("externalId pr", {Y, S}),
    ("externalId eq null", {ALICE}),
    ("not (externalId pr)", {ALICE}),
    ("active eq true", {Y, ALICE}),
    ('active eq "False"', {S}),
    ("active ne true", {S}),
    ('title eq "CHIEF"', {Y}),
    ('title ne "chief"', {S, ALICE}),
    ('title eq ""', set()),
    ("not (title pr)", {S, ALICE}),
    ('displayName sw "山田"', {Y}),
    ('name.familyName eq "山田"', {Y}),
    ("name.familyName eq null", {S, ALICE}),
    ('emails eq "work@example.jp"', {Y, S}),
    ('emails.value eq "work@example.jp"', {Y, S}),
    ('emails[type eq "work"].value eq "work@example.jp"', {Y}),
    ('emails[type eq "work" and value eq "WORK@example.jp"]', {Y}),
    ('emails[type eq "work"]', {Y}),
    ("emails[primary eq true]", {Y}),
    ('emails.type eq "work"', {Y}),
    ('emails.value ne "work@example.jp"', {ALICE}),
    ('emails[not (value eq "work@example.jp")]', {Y}),
    ("emails pr", {Y, S}),
    ("emails.primary pr", {Y}),
    ("emails[primary eq false]", set()),
    ('emails.value eq ""', set()),
    ('emails.value ne ""', {Y, S, ALICE}),
    ("addresses pr", set()),
    ("name pr", {Y}),
    ("not (name pr)", {S, ALICE}),
    ("emails.type eq null", {ALICE}),
    ("emails.primary eq null", {Y, S, ALICE}),
    ("emails ne null", {Y, S}),
    ("active eq null", set()),
    ("manager pr", {Y}),
    ("manager eq null", {S, ALICE}),
    ('emails[type eq "home" and not (primary eq true)]', {S}),
    ('emails[(type eq "work" or primary pr) and value sw "w"]', {Y}),
    ('not (emails[type eq "work"]) and userName pr', {S, ALICE}),
    ('emails[type eq "work"] or emails[value eq "work@example.jp"]', {Y, S}),
    (f'{ENTERPRISE.upper()}:DEPARTMENT eq "sales"', {Y}),
    ('displayName sw ""', {Y, ALICE}),
    ('displayName eq "山田 太郎"', {Y}),
    ('meta.lastModified ge "2015-10-10T00:00:00.1234567Z"', {Y, S, ALICE}),
    ('meta.created gt "0001-01-01T00:00:00+14:00"', {Y, S, ALICE}),
    ('meta.created lt "9999-12-31T23:59:59-14:00"', {Y, S, ALICE}),
    ("not (emails pr)", {ALICE}),
    ('department eq "sales"', {Y}),
    (f'{ENTERPRISE}:department eq "sales"', {Y}),
    (f'{ENTERPRISE}.department eq "sales"', {Y}),
    (f'{ENTERPRISE}:organization eq "hq"', {Y}),
    ("employeeNumber eq 42", {Y}),
    ('manager eq "M-1"', {Y}),
    ('manager eq "m-1"', set()),
    (f'{ENTERPRISE}:manager.value eq "M-1"', {Y}),
    ("meta.created gt 2015-10-10T14:38:21.8617979-07:00", {Y, S, ALICE}),
    ("meta.created gt 2015-10-10T14:38:21", {Y, S, ALICE}),
    ('meta.created gt "2015-10-10t14:38:21z"', {Y, S, ALICE}),
    (f'meta.created gt "2015-10-10T14:38:21.{"1" * 40}+09:00"', {Y, S, ALICE}),
    ("meta pr", {Y, S, ALICE}),
    ("meta.created pr and meta.version pr", {Y, S, ALICE}),
    ('meta.resourceType eq "User"', {Y, S, ALICE}),
    ('meta.resourceType eq "user"', set()),
    ('meta.resourceType ne "Group"', {Y, S, ALICE}),
    ('meta.version eq "W/\\"1\\""', {Y, S, ALICE}),
    ('meta.location co "/scim/v2/Users/"', {Y, S, ALICE}),
    ('meta.location eq "/scim/v2/Users/x"', set()),
    (f'schemas eq "{CORE.upper()}"', {Y, S, ALICE}),
    (f'schemas eq "{ENTERPRISE}"', {Y}),
    (f'schemas[value eq "{ENTERPRISE}"]', {Y}),
    (f'schemas ne "{ENTERPRISE}"', {S, ALICE}),
    ('schemas co "enterprise"', {Y}),
    ('id sw "0"', {Y, S, ALICE}),
    ('id lt "z" and id gt "0" and id co "-7" and not (id ew "z")', {Y, S, ALICE}),
    ("id eq 3", set()),
    ("groups pr", set()),
    ('groups.display co "x" or groups.type eq "direct" or groups.$ref pr', set()),
    ('meta.lastModified lt "2015-10-10T00:00:00Z"', set()),
    ('groups eq "x"', set()),
    ('id eq "not an id"', set()),
    ('id ne "not an id"', {Y, S, ALICE}),
    ('title eq "x" or userName sw "y" and active eq true', {Y}),
    ('userName sw "y" or userName sw "o" and active eq true', {Y}),
    ('(userName sw "y" or userName sw "o") and active eq false', {S}),
    ('not (userName sw "y" or userName sw "o")', {ALICE}),
    (
        'name.familyName eq "山田" and (emails co "example.jp" or emails co "x.org")',
        {Y},
    ),
]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(("expression", "expected"), FOUND)
def test_a_filter_finds_whom_it_means(
    entra: Provisioning, expression: str, expected: set[str]
) -> None:
    """Rows E4, E5, E9, E10 and E12; RFC 7644 §3.4.2.2, §3.10."""
    assert set(entra.found(expression)) == expected


def test_entra_checks_a_reference(entra: Provisioning, people: dict[str, str]) -> None:
    """Row E8."""
    answer = entra.get(
        USERS, filter=f'id eq "{people[Y]}" and manager eq "M-1"', attributes="id"
    )

    assert answer.resources == [{"schemas": [CORE, ENTERPRISE], "id": people[Y]}]


def test_the_connection_test_finds_nobody_and_is_remembered(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    """Rows E2 and E3; RFC 7644 §3.4.2."""
    answer = entra.get(USERS, filter=f'userName eq "{uuid.uuid4()}"')

    assert (answer.status, answer.body) == (
        200,
        {
            "schemas": [LIST],
            "totalResults": 0,
            "startIndex": 1,
            "itemsPerPage": 0,
            "Resources": [],
        },
    )
    seen = UserSynchronization.objects.get(organization=enabled_acme)
    assert seen.test_seen_at is not None
    assert seen.last_contact_at is not None


def crowd(organization: Organization) -> None:
    User.objects.bulk_create(
        User(
            organization=organization,
            user_name=f"user{number}@example.jp",
            user_name_key=f"user{number}@example.jp",
            external_id=str(number),
            document={
                "userName": f"user{number}@example.jp",
                "nickName": f"n{number}",
            },
        )
        for number in range(3000)
    )


@pytest.mark.parametrize(
    ("expression", "index"),
    [
        ('userName eq "USER1500@example.jp"', "(user_by_user_name|unique_login_email)"),
        ('externalId eq "1500"', "user_by_external_id"),
    ],
)
def test_what_clients_match_by_is_served_by_an_index_in_a_small_crowd(
    enabled_acme: Organization, expression: str, index: str
) -> None:
    """Row J9."""
    crowd(enabled_acme)
    analyze()
    search = searches.search_for(searches.users_of(enabled_acme), expression)

    explained = search.window(0, 100).explain()

    assert re.search(f" {index} ", explained), explained  # a scan "using", or "on", it


def test_what_takes_too_long_is_refused(
    entra: Provisioning, enabled_acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§3.12: where no index serves, a query has its time, and no more."""
    crowd(enabled_acme)
    monkeypatch.setattr(limits, "QUERY_TIME", 1)
    slow = " or ".join(f'nickName co "x{number}"' for number in range(50))

    answers = [
        entra.get(USERS, filter=slow),
        entra.get(USERS, filter=slow, cursor=""),
        entra.get(USERS, filter=slow, sortBy="title"),
        entra.post(f"{USERS}/.search", {"schemas": [SEARCH], "filter": slow}),
    ]

    assert {answer.refusal for answer in answers} == {(400, "tooMany", "CW-REQ-1")}
    assert entra.found('userName sw "user2999@"') == ["user2999@example.jp"]
