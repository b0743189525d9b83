"""The administrator makes members user managers, and nobody else does."""

from __future__ import annotations

import pytest
from django.test import Client

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations import user_managers
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User
from tests.conftest import actor_for
from tests.portal.mails.mailing import deliver, sent

APPOINTED = "user_manager.appointed"


def address(person: User) -> str:
    return f"/manage/users/{person.pk}/appoint/"


def test_a_member_becomes_a_user_manager_after_a_question(
    as_alice: Client, acme: Organization, bob: User
) -> None:
    assert address(bob) in as_alice.get(f"/manage/users/{bob.pk}/").text
    assert "bob@acme.test" in as_alice.get(address(bob)).text

    page = as_alice.post(address(bob), follow=True).text
    as_alice.post(address(bob))
    deliver(acme)

    assert "is a user manager now." in page
    assert address(bob) not in page
    bob.refresh_from_db()
    assert bob.role == User.Role.USER_MANAGER
    (event,) = AuditEvent.objects.filter(action=APPOINTED)
    assert event.target["id"] == str(bob.pk)
    told = [each.to[0] for each in sent() if "made a user manager" in each.subject]
    assert told == ["alice@acme.test", "bob@acme.test"]


@pytest.mark.parametrize("state", ["suspended", "deleted"])
def test_who_has_no_access_gets_no_right(
    as_alice: Client, acme: Organization, alice: User, bob: User, state: str
) -> None:
    bob.is_active = state != "suspended"
    bob.deleted_at = bob.created_at if state == "deleted" else None
    bob.save()

    as_alice.post(address(bob))
    with pytest.raises(user_managers.NotAppointable):
        user_managers.appoint(acme, bob.pk, actor=actor_for(alice))

    bob.refresh_from_db()
    assert bob.role == User.Role.MEMBER
    assert not AuditEvent.objects.filter(action=APPOINTED).exists()


def test_the_administrator_stays_what_he_is(as_alice: Client, alice: User) -> None:
    as_alice.post(address(alice))

    alice.refresh_from_db()
    assert alice.is_administrator


@pytest.mark.parametrize("who", ["carol", "mallory"])
def test_nobody_else_gives_the_right(
    acme: Organization, bob: User, who: str, request: pytest.FixtureRequest
) -> None:
    actor = actor_for(request.getfixturevalue(who))

    with pytest.raises(NotAllowed):
        user_managers.appoint(acme, bob.pk, actor=actor)

    bob.refresh_from_db()
    assert bob.role == User.Role.MEMBER


def test_a_user_manager_cannot_open_the_page(as_carol: Client, bob: User) -> None:
    assert as_carol.get(address(bob)).status_code == 403
    assert as_carol.post(address(bob)).status_code == 403
    assert address(bob) not in as_carol.get(f"/manage/users/{bob.pk}/").text
