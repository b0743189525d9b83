"""The administrator right is handed over by typing to whom."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import break_glass
from tests.conftest import actor_for

USERS = "/manage/users/"
NOW = timezone.now()


def has_signed_in(person: User) -> None:
    person.set_password("x")
    person.last_login = timezone.now()
    person.save()


def typed(user_name: str) -> dict[str, str]:
    return {"user_name": user_name}


def test_the_right_is_transferred_after_a_question(
    as_alice: Client, alice: User, bob: User
) -> None:
    has_signed_in(bob)
    path = f"{USERS}{bob.pk}/transfer/"
    assert path in as_alice.get(f"{USERS}{bob.pk}/").text
    assert "You become a user manager" in as_alice.get(path).text
    assert "All emergency codes become void" in as_alice.get(path).text

    page = as_alice.post(path, typed(" BOB@acme.test "), follow=True).text

    assert "\u2068Bob\u2069 is the organization administrator now." in page
    assert "The emergency codes are void" in page
    bob.refresh_from_db()
    alice.refresh_from_db()
    assert bob.role == User.Role.ADMINISTRATOR
    assert alice.role == User.Role.USER_MANAGER
    events = AuditEvent.objects.filter(action=Action.ADMINISTRATOR_TRANSFERRED)
    assert events.count() == 1
    assert as_alice.post(path).status_code == 403


def test_what_the_former_administrator_has_seen_is_named(
    as_alice: Client, enabled_acme: Organization, alice: User, bob: User
) -> None:
    has_signed_in(bob)
    path = f"{USERS}{bob.pk}/transfer/"
    assert "whoever issued them has seen them" not in as_alice.get(path).text
    tokens.issue(enabled_acme, name="portal", expires_at=None, actor=actor_for(alice))

    assert "<bdi>portal (alice@acme.test)</bdi>" in as_alice.get(path).text


def test_a_user_manager_cannot_take_the_right(as_carol: Client, carol: User) -> None:
    path = f"{USERS}{carol.pk}/transfer/"

    assert as_carol.get(path).status_code == 403
    assert as_carol.post(path).status_code == 403
    assert "transfer/" not in as_carol.get(f"{USERS}{carol.pk}/").text


@pytest.mark.parametrize("text", ["", "alice@acme.test", "bob@acme.test.evil", "\0"])
def test_nothing_is_transferred_until_the_right_e_mail_is_typed(
    as_alice: Client, alice: User, bob: User, text: str
) -> None:
    has_signed_in(bob)

    response = as_alice.post(f"{USERS}{bob.pk}/transfer/", typed(text))

    assert response.status_code == 422
    assert 'role="alert"' in response.text
    alice.refresh_from_db()
    assert alice.is_administrator
    events = AuditEvent.objects.filter(action=Action.ADMINISTRATOR_TRANSFERRED)
    assert not events.exists()


@pytest.mark.parametrize(
    ("state", "reason", "in_japanese"),
    [
        ({"last_login": None}, "Ask the person to sign in once", "一度ログイン"),
        ({"is_active": False}, "Have the person activated again", "停止を解除"),
        ({"deleted_at": NOW}, "Restore the person first", "先に復元"),
        ({"password": "!"}, "neither a password nor SAML lets", "現在の設定では"),
    ],
    ids=["never-signed-in", "suspended", "deleted", "no-way-in"],
)
def test_who_cannot_receive_the_right_is_not_offered_it(
    as_alice: Client,
    alice: User,
    bob: User,
    state: dict[str, object],
    reason: str,
    in_japanese: str,
) -> None:
    has_signed_in(bob)
    User.objects.filter(pk=bob.pk).update(**state)
    own = f"{USERS}{bob.pk}/"
    path = f"{own}transfer/"
    page = as_alice.get(own).text
    assert reason in page
    assert f'href="{path}"' not in page

    asked = as_alice.get(path)
    refused = as_alice.post(path, typed("bob@acme.test"))

    assert (asked.status_code, refused.status_code) == (200, 409)
    for answer in (asked, refused):
        assert reason in answer.text
        assert "transfer-form" not in answer.text
    japanese = as_alice.get(path, headers={"Accept-Language": "ja"}).text
    assert in_japanese in japanese
    alice.refresh_from_db()
    assert alice.is_administrator


def test_a_former_administrator_does_not_come_in_as_the_new_one(
    as_alice: Client, acme: Organization, alice: User, bob: User
) -> None:
    codes = break_glass.issue(acme, seen=None, actor=actor_for(alice))
    has_signed_in(bob)
    as_alice.post(f"{USERS}{bob.pk}/transfer/", typed("bob@acme.test"))
    User.objects.filter(pk=bob.pk).update(password="!unusable")

    for name in ("bob@acme.test", "alice@acme.test"):
        sent = {"username": name, "password": "", "code": codes[0]}
        assert Client().post("/s/acme/?sso_skip=1", sent).status_code == 422


def test_nobody_transfers_the_right_to_themselves(
    as_alice: Client, alice: User
) -> None:
    before = AuditEvent.objects.count()
    for answer in (
        as_alice.get(f"/manage/users/{alice.pk}/transfer/"),
        as_alice.post(
            f"/manage/users/{alice.pk}/transfer/", {"user_name": alice.user_name}
        ),
    ):
        assert answer["Location"] == f"/manage/users/{alice.pk}/"

    assert AuditEvent.objects.count() == before
