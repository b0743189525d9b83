"""Accounts, licences and addresses: whom provisioning may link, create and rename (G17)."""

from __future__ import annotations

import pytest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from tests.scim.conftest import USERS, Answer, Document, Provisioning
from tests.scim.test_lifecycle import (
    REACTIVATING,
    RETITLING,
    SUSPENDING,
    renaming,
    told,
)


def licensed(organization: Organization, licences: int) -> None:
    Organization.objects.filter(pk=organization.pk).update(licences=licences)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_the_first_write_links_and_says_so(
    entra: Provisioning, bob: User, method: str
) -> None:
    one = f"{USERS}/{bob.pk}"
    bodies: dict[str, Document] = {
        "PATCH": {"Operations": [RETITLING]},
        "PUT": {"userName": bob.user_name, "title": "T"},
    }
    assert entra.get(one).status == 200
    assert told(bob.pk) == []  # to read is not to link

    for _ in range(2):
        assert entra.send(method, one, bodies[method]).status == 200

    bob.refresh_from_db()
    assert bob.linked_at is not None
    assert told(bob.pk) == [Action.USER_LINKED]


def test_a_first_write_that_changes_nothing_links_too(
    entra: Provisioning, bob: User
) -> None:
    """Entra sends what it maps, whether or not it is there already."""
    saying_the_same = {"op": "Replace", "path": "active", "value": "True"}

    entra.patch(f"{USERS}/{bob.pk}", saying_the_same)

    bob.refresh_from_db()
    assert bob.linked_at is not None
    assert told(bob.pk) == [Action.USER_LINKED]


EXTERNAL_ID: Document = {"op": "Add", "path": "externalId", "value": "e1"}
NAMED: Document = {"op": "Add", "path": "displayName", "value": "山田"}


@pytest.mark.parametrize("is_said", [True, False])
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_first_write_keeps_the_name_unless_it_says_another(
    entra: Provisioning,
    who: str,
    is_said: bool,  # noqa: FBT001 - a parameter of the test
    request: pytest.FixtureRequest,
) -> None:
    """The document of whoever founded the organization has none."""
    person: User = request.getfixturevalue(who)
    document = {"userName": person.user_name, "active": True}
    User.objects.filter(pk=person.pk).update(document=document)
    changes = [EXTERNAL_ID, *([NAMED] if is_said else [])]
    name = "山田" if is_said else person.display_name

    answer = entra.patch(f"{USERS}/{person.pk}", *changes)

    assert answer.body["displayName"] == name
    assert entra.found(f'displayName eq "{name}"') == [person.user_name]
    (linked,) = AuditEvent.objects.filter(action=Action.USER_LINKED)
    listed = {each["attribute"]: each["before"] for each in linked.changes}
    expected = {"displayName": person.display_name} if is_said else {}
    assert listed == {"externalId": None} | expected
    person.refresh_from_db()
    assert person.display_name == name


def test_a_first_write_that_suspends_is_said_to_link(
    entra: Provisioning, bob: User
) -> None:
    entra.patch(f"{USERS}/{bob.pk}", SUSPENDING)

    assert told(bob.pk) == [Action.USER_LINKED, Action.USER_SUSPENDED]


