"""How people come, change, rest, return and go (rows G1-G17).

Elsewhere: G1, G3 and F34 in test_patch_requests.py, G7 in test_users.py, G15 in
test_stateful.py, G8 and G9 in test_succession.py, G17 in test_accounts.py, G16 in
tests/portal/people/test_people.py. G5 and G13 ask nothing of us.
"""

from __future__ import annotations

import pytest
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Group, User
from tests.scim.conftest import (
    ENTERPRISE,
    GROUPS,
    USERS,
    Document,
    Provisioning,
)

SUSPENDING: Document = {"op": "Replace", "path": "active", "value": "False"}
REACTIVATING: Document = {"op": "Replace", "path": "active", "value": "True"}
RETITLING: Document = {"op": "Add", "path": "title", "value": "T"}


def renaming(user_name: str) -> Document:
    return {"op": "Replace", "path": "userName", "value": user_name}


def told(user: object) -> list[str]:
    """What is recorded about a user, in its order."""
    events = AuditEvent.objects.filter(target__id=str(user)).order_by("id")
    return list(events.values_list("action", flat=True))


# G1-G3: a rest


@pytest.mark.parametrize("ending", ["PATCH", "PUT", "DELETE"])
def test_whoever_is_suspended_or_deleted_is_signed_out_at_once(
    entra: Provisioning, carol: User, as_carol: Client, ending: str
) -> None:
    """Row G2."""
    one = f"{USERS}/{carol.pk}"
    bodies: dict[str, Document] = {
        "PATCH": {"Operations": [SUSPENDING]},
        "PUT": {"userName": carol.user_name, "active": False},
        "DELETE": {},
    }
    assert as_carol.get("/manage/").status_code == 200

    assert entra.send(ending, one, bodies[ending]).status in {200, 204}

    assert as_carol.get("/manage/")["Location"].startswith("/s/acme/")


def test_a_session_that_ended_with_a_suspension_stays_ended(
    entra: Provisioning, carol: User, as_carol: Client
) -> None:
    """Row G2: all access ends; who returns signs in again."""
    one = f"{USERS}/{carol.pk}"
    assert as_carol.get("/manage/").status_code == 200

    entra.patch(one, SUSPENDING)
    entra.patch(one, REACTIVATING)

    assert as_carol.get("/manage/")["Location"].startswith("/s/acme/")


def test_a_suspended_user_is_found_however_he_is_looked_for(
    entra: Provisioning,
) -> None:
    user = entra.create("a@example.jp", externalId="e1", displayName="山田")
    entra.create("b@example.jp")
    entra.patch(f"{USERS}/{user}", SUSPENDING)

    for expression in (
        'userName eq "A@example.jp"',
        'externalId eq "e1"',
        'displayName eq "山田"',
        f'id eq "{user}"',
        "active eq false",
        'active eq "False" and userName sw "a"',
    ):
        assert entra.found(expression) == ["a@example.jp"], expression
    assert entra.get(f"{USERS}/{user}").body["active"] is False


def test_a_rest_and_a_return_are_told_in_their_own_words(entra: Provisioning) -> None:
    user = entra.create()
    for operation in (SUSPENDING, SUSPENDING, REACTIVATING, REACTIVATING):
        assert entra.patch(f"{USERS}/{user}", operation).status == 200

    assert told(user) == [
        Action.USER_PROVISIONED,
        Action.USER_SUSPENDED,
        Action.USER_REACTIVATED,
    ]


# G4-G12: an end


@pytest.mark.parametrize("is_suspended_first", [True, False])
def test_a_deleted_user_rests_in_the_recycle_bin(
    entra: Provisioning, *, is_suspended_first: bool
) -> None:
    """Rows G4 and G6: with an earlier suspension, and without."""
    user = entra.create("a@example.jp", title="T")
    if is_suspended_first:
        entra.patch(f"{USERS}/{user}", SUSPENDING)

    answer = entra.delete(f"{USERS}/{user}")

    kept = User.objects.get(pk=user)
    assert (answer.status, answer.content) == (204, b"")
    assert kept.deleted_at is not None
    assert (kept.user_name, kept.title) == ("a@example.jp", "T")
    assert told(user)[-1] == Action.USER_DELETED


