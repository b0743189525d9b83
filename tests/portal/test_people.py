from __future__ import annotations

import uuid

from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Group, Organization, User
from chatwork_admin.synchronization import grouping, provisioning
from tests.conftest import actor_for

USERS = "/manage/users/"
TEAMS = "/manage/teams/"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def provisioned(organization: Organization, name: str, **more: object) -> User:
    administrator = organization.users.get(role=User.Role.ADMINISTRATOR)
    document = {
        "userName": f"{name}@acme.test",
        "externalId": str(uuid.uuid4()),
        "active": True,
        "displayName": name,
        **more,
    }
    return provisioning.provision_user(
        organization, document, actor=actor_for(administrator)
    )


def team(organization: Organization, name: str, *members: User) -> Group:
    administrator = organization.users.get(role=User.Role.ADMINISTRATOR)
    return grouping.provision_group(
        organization,
        {"displayName": name, "externalId": "g1"},
        frozenset(member.pk for member in members),
        actor=actor_for(administrator),
    )


def test_the_tabs_sort_people(as_alice: Client, acme: Organization) -> None:
    provisioned(acme, "fresh")
    User.objects.filter(pk=provisioned(acme, "asleep").pk).update(is_active=False)
    User.objects.filter(pk=provisioned(acme, "gone").pk).update(
        deleted_at=timezone.now()
    )
    tabs = {
        "in-use": "alice",
        "pre-login": "fresh",
        "suspended": "asleep",
        "recycle-bin": "gone",
    }
    for tab, name in tabs.items():
        page = as_alice.get(USERS, {"tab": tab}).text
        for other in tabs.values():
            assert (f"{other}@acme.test" in page) == (other == name)


def test_an_unknown_tab_is_the_first(as_alice: Client) -> None:
    assert "alice@acme.test" in as_alice.get(USERS, {"tab": "<x>"}).text


def test_the_sync_column_says_who_is_linked(
    as_alice: Client, acme: Organization, bob: User
) -> None:
    provisioned(acme, "linked")
    page = as_alice.get(USERS, {"tab": "pre-login"}).text

    assert "Linked" in page
    assert "Not linked" in page
    assert "Administrator (protected)" in as_alice.get(USERS).text


def test_search_ignores_case_and_finds_parts(
    as_alice: Client, acme: Organization
) -> None:
    provisioned(acme, "tanaka", displayName="田中 美咲")
    provisioned(acme, "suzuki")
    for text in ("TANAKA", "美咲"):
        page = as_alice.get(USERS, {"tab": "pre-login", "q": text}).text
        assert "tanaka@acme.test" in page
        assert "suzuki@acme.test" not in page
    assert "Nothing matches." in as_alice.get(USERS, {"q": "%"}).text


def test_long_lists_go_page_by_page_there_and_back(
    as_alice: Client, acme: Organization
) -> None:
    User.objects.bulk_create(
        User(
            organization=acme,
            user_name=f"u{number:03}@acme.test",
            user_name_key=fold(f"u{number:03}@acme.test"),
        )
        for number in range(120)
    )
    first = as_alice.get(USERS, {"tab": "pre-login"})
    assert "u000@" in first.text
    assert "u049@" in first.text
    assert "u050@" not in first.text
    assert "Previous page" not in first.text
    second = as_alice.get(
        USERS, {"tab": "pre-login", "after": first.context["page"].after}
    )
    assert "u050@" in second.text
    third = as_alice.get(
        USERS, {"tab": "pre-login", "after": second.context["page"].after}
    )
    assert "u119@" in third.text
    assert third.context["page"].after is None
    back = as_alice.get(
        USERS, {"tab": "pre-login", "before": third.context["page"].before}
    )
    assert back.context["page"].rows == second.context["page"].rows
    start = as_alice.get(
        USERS, {"tab": "pre-login", "before": second.context["page"].before}
    )
    assert start.context["page"].rows == first.context["page"].rows
    assert start.context["page"].before is None


def test_a_page_after_nobody_is_the_first(as_alice: Client, mallory: User) -> None:
    for after in ("nonsense", str(uuid.uuid4()), str(mallory.pk)):
        assert "alice@acme.test" in as_alice.get(USERS, {"after": after}).text


