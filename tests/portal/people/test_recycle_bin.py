"""The recycle bin in the portal: who is in it, restored by one click, erased by typing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Membership, Organization, User
from chatwork_admin.synchronization import provisioning, recycling
from chatwork_admin.synchronization.models import Tombstone
from tests.conftest import actor_for
from tests.portal.people.test_people import USERS, provisioned, team

BIN = f"{USERS}?tab=recycle-bin"


@pytest.fixture
def tanaka(acme: Organization, alice: User) -> User:
    """Somebody in the recycle bin, who was in a team."""
    person = provisioned(acme, "tanaka", displayName="田中 美咲", externalId="e1")
    team(acme, "営業部", person)
    provisioning.deprovision_user(acme, person.pk, actor=actor_for(alice))
    return person


def restoring(person: User) -> str:
    return f"{USERS}{person.pk}/restore/"


def erasing(person: User) -> str:
    return f"{USERS}{person.pk}/erase/"


def assert_untouched(person: User) -> None:
    """Nothing written, nothing recorded."""
    person.refresh_from_db()
    assert person.deleted_at is not None
    assert Tombstone.objects.filter(user=person).exists()
    ends = AuditEvent.objects.filter(action__in=["user.restored", "user.purged"])
    assert not ends.exists()


def test_the_list_says_who_deleted_whom_until_when_and_what_is_kept(
    as_alice: Client, tanaka: User
) -> None:
    User.objects.filter(pk=tanaka.pk).update(role=User.Role.USER_MANAGER)
    end = timezone.localtime(timezone.now() + timedelta(days=30))

    page = as_alice.get(BIN).text.partition("<tbody>")[2]

    assert "田中 美咲" in page
    assert "alice@acme.test" in page  # who did it
    assert end.strftime("%Y-%m-%d") in page
    assert "in 29 days" in page
    assert "1 team" in page
    assert "User manager" in page
    assert restoring(tanaka) in page


def test_the_last_to_go_comes_first(
    as_alice: Client, acme: Organization, tanaka: User, bob: User
) -> None:
    provisioning.deprovision_user(acme, bob.pk, actor=SYSTEM)

    page = as_alice.get(BIN).text

    assert page.index("bob@acme.test") < page.index("tanaka@acme.test")


def test_the_page_before_says_what_a_restoration_means(
    as_alice: Client, acme: Organization, alice: User
) -> None:
    boss = provisioned(acme, "boss", active=False)
    extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    provisioned(acme, "report", **{extension: {"manager": {"value": str(boss.pk)}}})
    group = team(acme, "営業部", boss)
    provisioning.deprovision_user(acme, boss.pk, actor=actor_for(alice))
    User.objects.filter(pk=boss.pk).update(role=User.Role.USER_MANAGER)

    page = as_alice.get(restoring(boss)).text

    assert "2 of 500 are in use now" in page
    assert "The login e-mail must still be free" in page
    assert "comes back suspended" in page
    assert "User manager" in page
    assert f"/manage/teams/{group.pk}/" in page
    assert "1 person has this manager again" in page
    assert "Restore this person in Entra ID too" in page
    assert "disabled" not in page.partition("restore-form")[2].partition("</form>")[0]


def test_a_restored_user_is_in_use_again_with_a_message(
    as_alice: Client, tanaka: User
) -> None:
    assert restoring(tanaka) in as_alice.get(f"{USERS}{tanaka.pk}/").text

    page = as_alice.post(restoring(tanaka), follow=True).text

    assert "\u2068田中 美咲\u2069 is restored." in page
    assert "Pre-login" in page
    assert "User restored from the recycle bin" in page
    assert "Teams joined again" in page
    assert Membership.objects.filter(user=tanaka).count() == 1
    event = AuditEvent.objects.get(action="user.restored")
    assert event.actor["label"] == "Alice"
    assert event.context["address"] == "127.0.0.1"


def test_restoring_twice_is_harmless_and_recorded_once(
    as_alice: Client, tanaka: User
) -> None:
    for _ in range(2):
        assert as_alice.post(restoring(tanaka)).status_code == 302

    assert AuditEvent.objects.filter(action="user.restored").count() == 1
    assert as_alice.get(restoring(tanaka))["Location"] == f"{USERS}{tanaka.pk}/"


def taken_here(acme: Organization, globex: Organization) -> None:
    provisioned(acme, "tanaka", externalId="e2", displayName="Another")


def taken_elsewhere(acme: Organization, globex: Organization) -> None:
    provisioned(globex, "tanaka")


def without_licence(acme: Organization, globex: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(licences=1)


REASONS = {
    "Somebody else in this organization has this login e-mail by now.": taken_here,
    "An account outside this organization has this login e-mail": taken_elsewhere,
    "No licence is left.": without_licence,
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_stands_in_the_way_is_said_before_and_after_the_click(
    as_alice: Client,
    acme: Organization,
    globex: Organization,
    tanaka: User,
    reason: str,
) -> None:
    REASONS[reason](acme, globex)

    before = as_alice.get(restoring(tanaka))
    after = as_alice.post(restoring(tanaka))

    assert (before.status_code, after.status_code) == (200, 409)
    for page in (before.text, after.text):
        assert reason in page
        assert "disabled" in page.partition("restore-form")[2].partition("</form>")[0]
        assert "Globex" not in page
        assert ("Another" in page) == ("in this organization" in reason)
    assert_untouched(tanaka)


def test_who_types_the_login_email_erases_for_good(
    as_alice: Client, tanaka: User
) -> None:
    assert erasing(tanaka) in as_alice.get(f"{USERS}{tanaka.pk}/").text
    assert "neither you nor support" in as_alice.get(erasing(tanaka)).text

    answer = as_alice.post(erasing(tanaka), {"user_name": " TANAKA@acme.test "})

    assert answer["Location"] == USERS
    assert "is erased." in as_alice.get(USERS).text
    assert not User.objects.filter(pk=tanaka.pk).exists()
    event = AuditEvent.objects.get(action="user.purged")
    assert (event.actor["label"], event.target["label"]) == ("Alice", "")


@pytest.mark.parametrize("typed", ["", "tanaka", "alice@acme.test"])
def test_who_types_something_else_erases_nobody(
    as_alice: Client, tanaka: User, typed: str
) -> None:
    answer = as_alice.post(erasing(tanaka), {"user_name": typed})

    assert answer.status_code == 422
    assert "Nothing was" in answer.text
    assert_untouched(tanaka)


def test_who_is_not_deleted_is_not_erased(as_alice: Client, bob: User) -> None:
    path = erasing(bob)

    for answer in (
        as_alice.get(path),
        as_alice.post(path, {"user_name": "bob@acme.test"}),
    ):
        assert answer["Location"] == f"{USERS}{bob.pk}/"
    assert User.objects.filter(pk=bob.pk, deleted_at=None).exists()
    assert not AuditEvent.objects.filter(action="user.purged").exists()


def test_a_user_manager_looks_and_changes_nothing(
    as_carol: Client, tanaka: User
) -> None:
    for page in (as_carol.get(BIN).text, as_carol.get(f"{USERS}{tanaka.pk}/").text):
        assert "tanaka@acme.test" in page
        assert restoring(tanaka) not in page
        assert erasing(tanaka) not in page
    assert "Only the organization administrator" in as_carol.get(BIN).text
    for path in (restoring(tanaka), erasing(tanaka)):
        assert as_carol.get(path).status_code == 403
        typed = {"user_name": "tanaka@acme.test"}
        assert as_carol.post(path, typed).status_code == 403
    assert_untouched(tanaka)


def test_the_neighbour_restores_and_erases_nobody(
    as_mallory: Client, acme: Organization, alice: User, tanaka: User, bob: User
) -> None:
    provisioning.deprovision_user(acme, bob.pk, actor=actor_for(alice))
    recycling.erase_user(acme, bob.pk, actor=SYSTEM)

    for person in (tanaka, bob):
        for path in (restoring(person), erasing(person), f"{USERS}{person.pk}/"):
            assert as_mallory.get(path).status_code == 404
            typed = {"user_name": "tanaka@acme.test"}
            assert as_mallory.post(path, typed).status_code in {404, 405}
    assert "tanaka" not in as_mallory.get(BIN).text
    tanaka.refresh_from_db()
    assert tanaka.deleted_at is not None
    assert Tombstone.objects.filter(user=tanaka).exists()