def test_a_deleted_user_is_absent_from_every_list(entra: Provisioning) -> None:
    """Row G7."""
    user = entra.create("a@example.jp", externalId="e1")
    total = entra.get(USERS).body["totalResults"]
    entra.delete(f"{USERS}/{user}")

    for expression in ('userName eq "a@example.jp"', 'externalId eq "e1"', "title pr"):
        assert entra.found(expression) == [], expression
    assert entra.found(f'id eq "{user}"') == []
    assert entra.get(USERS).body["totalResults"] == total - 1
    assert entra.get(USERS, count=0).body["totalResults"] == total - 1


def test_the_second_deletion_is_recorded_as_refused(entra: Provisioning) -> None:
    user = entra.create()
    entra.delete(f"{USERS}/{user}")

    assert entra.delete(f"{USERS}/{user}").refusal == (404, None, "CW-USER-6")
    assert told(user) == [
        Action.USER_PROVISIONED,
        Action.USER_DELETED,
        Action.REQUEST_REFUSED,
    ]


def test_okta_creates_whom_it_suspended_and_is_told_he_is_there(
    entra: Provisioning,
) -> None:
    """Row G9."""
    person = {"userName": "a@example.jp", "externalId": "00u1"}
    user = entra.post(USERS, person).id
    entra.patch(f"{USERS}/{user}", {"op": "replace", "value": {"active": False}})

    assert entra.post(USERS, person).refusal == (409, "uniqueness", "CW-USER-3")

    found = entra.get(USERS, filter='userName eq "a@example.jp"').resources
    assert [each["id"] for each in found] == [user]
    entra.put(f"{USERS}/{user}", {**person, "active": True})
    assert entra.get(f"{USERS}/{user}").body["active"] is True


def test_whoever_is_deleted_leaves_every_group(entra: Provisioning) -> None:
    """Row G10."""
    leaver, stayer = entra.create("a@example.jp"), entra.create("b@example.jp")
    groups = [entra.create_group(name, leaver, stayer) for name in ("営業部", "本社")]

    entra.delete(f"{USERS}/{leaver}")

    for group in groups:
        assert entra.members(group) == {stayer}
        assert entra.get(GROUPS, filter=f'members eq "{leaver}"').resources == []


def test_a_group_that_loses_a_deleted_member_has_changed(entra: Provisioning) -> None:
    """Rows G10 and G15: whoever keeps a copy by lastModified must hear of it."""
    group = entra.create_group("営業部", user := entra.create())
    before = entra.get(f"{GROUPS}/{group}").body["meta"]["lastModified"]

    entra.delete(f"{USERS}/{user}")

    assert entra.get(f"{GROUPS}/{group}").body["meta"]["lastModified"] > before


def test_nobody_is_managed_by_somebody_deleted(entra: Provisioning) -> None:
    """Row G10: no dangling reference."""
    manager = entra.create("boss@example.jp")
    user = entra.create("a@example.jp", **{ENTERPRISE: {"manager": {"value": manager}}})

    entra.delete(f"{USERS}/{manager}")

    assert ENTERPRISE not in entra.get(f"{USERS}/{user}").body


def test_a_burst_of_deletions_is_carried_out(entra: Provisioning) -> None:
    """Row G12: what Entra held back comes at once."""
    people = [entra.create(f"u{number}@example.jp") for number in range(60)]

    answers = [entra.delete(f"{USERS}/{user}") for user in people]

    assert {answer.status for answer in answers} == {204}
    deleted = AuditEvent.objects.filter(action=Action.USER_DELETED)
    assert {event.target["id"] for event in deleted} == set(people)