def test_a_suspended_user_keeps_his_licence(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    user = entra.create("a@example.jp")
    licensed(enabled_acme, 2)
    entra.patch(f"{USERS}/{user}", SUSPENDING)

    answer = entra.post(USERS, {"userName": "b@example.jp"})

    assert answer.refusal == (403, None, "CW-USER-1")
    assert "2 of 2 used, 1 by suspended users" in answer.body["detail"]
    assert entra.found('userName eq "b@example.jp"') == []
    provisioned = AuditEvent.objects.filter(action=Action.USER_PROVISIONED)
    assert provisioned.count() == 1


def test_without_a_licence_left_everything_but_creation_goes_on(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    user = entra.create("a@example.jp", active=False)
    licensed(enabled_acme, 1)  # fewer than are used: the contract shrank

    assert entra.patch(f"{USERS}/{user}", REACTIVATING).status == 200
    assert entra.put(f"{USERS}/{user}", {"userName": "c@example.jp"}).status == 200
    assert entra.post(USERS, {"userName": "b@example.jp"}).status == 403


def test_a_deletion_frees_the_licence(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    user = entra.create("a@example.jp")
    licensed(enabled_acme, 2)
    assert entra.post(USERS, {"userName": "b@example.jp"}).status == 403

    entra.delete(f"{USERS}/{user}")

    assert entra.post(USERS, {"userName": "b@example.jp"}).status == 201


def _taking(entra: Provisioning, user: str, method: str, user_name: str) -> Answer:
    if method == "POST":
        return entra.post(USERS, {"userName": user_name})
    if method == "PUT":
        return entra.put(f"{USERS}/{user}", {"userName": user_name})
    return entra.patch(f"{USERS}/{user}", RETITLING, renaming(user_name))


@pytest.mark.parametrize("state", ["active", "suspended"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_an_address_elsewhere_is_taken_and_nobody_learns_whose(
    entra: Provisioning, neighbour: Provisioning, method: str, state: str
) -> None:
    theirs = neighbour.create("Shared@example.jp", active=state == "active")
    user = entra.create("a@example.jp")
    before = entra.get(f"{USERS}/{user}").body

    answer = _taking(entra, user, method, "shared@EXAMPLE.jp")

    assert answer.refusal == (409, "uniqueness", "CW-USER-2")
    said = answer.content.decode().lower()
    assert not any(word in said for word in ("shared", "globex", theirs))
    assert entra.get(f"{USERS}/{user}").body == before
    assert entra.found('userName eq "shared@example.jp"') == []


def test_an_address_that_was_given_up_elsewhere_is_free(
    entra: Provisioning, neighbour: Provisioning
) -> None:
    theirs = neighbour.create("shared@example.jp")
    neighbour.delete(f"{USERS}/{theirs}")

    user = entra.create("shared@example.jp")

    assert entra.found('userName eq "shared@example.jp"') == ["shared@example.jp"]
    assert neighbour.get(f"{USERS}/{user}").status == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_rename_keeps_the_id_and_leaves_the_old_name_free(
    entra: Provisioning, method: str
) -> None:
    user = entra.create("old@example.jp")
    group = entra.create_group("営業部", user)

    answer = _taking(entra, user, method, "New@example.jp")

    assert (answer.status, answer.id) == (200, user)
    assert entra.found('userName eq "new@EXAMPLE.jp"') == ["New@example.jp"]
    assert entra.found('userName eq "old@example.jp"') == []
    assert entra.members(group) == {user}
    assert entra.create("old@example.jp") != user


def test_a_rename_that_is_refused_leaves_the_rest_of_the_request_undone(
    entra: Provisioning,
) -> None:
    entra.create("a@example.jp")
    user = entra.create("b@example.jp")

    answer = _taking(entra, user, "PATCH", "A@example.jp")

    assert answer.refusal == (409, "uniqueness", "CW-USER-3")
    assert "title" not in entra.get(f"{USERS}/{user}").body
    assert told(user) == [Action.USER_PROVISIONED, Action.REQUEST_REFUSED]


@pytest.mark.parametrize("is_active", [True, False])
def test_who_is_no_longer_said_to_be_active_or_not_stays_what_he_was(
    entra: Provisioning, *, is_active: bool
) -> None:
    """Rows C10 and G14; RFC 7644 §3.5.2.2: what is not required can be removed."""
    user = entra.create("a@example.jp", active=is_active)
    one = f"{USERS}/{user}"

    removed = entra.patch(one, {"op": "remove", "path": "active"})
    replaced = entra.put(one, {"userName": "a@example.jp", "title": "T"})

    assert (removed.status, replaced.status) == (200, 200)
    assert "active" not in removed.body | replaced.body
    assert User.objects.get(pk=user).is_active is is_active
    assert told(user) == [Action.USER_PROVISIONED] + [Action.USER_CHANGED] * 2
    said = entra.patch(one, {"op": "replace", "path": "active", "value": True})
    assert said.body["active"] is True
    assert User.objects.get(pk=user).is_active
