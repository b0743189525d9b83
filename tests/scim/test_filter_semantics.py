"""Filters, whole grammar: the database finds whom the library finds, one by one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scim2_models import ScimFilter

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.attributes import user_attributes
from scim import resources, searches
from scim.schemas import USER_TYPE
from scim.texts import following
from tests.scim.conftest import CORE, ENTERPRISE, Document

DOCUMENTS: list[Document] = [
    {"userName": "a@x", "active": True, "title": "AB", "externalId": "Ab"},
    {"userName": "b%@x", "active": False, "nickName": "a_b", "title": "山"},
    {
        "userName": "c@x",
        "active": True,
        "displayName": "ab山",
        "name": {"familyName": "b\\%", "givenName": "A"},
        ENTERPRISE: {"department": "B", "manager": {"value": "a"}},
    },
    {
        "userName": "d@x",
        "active": True,
        "emails": [
            {"type": "work", "value": "A", "primary": True},
            {"type": "home", "value": "b", "primary": False},
        ],
        ENTERPRISE: {"department": "b", "manager": {"value": "A"}},
    },
    {
        "userName": "e@x",
        "active": False,
        "displayName": "B",
        "emails": [{"type": "home", "value": "a"}],
        "addresses": [{"type": "work", "locality": "山"}, {"locality": "ab"}],
    },
    {
        "userName": "A_x@x",
        "active": True,
        "externalId": "ab",
        "emails": [{"value": "ab", "display": "A"}, {"type": "work"}],
        ENTERPRISE: {"organization": "a", "employeeNumber": "1"},
    },
]
TEXTS = [
    "userName",
    f"{CORE}:userName",
    "TITLE",
    "displayName",
    "nickName",
    "externalId",
    "name.familyName",
    "emails",
    "emails.value",
    "emails.type",
    "addresses.locality",
    f"{ENTERPRISE}:department",
    f"{ENTERPRISE}:organization",
    f"{ENTERPRISE}:employeeNumber",
    f"{ENTERPRISE}:manager.value",
]
OPERATORS = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
WORDS = st.sampled_from(["a", "A", "B", "ab", "%", "_", "\\", "山", "work", "1", "a@x"])
BOOLEANS = st.sampled_from(["eq true", "ne true", "eq false", "ne false"])
NODES = ["name", "addresses", "emails", f"{ENTERPRISE}:manager"]


def comparisons(paths: list[str]) -> st.SearchStrategy[str]:
    said = st.builds(
        lambda operator, word: f"{operator} {ScimFilter.quote(word)}", OPERATORS, WORDS
    )
    absent = st.sampled_from(["pr", "eq null", "ne null"])
    return st.builds(
        "{} {}".format, st.sampled_from(paths), st.one_of(said, said, absent)
    )


def combined(atoms: st.SearchStrategy[str], leaves: int) -> st.SearchStrategy[str]:
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds("not ({})".format, inner),
            st.builds("({}) and ({})".format, inner, inner),
            st.builds("({}) or ({})".format, inner, inner),
            st.builds("{} and {}".format, inner, inner),
            st.builds("{} or {}".format, inner, inner),
        ),
        max_leaves=leaves,
    )


ENTRIES = combined(
    st.one_of(
        comparisons(["type", "value", "display"]),
        st.builds("primary {}".format, BOOLEANS),
    ),
    3,
)
EXPRESSIONS = combined(
    st.one_of(
        comparisons(TEXTS),
        st.builds("{} pr".format, st.sampled_from(NODES)),
        st.builds("active {}".format, BOOLEANS),
        st.builds("emails.primary {}".format, BOOLEANS),
        st.builds("emails[{}]".format, ENTRIES),
        st.builds('emails[type eq "{}"].value eq "{}"'.format, WORDS, WORDS).filter(
            lambda each: "\\" not in each
        ),
    ),
    6,
)


@pytest.fixture
def filterable(acme: Organization) -> Organization:
    for document in DOCUMENTS:
        columns = user_attributes(document).columns()
        User.objects.create(organization=acme, document=document, **columns)
    return acme


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(expression=EXPRESSIONS)
def test_the_database_and_the_library_find_the_same_users(
    filterable: Organization, expression: str
) -> None:
    bound = ScimFilter.__class_getitem__(USER_TYPE.model)(expression)
    expected = [
        document["userName"]
        for document in DOCUMENTS
        if bound.match(resources.load(USER_TYPE, document))
    ]

    search = searches.search_for(searches.users_of(filterable), expression)
    window = search.window(0, 100)

    members = [each for each in window if each.role == User.Role.MEMBER]
    assert [each.user_name for each in members] == expected
    assert search.total() == len(window)


@given(prefix=st.text(min_size=1), text=st.text())
def test_a_prefix_is_a_range(prefix: str, text: str) -> None:
    """Code points of UTF-8 and of Python's texts are in one order; surrogates are in no text."""
    above = following(prefix)

    for each in (text, prefix + text):
        is_in_range = prefix <= each and (not above or each < above)
        assert is_in_range == each.startswith(prefix)
