"""The search box of the list of users, in a large organization."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization, User
from tests.conftest import signed_in
from tests.scim.crowds import analyze, crowd
from tests.scim.statements import plan, recorded

USERS = "/manage/users/"
INDEXES = {"in-use": "user_who_entered", "pre-login": "user_outside"}


@pytest.fixture
def as_administrator(db: None) -> Client:
    """Of an organization of a thousand, half of whom have signed in, as have others."""
    organization = crowd(1_000, everybody=2_000)
    outside = organization.users.order_by("pk")[500:].values("pk")
    User.objects.exclude(pk__in=outside).update(last_login=timezone.now())
    login = "alice@crowd.example"
    alice = User.objects.create(
        organization=organization,
        user_name=login,
        user_name_key=fold(login),
        role=User.Role.ADMINISTRATOR,
    )
    analyze()
    return signed_in(alice)


@pytest.mark.parametrize("tab", INDEXES)
def test_an_index_alone_says_whom_a_part_of_a_name_means(
    as_administrator: Client, tab: str
) -> None:
    for text in ("son 77", "nobody"):
        with recorded() as statements:
            as_administrator.get(USERS, {"tab": tab, "q": text})

        (page,) = (each for each in statements if "LIMIT 51" in each[0])
        told = plan(page, "custom")
        assert f"Index Only Scan using {INDEXES[tab]}" in told, told


def test_whoever_founded_is_found_by_name(
    as_alice: Client, acme: Organization, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(last_login=timezone.now())
    called = acme.users.get(role=User.Role.ADMINISTRATOR).document["displayName"]

    page = as_alice.get(USERS, {"q": called[1:].upper()}).text

    assert "alice@acme.test" in page
    assert "bob@acme.test" not in page


@pytest.mark.parametrize("text", ["e-7", "E-7", "-7"])
def test_an_external_id_is_found_whole(as_alice: Client, bob: User, text: str) -> None:
    User.objects.filter(pk=bob.pk).update(external_id="e-7", last_login=timezone.now())

    found = "bob@acme.test" in as_alice.get(USERS, {"q": text}).text

    assert found == (text == "e-7")
