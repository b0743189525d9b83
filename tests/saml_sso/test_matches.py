"""Whom user synchronization and sign-in by SAML do not both know."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import LinkedIdentity
from saml_sso.sign_in import identities, matches
from tests.conftest import actor_for, signed_in
from tests.saml_sso.signing_in import Entra, Visitor
from tests.scim.crowds import as_owner, crowd

Question = Callable[[Organization], QuerySet[User]]
QUESTIONS: dict[Question, str] = {
    matches.never_seen: "user_outside",
    matches.by_password_only: "user_who_administers",
    matches.not_provisioned: "user_not_provisioned",
}


def said(organization: Organization) -> list[list[str]]:
    """Return the names that each question finds, in their order."""
    found = (question(organization).order_by("user_name_key") for question in QUESTIONS)
    return [[person.display_name for person in people] for people in found]


def provision(*people: User) -> None:
    User.objects.filter(pk__in=[each.pk for each in people]).update(
        linked_at=timezone.now()
    )


def test_who_is_provisioned_and_comes_by_saml_is_nowhere(
    visitor: Visitor, bob: User
) -> None:
    provision(bob)
    assert said(bob.organization) == [["Bob"], [], []]

    visitor.sign_in(bob)

    assert said(bob.organization) == [[], [], []]


def test_who_comes_by_saml_without_being_provisioned_is_told(
    visitor: Visitor, bob: User
) -> None:
    visitor.sign_in(bob)

    assert said(bob.organization) == [[], [], ["Bob"]]


def test_who_administers_and_came_by_password_only_is_told(
    entra: Entra, carol: User
) -> None:
    signed_in(carol)
    assert said(carol.organization) == [[], [], []]

    provision(carol)

    assert said(carol.organization) == [[], ["Carol"], []]


@pytest.mark.parametrize("away", [{"is_active": False}, {"deleted_at": timezone.now()}])
def test_who_gets_in_nowhere_is_no_difference(
    entra: Entra, bob: User, away: dict[str, object]
) -> None:
    provision(bob)
    User.objects.filter(pk=bob.pk).update(**away)

    assert said(bob.organization) == [[], [], []]


def test_the_neighbours_people_are_none_of_ours(
    visitor: Visitor, bob: User, mallory: User
) -> None:
    provision(mallory)
    visitor.sign_in(bob)

    assert said(bob.organization) == [[], [], ["Bob"]]
    everybody = [bob.pk, mallory.pk]
    assert not matches.known_object_ids(mallory.organization, everybody)


def test_who_was_unlinked_was_seen(visitor: Visitor, alice: User, bob: User) -> None:
    provision(bob)
    visitor.sign_in(bob)
    identities.unlink(bob.organization, bob, actor=actor_for(alice))

    assert said(bob.organization) == [[], [], []]


def test_each_question_is_answered_by_its_index_in_the_order_of_pages(db: None) -> None:
    organization = crowd(1_000, everybody=2_000)
    people = organization.users.order_by("pk")
    User.objects.update(linked_at=timezone.now(), last_login=timezone.now())
    LinkedIdentity.objects.bulk_create(
        LinkedIdentity(organization=organization, user=each, issuer="i", name_id="n")
        for each in people
    )
    few = [each.pk for each in people[:9]]
    people.filter(pk__in=few[:3]).update(last_login=None)
    people.filter(pk__in=few[3:6]).update(linked_at=None)
    people.filter(pk__in=few[6:]).update(role=User.Role.USER_MANAGER)
    with as_owner() as cursor:
        cursor.execute("ANALYZE organizations_user, saml_sso_linkedidentity")

    for question, index in QUESTIONS.items():
        plan = question(organization).order_by("user_name_key", "pk")[:51].explain()
        assert index in plan, plan
        assert "Seq Scan on organizations_user " not in plan, plan
