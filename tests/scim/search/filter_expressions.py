"""Filters of the whole grammar, and the people among whom they find somebody."""

from __future__ import annotations

import uuid
from datetime import timedelta

from hypothesis import strategies as st
from scim2_models import ScimFilter

from chatwork_admin.organizations.models import Group, Membership, Organization, User
from chatwork_admin.synchronization.attributes import user_attributes
from tests.scim.conftest import ENTERPRISE, Document
from tests.scim.crowds import SINCE

ID = uuid.UUID(int=0xA1 << 120)  # of the first user
GROUP_ID = uuid.UUID(int=0xA2 << 120)  # of the first group
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
MEMBERS = {"ab": [1, 3], "B": [3], "山": []}  # of groups: places in DOCUMENTS

OPERATORS = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
WORDS = st.sampled_from(["a", "A", "B", "ab", "%", "_", "\\", "山", "work", "1", "a@x"])


def comparisons(
    paths: list[str], words: st.SearchStrategy[str] = WORDS
) -> st.SearchStrategy[str]:
    said = st.builds(
        lambda operator, word: f"{operator} {ScimFilter.quote(word)}", OPERATORS, words
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


def populate(organization: Organization) -> None:
    for place, document in enumerate(DOCUMENTS):
        User.objects.create(
            organization=organization,
            id=uuid.UUID(int=ID.int + place),
            document=document,
            created_at=SINCE + timedelta(seconds=place),
            version=place % 2 + 1,
            **user_attributes(document).columns(),
        )
    for place, (name, members) in enumerate(MEMBERS.items()):
        group = Group.objects.create(
            organization=organization,
            id=uuid.UUID(int=GROUP_ID.int + place),
            display_name=name,
            display_name_key=name.lower(),
            external_id=name,
            document={"displayName": name, "externalId": name},
            created_at=SINCE + timedelta(seconds=place),
        )
        people = [uuid.UUID(int=ID.int + each) for each in members]
        Membership.objects.bulk_create(
            Membership(organization=organization, group=group, user_id=each)
            for each in people
        )
