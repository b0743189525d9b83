"""Who is the person that was deleted, and who only bears his name (rows D9, D10, D19)."""

from __future__ import annotations

import pytest
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User
from chatwork_admin.synchronization.models import Tombstone
from chatwork_admin.synchronization.succession import NotRestored
from tests.scim.conftest import USERS, Document, Provisioning
from tests.scim.successions import AGAIN, JIRO, OBJECT_ID, TARO, deleted, teams
from tests.scim.test_lifecycle import told


@pytest.mark.parametrize(
    ("former", "comes", "is_same"),
    [
        (
            {"externalId": OBJECT_ID},
            {"userName": "new@example.jp", "externalId": OBJECT_ID},
            True,
        ),
        (
            {"externalId": "e1"},
            {"userName": "new@example.jp", "externalId": "e1"},
            False,
        ),
        ({"externalId": "e1"}, {"externalId": "e1"}, True),
        ({"externalId": "e1"}, {"externalId": "E1"}, False),
        ({"externalId": "e1"}, {"externalId": "e2"}, False),
        ({"externalId": "e1"}, {}, True),
        ({}, {"userName": "A@EXAMPLE.jp", "externalId": "e1"}, True),
        ({}, {"userName": "new@example.jp"}, False),
    ],
    ids=[
        "renamed",
        "nickname-used-again",
        "same",
        "other-case",
        "another-person",
        "unsaid",
        "newly-said",
        "stranger",
    ],
)
def test_who_is_the_same_person(
    entra: Provisioning, former: Document, comes: Document, *, is_same: bool
) -> None:
    """An address may be somebody else's by now: two externalIds tell it.

    So may an externalId be (row D10), but for an object id.
    """
    gone = deleted(entra, **former)

    user = entra.post(USERS, {"userName": "a@example.jp", **comes}).id

    assert bool(teams(entra, user)) is is_same
    assert told(user) == (AGAIN if is_same else [Action.USER_PROVISIONED])
    assert User.objects.filter(pk=gone).exists() is not is_same
    assert Tombstone.objects.filter(user_id=gone).exists() is not is_same


def nobody_restored(user: str) -> str:
    """Why, as the event of a creation says; and no other event."""
    event = AuditEvent.objects.get(target__id=user)
    assert event.action == Action.USER_PROVISIONED
    return str(event.context.get("not_restored", ""))


def test_an_external_id_that_is_used_again_brings_nobody_into_teams_of_others(
    entra: Provisioning, as_alice: Client
) -> None:
    """Rows D9 and D10: mailNickname, which Entra sends unless told otherwise."""
    former = [deleted(entra, name, externalId="tanakab741") for name in (TARO, JIRO)]

    hanako = entra.create("hanako@example.jp", externalId="tanakab741")

    assert teams(entra, hanako) == []
    assert nobody_restored(hanako) == NotRestored.RENAMED
    assert {str(each.user_id) for each in Tombstone.objects.all()} == set(former)
    for language, words in (("en", "another e-mail"), ("ja", "復元しなかった理由")):
        shown = as_alice.get("/manage/audit/", headers={"Accept-Language": language})
        assert words in shown.text
    jiro = entra.create(JIRO, externalId="tanakab741")  # he himself, all the same
    assert teams(entra, jiro) == [f"team of {former[1]}"]


def test_a_login_email_decides_whoever_else_has_the_external_id(
    entra: Provisioning,
) -> None:
    entra.create("living@example.jp", externalId="e1")
    former = deleted(entra, TARO, externalId="e1")

    assert teams(entra, entra.create("new@example.jp", externalId="e1")) == []
    assert teams(entra, entra.create(TARO, externalId="e1")) == [f"team of {former}"]


@pytest.mark.parametrize("other", ["living", "deleted"])
def test_an_object_id_that_two_have_brings_nobody_back(
    entra: Provisioning, other: str
) -> None:
    """Not Entra's then: object ids are never used twice."""
    kept = entra.create(JIRO, externalId=OBJECT_ID)
    deleted(entra, TARO, externalId=OBJECT_ID)
    if other == "deleted":
        entra.delete(f"{USERS}/{kept}")

    user = entra.create("hanako@example.jp", externalId=OBJECT_ID)

    assert teams(entra, user) == []
    is_several = other == "deleted"
    why = NotRestored.SEVERAL if is_several else NotRestored.RENAMED
    assert nobody_restored(user) == why


def test_who_could_be_two_is_neither(entra: Provisioning) -> None:
    deleted(entra, TARO)
    deleted(entra, JIRO, externalId=OBJECT_ID)

    user = entra.create(TARO, externalId=OBJECT_ID)

    assert teams(entra, user) == []
    assert nobody_restored(user) == NotRestored.SEVERAL
    assert Tombstone.objects.count() == 2


def test_of_many_with_one_name_none_comes_again_unless_the_external_id_says_who(
    entra: Provisioning,
) -> None:
    first = deleted(entra, externalId="e1")
    deleted(entra, externalId="e2")

    user = entra.create("a@example.jp")
    assert teams(entra, user) == []
    assert nobody_restored(user) == NotRestored.SEVERAL

    entra.patch(
        f"{USERS}/{user}", {"op": "replace", "path": "userName", "value": "b@a.jp"}
    )
    again = entra.create("a@example.jp", externalId="e1")
    assert teams(entra, again) == [f"team of {first}"]


def test_whoever_is_nobody_else_is_created_without_a_word_about_it(
    entra: Provisioning,
) -> None:
    deleted(entra, TARO, externalId="e1")

    assert nobody_restored(entra.create(JIRO, externalId="e2")) == ""


def test_only_one_succeeds_to_somebody(entra: Provisioning) -> None:
    deleted(entra, externalId=OBJECT_ID)

    first, second = (
        entra.create(f"{name}@example.jp", externalId=OBJECT_ID) for name in "xy"
    )

    assert [bool(teams(entra, user)) for user in (first, second)] == [True, False]
    assert told(second) == [Action.USER_PROVISIONED]