def test_a_group_goes_and_comes_again_as_another(entra: Provisioning) -> None:
    user = entra.create()
    former = entra.create_group("営業部", user)
    entra.delete(f"{GROUPS}/{former}")

    group = entra.create_group("営業部")

    assert group != former
    assert "groups" not in entra.get(f"{USERS}/{user}").body
    assert Group.objects.count() == 1


# G11: who must stay

ATTACKS: dict[str, tuple[str, Document]] = {
    "suspended by Entra": ("PATCH", {"Operations": [SUSPENDING]}),
    "suspended by Okta": (
        "PATCH",
        {"Operations": [{"op": "replace", "value": {"active": False}}]},
    ),
    "renamed": ("PATCH", {"Operations": [renaming("other@acme.test")]}),
    "renamed with more": (
        "PATCH",
        {"Operations": [RETITLING, renaming("o@acme.test")]},
    ),
    "suspended by PUT": ("PUT", {"userName": "alice@acme.test", "active": False}),
    "renamed by PUT": ("PUT", {"userName": "other@acme.test"}),
    "deleted": ("DELETE", {}),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_administrator_cannot_be(
    entra: Provisioning, alice: User, attack: str
) -> None:
    """Nothing is written, and what is recorded is the refusal."""
    one = f"{USERS}/{alice.pk}"
    before = entra.get(one).body
    method, body = ATTACKS[attack]

    answer = entra.send(method, one, body)

    assert answer.refusal == (403, None, "CW-USER-5")
    assert "Transfer the right first" in answer.body["detail"]
    assert entra.get(one).body == before
    assert told(alice.pk)[-1] == Action.REQUEST_REFUSED
    assert User.objects.get(pk=alice.pk).linked_at is None


def test_everything_else_of_the_administrator_may_be_provisioned(
    entra: Provisioning, alice: User
) -> None:
    one = f"{USERS}/{alice.pk}"

    answers = [
        entra.patch(one, RETITLING, renaming("Alice@ACME.test"), REACTIVATING),
        entra.put(one, {"userName": "alice@acme.test", "title": "U"}),
    ]

    assert [answer.status for answer in answers] == [200, 200]
    assert entra.get(one).body["title"] == "U"
    assert User.objects.get(pk=alice.pk).is_active


# G14: what a replacement may do


@pytest.mark.parametrize("said", [{}, {"active": None}], ids=["silent", "null"])
@pytest.mark.parametrize("is_active", [True, False])
def test_put_without_active_neither_suspends_nor_reactivates(
    entra: Provisioning, said: Document, *, is_active: bool
) -> None:
    user = entra.create("a@example.jp", active=is_active)
    body = {"userName": "a@example.jp", "title": "T", **said}

    answer = entra.put(f"{USERS}/{user}", body)

    assert (answer.status, answer.body["active"]) == (200, is_active)
    assert User.objects.get(pk=user).is_active is is_active
    assert told(user) == [Action.USER_PROVISIONED, Action.USER_CHANGED]


@pytest.mark.parametrize("body", [{}, {"active": True}, {"userName": ""}])
def test_put_without_what_is_required_changes_nothing(
    entra: Provisioning, body: Document
) -> None:
    user = entra.create("a@example.jp", title="T")
    before = entra.get(f"{USERS}/{user}").body

    answer = entra.put(f"{USERS}/{user}", body)

    assert answer.refusal[:2] == (400, "invalidValue")
    assert entra.get(f"{USERS}/{user}").body == before
    assert told(user) == [Action.USER_PROVISIONED, Action.REQUEST_REFUSED]


def test_put_keeps_the_groups_somebody_is_in(entra: Provisioning) -> None:
    user = entra.create("a@example.jp")
    group = entra.create_group("営業部", user)

    answer = entra.put(f"{USERS}/{user}", {"userName": "a@example.jp", "groups": []})

    assert [each["value"] for each in answer.body["groups"]] == [group]
    assert entra.members(group) == {user}
