"""Filters, whole grammar: the database finds whom the library finds, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_models import ScimFilter

from chatwork_admin.organizations.models import Organization, User
from scim.documents import resources
from scim.documents.schemas import USER_TYPE
from scim.search import searches
from scim.search.texts import following
from tests.examples import DEAR
from tests.scim.conftest import CORE, ENTERPRISE
from tests.scim.search.filter_expressions import (
    DOCUMENTS,
    WORDS,
    combined,
    comparisons,
    populate,
)

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
BOOLEANS = st.sampled_from(["eq true", "ne true", "eq false", "ne false"])
NODES = ["name", "addresses", "emails", f"{ENTERPRISE}:manager"]

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
    populate(acme)
    return acme


@DEAR
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