def test_a_person_is_shown_locked_with_a_timeline(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    person = provisioned(
        acme, "tanaka", title="主任", **{ENTERPRISE: {"department": "営業"}}
    )
    group = team(acme, "Sales", person)
    provisioning.change_user(
        acme, person.pk, lambda old: {**old, "active": False}, actor=actor_for(alice)
    )

    page = as_alice.get(f"{USERS}{person.pk}/").text

    assert "managed in Entra ID" in page
    assert "主任" in page
    assert "営業" in page
    assert f"{TEAMS}{group.pk}/" in page
    assert "User suspended" in page
    assert "User created" in page
    assert "TEST-REF" in page
    assert "<input" not in page.split("<main")[1].split("</main>")[0]


def test_somebody_in_the_recycle_bin_can_be_looked_at(
    as_alice: Client, acme: Organization
) -> None:
    person = provisioned(acme, "gone")
    User.objects.filter(pk=person.pk).update(deleted_at=timezone.now())

    page = as_alice.get(f"{USERS}{person.pk}/").text

    assert "In the recycle bin" in page
    assert "Transfer the administrator right" not in page


def test_hostile_texts_are_only_text(as_alice: Client, acme: Organization) -> None:
    hostile = "<script>alert(1)</script>"
    person = provisioned(acme, "x", displayName=hostile, title='"><img src=x>')
    team(acme, hostile, person)
    for path in (
        f"{USERS}?tab=pre-login",
        f"{USERS}?tab=pre-login&q=%22%3E%3Cscript%3E",
        f"{USERS}{person.pk}/",
        TEAMS,
        "/manage/audit/",
    ):
        page = as_alice.get(path).text
        assert hostile not in page
        assert "<img" not in page
        assert '"><script>' not in page


def test_teams_and_their_members(
    as_alice: Client, acme: Organization, bob: User
) -> None:
    group = team(acme, "営業部", bob)

    teams = as_alice.get(TEAMS).text
    page = as_alice.get(f"{TEAMS}{group.pk}/").text

    assert "営業部" in teams
    assert "bob@acme.test" in page
    assert "Team created" in page
    assert "Nothing matches." in as_alice.get(TEAMS, {"q": "x"}).text


def test_the_neighbour_sees_nobody(
    as_mallory: Client, acme: Organization, bob: User
) -> None:
    group = team(acme, "Sales", bob)
    for path in (
        f"{USERS}{bob.pk}/",
        f"{USERS}{bob.pk}/transfer/",
        f"{TEAMS}{group.pk}/",
    ):
        assert as_mallory.get(path).status_code == 404
    assert "bob" not in as_mallory.get(
        USERS, {"tab": "pre-login", "q": "bob"}
    ).text.split("<main")[1].replace('value="bob"', "").replace("q=bob", "")
    assert "Sales" not in as_mallory.get(TEAMS).text


def test_the_right_is_transferred_after_a_question(
    as_alice: Client, alice: User, bob: User
) -> None:
    path = f"{USERS}{bob.pk}/transfer/"
    assert path in as_alice.get(f"{USERS}{bob.pk}/").text
    assert "You become a user manager" in as_alice.get(path).text

    page = as_alice.post(path, follow=True).text

    assert "Bob is the organization administrator now." in page
    bob.refresh_from_db()
    alice.refresh_from_db()
    assert bob.role == User.Role.ADMINISTRATOR
    assert alice.role == User.Role.USER_MANAGER
    events = AuditEvent.objects.filter(action=Action.ADMINISTRATOR_TRANSFERRED)
    assert events.count() == 1
    assert as_alice.post(path).status_code == 403


def test_the_right_does_not_go_to_somebody_suspended(
    as_alice: Client, alice: User, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)

    response = as_alice.post(f"{USERS}{bob.pk}/transfer/")

    assert response.status_code == 409
    assert "The right cannot be transferred" in response.text
    alice.refresh_from_db()
    assert alice.is_administrator


def test_a_user_manager_cannot_take_the_right(as_carol: Client, carol: User) -> None:
    path = f"{USERS}{carol.pk}/transfer/"

    assert as_carol.get(path).status_code == 403
    assert as_carol.post(path).status_code == 403
    assert "transfer/" not in as_carol.get(f"{USERS}{carol.pk}/").text
