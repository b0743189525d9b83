"""The match report of SAML and user synchronization."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.organizations.models import User
from chatwork_admin.portal.saml import matches
from saml_sso.models import LinkedIdentity
from saml_sso.sign_in import identities
from tests.conftest import actor_for
from tests.portal.test_page_costs import statements
from tests.saml_sso.signing_in import Entra, Visitor, entra_of

PAGE = "/manage/security/login/matches/"
NEW_ACCOUNT = "0f3c6a1e-2b4d-4c5e-8f60-718293a4b5c6"


@pytest.fixture
def visitor(alice: User) -> Visitor:
    return Visitor(entra_of(alice.organization))


def read(client: Client, kind: str, **query: str) -> str:
    page = client.get(PAGE, {"kind": kind} | query)
    assert page.status_code == 200
    return str(page.text)


def people(entra: Entra, count: int, **said: Any) -> None:
    """Give the organization so many people, who are alike."""
    made = User.objects.bulk_create(
        User(
            organization=entra.organization,
            user_name=f"p{number:03}@acme.test",
            user_name_key=f"p{number:03}@acme.test",
            display_name=f"Person {number:03}",
            **said,
        )
        for number in range(count)
    )
    if "last_login" in said:
        LinkedIdentity.objects.bulk_create(
            LinkedIdentity(organization=entra.organization, user=each, name_id="n")
            for each in made
        )


def test_it_names_each_difference_and_says_what_to_do(
    visitor: Visitor, as_alice: Client, bob: User, carol: User
) -> None:
    now = timezone.now()
    User.objects.filter(pk=bob.pk).update(linked_at=now)
    visitor.sign_in(carol)
    visitor.answer(visitor.start(), carol, object_id=NEW_ACCOUNT)

    never, other, refused, _ = (read(as_alice, kind) for kind in matches.KINDS)

    assert "Bob" in never
    assert "assigned to the application" in never
    assert "Carol" in other
    assert "nobody suspends them" in other
    assert NEW_ACCOUNT in refused
    assert LinkedIdentity.objects.get().object_id in refused
    assert "unlink the former one" in refused
    assert f'href="/manage/users/{carol.pk}/"' in refused
    assert all(">1</span>" in page for page in (never, other, refused))


def test_who_would_be_found_twice_is_named_with_what_is_shared(
    as_alice: Client, alice: User, bob: User, carol: User, mallory: User
) -> None:
    User.objects.filter(pk__in=[bob.pk, carol.pk]).update(external_id=NEW_ACCOUNT)
    people = User.objects.filter(pk__in=[alice.pk, mallory.pk])  # of two organizations
    assert people.update(external_id="desk") == 2

    page = read(as_alice, "found-twice")

    assert page.count(NEW_ACCOUNT) == 2
    assert "Bob" in page
    assert "Carol" in page
    assert "desk" not in page
    assert "DuplicateTargetEntries" in page


def test_without_a_difference_it_says_so(visitor: Visitor, as_alice: Client) -> None:
    for kind in matches.KINDS.values():
        assert str(kind.empty) in read(as_alice, kind.key)


def test_what_was_refused_for_long_is_one_row_and_settled_in_the_end(
    visitor: Visitor, as_alice: Client, alice: User, bob: User
) -> None:
    visitor.sign_in(bob)
    for _ in range(3):
        visitor.answer(visitor.start(), bob, object_id=NEW_ACCOUNT)
    page = read(as_alice, "refused")
    assert page.count(NEW_ACCOUNT) == 1
    assert "3 times" in page
    assert ">1</span>" in page
    assert "Lets in by now" not in page

    identities.unlink(bob.organization, bob, actor=actor_for(alice))
    visitor.follow(visitor.answer(visitor.start(), bob, object_id=NEW_ACCOUNT))

    assert "Lets in by now" in read(as_alice, "refused")


def test_who_administers_by_password_is_named_beside(
    as_alice: Client, visitor: Visitor, alice: User
) -> None:
    User.objects.filter(pk=alice.pk).update(linked_at=timezone.now())

    page = read(as_alice, "never-seen")

    assert "By password only" in page
    assert "alice@acme.test" in page


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("never-seen", {"linked_at": timezone.now()}),
        ("not-synchronized", {"last_login": timezone.now()}),
    ],
    ids=["never-seen", "not-synchronized"],
)
def test_many_come_by_pages_of_as_many_statements(
    visitor: Visitor,
    as_alice: Client,
    kind: str,
    said: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matches, "MOST_COUNTED", 60)
    address = f"{PAGE}?kind={kind}"
    as_alice.get(address)
    before = statements(as_alice, address)

    people(visitor.entra, 70, **said)

    assert statements(as_alice, address) <= before
    first = read(as_alice, kind)
    assert "over 60" in first
    assert "Person 000" in first
    assert "Person 060" not in first
    after = first.split("after=")[1].split('"')[0]
    second = read(as_alice, kind, after=after)
    assert "Person 060" in second
    assert "Person 000" not in second


def test_it_is_found_from_the_settings_and_the_list_of_users(
    visitor: Visitor, as_alice: Client
) -> None:
    for address in ("/manage/security/login/", "/manage/users/"):
        assert f'href="{PAGE}"' in as_alice.get(address).text


def test_the_neighbour_sees_nothing_of_it(
    visitor: Visitor, as_mallory: Client, bob: User
) -> None:
    visitor.sign_in(bob)
    visitor.answer(visitor.start(), bob, object_id=NEW_ACCOUNT)

    for kind in matches.KINDS.values():
        assert str(kind.empty) in read(as_mallory, kind.key)
