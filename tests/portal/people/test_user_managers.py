"""The administrator makes members user managers, and nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations import user_managers
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User, UserSession
from tests.conftest import actor_for
from tests.portal.mails.mailing import deliver, sent

APPOINTED, DISMISSED = "user_manager.appointed", "user_manager.dismissed"


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


def dismissal_of(person: User) -> str:
    return f"/manage/users/{person.pk}/dismiss/"


def test_a_user_manager_becomes_a_member_after_a_question_and_is_signed_out(
    as_alice: Client, as_carol: Client, acme: Organization, carol: User
) -> None:
    assert dismissal_of(carol) in as_alice.get(f"/manage/users/{carol.pk}/").text
    assert "carol@acme.test" in as_alice.get(dismissal_of(carol)).text

    page = as_alice.post(dismissal_of(carol), follow=True).text
    as_alice.post(dismissal_of(carol))
    deliver(acme)

    assert "is a member now, and was signed out everywhere." in page
    assert dismissal_of(carol) not in page
    assert address(carol) in page
    carol.refresh_from_db()
    assert carol.role == User.Role.MEMBER
    assert as_carol.get("/account/").status_code == 302
    (event,) = AuditEvent.objects.filter(action=DISMISSED)
    assert (event.target["id"], event.actor["label"]) == (str(carol.pk), "Alice")
    told = [each for each in sent() if "right of a user manager" in each.subject]
    assert [each.to for each in told] == [["alice@acme.test"]]
    assert "was signed out everywhere" in told[0].body


@pytest.mark.parametrize("state", ["suspended", "deleted"])
def test_who_has_no_access_loses_the_right_as_well(
    as_alice: Client, carol: User, state: str
) -> None:
    carol.is_active = state != "suspended"
    carol.deleted_at = carol.created_at if state == "deleted" else None
    carol.save()

    as_alice.post(dismissal_of(carol))

    carol.refresh_from_db()
    assert carol.role == User.Role.MEMBER


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_only_a_user_manager_loses_it(
    as_alice: Client, alice: User, bob: User, who: str
) -> None:
    person = {"alice": alice, "bob": bob}[who]
    before = person.role

    as_alice.get(dismissal_of(person))
    as_alice.post(dismissal_of(person))

    person.refresh_from_db()
    assert person.role == before
    assert not AuditEvent.objects.filter(action=DISMISSED).exists()


def test_nobody_else_takes_it_back(
    as_carol: Client, as_mallory: Client, acme: Organization, carol: User
) -> None:
    for stranger, code in ((as_carol, 403), (as_mallory, 404)):
        assert stranger.get(dismissal_of(carol)).status_code == code
        assert stranger.post(dismissal_of(carol)).status_code == code
    assert dismissal_of(carol) not in as_carol.get(f"/manage/users/{carol.pk}/").text
    with pytest.raises(NotAllowed):
        user_managers.take_back(acme, carol.pk, actor=actor_for(carol))

    carol.refresh_from_db()
    assert carol.role == User.Role.USER_MANAGER


def test_a_proof_is_asked_for_before(
    as_alice: Client, alice: User, carol: User
) -> None:
    long_ago = timezone.now() - timedelta(minutes=11)
    UserSession.objects.filter(user=alice).update(authenticated_at=long_ago)

    as_alice.post(dismissal_of(carol))

    carol.refresh_from_db()
    assert carol.role == User.Role.USER_MANAGER
