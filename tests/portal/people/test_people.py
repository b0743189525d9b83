from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Group, Organization, User
from chatwork_admin.portal.texts import is_storable
from chatwork_admin.synchronization import gate, grouping, provisioning
from saml_sso.models import LinkedIdentity
from tests.conftest import actor_for
from tests.saml_sso.signing_in import Visitor, entra_of

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


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800"])
def test_a_text_that_cannot_be_stored_matches_nothing(
    as_alice: Client, acme: Organization, text: str
) -> None:
    team(acme, "Sales")
    assert not is_storable(text)
    asked = text.encode("utf-8", "surrogatepass")
    for path in (USERS, TEAMS):
        response = as_alice.get(path, {"q": asked})
        assert response.status_code == 200
        assert "Nothing matches." in response.text


def test_the_tabs_sort_people(as_alice: Client, acme: Organization) -> None:
    provisioned(acme, "fresh")
    User.objects.filter(pk=provisioned(acme, "asleep").pk).update(is_active=False)
    provisioning.deprovision_user(acme, provisioned(acme, "gone").pk, actor=SYSTEM)
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
    as_alice: Client, alice: User, enabled_acme: Organization
) -> None:
    acme = enabled_acme
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


def test_nothing_is_locked_once_synchronization_is_disabled(
    as_alice: Client, alice: User, enabled_acme: Organization
) -> None:
    path = f"{USERS}{provisioned(enabled_acme, 'tanaka').pk}/"
    gate.pause(enabled_acme, actor=actor_for(alice), reason="audit")
    assert "managed in Microsoft Entra ID" in as_alice.get(path).text

    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))

    page = as_alice.get(path).text
    assert "managed in" not in page
    assert "Linked" in page


def test_the_state_is_the_same_word_in_both_places(
    as_alice: Client, acme: Organization, bob: User
) -> None:
    def states() -> str:
        page = as_alice.get(f"{USERS}{bob.pk}/").text
        badge = page.split('class="facts"')[1].split("</p>")[0]
        row = page.split(">State")[1].split("<dd>")[1].split("</dd>")[0]
        assert f"</svg>{row}</span>" in badge
        return row

    assert states() == "Pre-login"
    User.objects.filter(pk=bob.pk).update(last_login=timezone.now())
    assert states() == "In use"
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert states() == "Suspended"
    provisioning.deprovision_user(acme, bob.pk, actor=SYSTEM)
    assert states() == "In the recycle bin"


def test_a_name_keeps_its_direction_to_itself(
    as_alice: Client, acme: Organization
) -> None:
    name = "\u202egnp.exe"
    person = provisioned(acme, "x", displayName=name)
    for path in (f"{USERS}?tab=pre-login", f"{USERS}{person.pk}/"):
        assert f"<bdi>{name}</bdi>" in as_alice.get(path).text


def test_somebody_in_the_recycle_bin_can_be_looked_at(
    as_alice: Client, acme: Organization
) -> None:
    person = provisioned(acme, "gone")
    provisioning.deprovision_user(acme, person.pk, actor=SYSTEM)

    page = as_alice.get(f"{USERS}{person.pk}/").text

    assert "In the recycle bin" in page
    assert f"{person.pk}/transfer/" not in page


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


def test_the_administrator_unlinks_an_identity_after_a_question(
    as_alice: Client, as_carol: Client, acme: Organization, bob: User
) -> None:
    Visitor(entra_of(acme)).sign_in(bob)
    page, path = f"/manage/users/{bob.pk}/", f"/manage/users/{bob.pk}/unlink/"
    assert "Signs in with Entra ID as" in as_carol.get(page).text
    assert path not in as_carol.get(page).text
    assert as_carol.post(path).status_code == 403
    assert path in as_alice.get(page).text
    assert "Make sure first whose account that is." in as_alice.get(path).text
    assert LinkedIdentity.objects.exists()

    said = as_alice.post(path, follow=True).text

    assert "is unlinked." in said
    assert not LinkedIdentity.objects.exists()
    assert as_alice.get(path)["Location"] == page
