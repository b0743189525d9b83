"""Whom provisioning has taken a right from: the administrator is told who, and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.organizations import user_managers
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.people.lost_rights import SHOWN, lost_rights
from chatwork_admin.synchronization import provisioning
from tests.conftest import actor_for, signed_in
from tests.portal.mails.mailing import deliver, sent

TASK = "Provisioning has taken the right of a user manager from somebody."
CLIENT = Actor(ActorKind.PROVISIONING_CLIENT, "1", "Entra ID")
SAID = "is a member now. Cause: Another login e-mail, by provisioning."


@pytest.fixture
def renamed(enabled_acme: Organization, carol: User) -> User:
    """Carol, whose login e-mail provisioning has changed."""
    return rename(carol)


def rename(person: User) -> User:
    document = {"userName": f"new.{person.user_name}", "active": True}
    return provisioning.change_user(
        person.organization, person.pk, lambda _: document, actor=CLIENT
    )


def test_overview_list_and_page_say_who_lost_it_and_why(
    as_alice: Client, renamed: User
) -> None:
    assert TASK in as_alice.get("/manage/").text
    for page in ("/manage/users/", f"/manage/users/{renamed.pk}/"):
        text = as_alice.get(page).text
        assert "<bdi>new.carol</bdi> was a user manager until" in text
        assert SAID in text
        assert text.count(f"/manage/users/{renamed.pk}/appoint/") == 1


def test_the_mail_and_the_audit_log_say_why(
    as_alice: Client, enabled_acme: Organization, renamed: User
) -> None:
    deliver(enabled_acme)

    (told,) = [each for each in sent() if "has lost the right" in each.subject]
    assert told.to == ["alice@acme.test"]
    assert "Cause: Another login e-mail, by provisioning" in told.body
    log = as_alice.get("/manage/audit/?action=user_manager.dismissed").text
    assert "Another login e-mail, by provisioning" in log


def test_who_is_created_anew_is_named_as_well(
    as_alice: Client, enabled_acme: Organization, carol: User
) -> None:
    provisioning.deprovision_user(enabled_acme, carol.pk, actor=CLIENT)
    provisioning.provision_user(
        enabled_acme, {"userName": carol.user_name}, actor=CLIENT
    )

    page = as_alice.get("/manage/users/").text

    assert "Cause: Created anew after a deletion, by provisioning." in page


def test_only_the_administrator_can_see_to_it_and_is_told(
    as_mallory: Client, renamed: User, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.USER_MANAGER)
    for browser in (as_mallory, signed_in(bob)):
        for page in ("/manage/", "/manage/users/"):
            text = browser.get(page).text
            assert TASK not in text
            assert "</bdi> was a user manager" not in text


def test_it_is_over_once_the_right_is_given_again_also_if_it_is_taken_back_then(
    as_alice: Client, acme: Organization, alice: User, renamed: User
) -> None:
    user_managers.appoint(acme, renamed.pk, actor=actor_for(alice))
    assert TASK not in as_alice.get("/manage/").text

    user_managers.take_back(acme, renamed.pk, actor=actor_for(alice))
    assert TASK not in as_alice.get("/manage/").text


def test_it_is_said_for_two_weeks(
    as_alice: Client, renamed: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + SHOWN + timedelta(hours=1))

    assert lost_rights(renamed.organization) == []
