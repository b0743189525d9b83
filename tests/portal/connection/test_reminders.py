"""What Connection and the overview remind of: what ends, and what is to be handed over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, hand_over, tokens
from chatwork_admin.authorization.models import Grant
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.connection.reminders import reminders_of
from tests.authorization.conftest import granted, registered
from tests.conftest import actor_for, signed_in
from tests.portal.people.test_transfer import has_signed_in

CONNECTION, OVERVIEW = "/manage/sync/connection/", "/manage/"


def ending_token(organization: Organization, days: float) -> None:
    ends_at = timezone.now() + timedelta(days=days)
    tokens.issue(organization, name="Okta", expires_at=ends_at, actor=SYSTEM)


def transfer(giver: User, receiver: User) -> None:
    receiver.set_password("a long password of his")
    receiver.last_login = timezone.now()
    receiver.save()
    actor, organization = actor_for(giver), giver.organization
    hand_over.transfer(organization, giver=giver, receiver=receiver, actor=actor)


@pytest.fixture
def handed_over(enabled_acme: Organization, alice: User, bob: User) -> Grant:
    """Alice has authorized Entra ID, and Bob administers now."""
    granted(enabled_acme)
    transfer(alice, bob)
    return enabled_acme.grants.get()


@pytest.fixture
def as_bob(handed_over: Grant, bob: User) -> Client:
    return signed_in(User.objects.get(pk=bob.pk))


@pytest.mark.parametrize(
    ("days", "kind"),
    [(61, ""), (59.5, "info"), (31, "info"), (29.5, "warn"), (8, "warn"), (6.5, "bad")],
)
def test_the_reminder_gets_more_urgent_as_the_end_comes_nearer(
    enabled_acme: Organization, days: float, kind: str
) -> None:
    ending_token(enabled_acme, days)

    assert [each.kind for each in reminders_of(enabled_acme)] == (
        [kind] if kind else []
    )


def test_what_ends_is_named_where_it_can_be_replaced(
    as_alice: Client, enabled_acme: Organization
) -> None:
    ending_token(enabled_acme, 11.5)
    client = registered(enabled_acme, "SCIM of Entra").row
    client.secrets.update(expires_at=timezone.now() + timedelta(days=3.5))
    granted(enabled_acme)
    Grant.objects.update(last_used_at=timezone.now() - timedelta(days=69.5))

    connection, overview = as_alice.get(CONNECTION).text, as_alice.get(OVERVIEW).text

    for said in (
        "The token “\u2068Okta\u2069” ends within 12 days.",
        "The secret “\u2068first\u2069” of “\u2068SCIM of Entra\u2069” ends within 4 days.",
        "The connection “\u2068Microsoft Entra ID\u2069” is not used, and ends within 21",
    ):
        assert said in connection
        assert said in overview
    urgent, less = (
        overview.index("of “\u2068SCIM"),
        overview.index("“\u2068Okta\u2069”"),
    )
    assert urgent < less


def test_what_has_time_is_not_among_the_things_to_do(
    as_alice: Client, enabled_acme: Organization
) -> None:
    ending_token(enabled_acme, 45)

    assert "ends within 45 days" in as_alice.get(CONNECTION).text
    assert "ends within 45 days" not in as_alice.get(OVERVIEW).text


def test_the_new_administrator_is_asked_to_authorize_again(
    as_bob: Client, handed_over: Grant
) -> None:
    day = f"{timezone.localdate(handed_over.hand_over_by):%Y-%m-%d}"
    said = (
        "“\u2068Microsoft Entra ID\u2069” was authorized by "
        "\u2068alice@acme.test\u2069, who is no longer the organization "
        f"administrator. Authorize it again by {day}."
    )

    connection = as_bob.get(CONNECTION).text

    assert said in connection
    assert "Authorized by a former administrator" in connection
    assert "Nothing is cut off before you do." in connection
    assert said in as_bob.get(OVERVIEW).text


def test_once_it_is_authorized_again_the_former_one_may_be_revoked(
    as_bob: Client, enabled_acme: Organization
) -> None:
    granted(enabled_acme)

    connection = as_bob.get(CONNECTION).text

    assert "Replaced by a later one" in connection
    assert "no longer the organization administrator" not in connection
    assert connection.count("Revoke…") == 2


def test_when_the_time_is_over_it_is_said_in_red_and_nothing_ends(
    as_bob: Client, enabled_acme: Organization, handed_over: Grant
) -> None:
    Grant.objects.update(hand_over_by=timezone.now() - timedelta(days=1))

    [reminder] = reminders_of(enabled_acme)

    assert reminder.kind == "bad"
    assert handed_over.is_alive(None)
    assert 'class="banner bad"' in as_bob.get(CONNECTION).text


def test_before_the_transfer_it_is_said_what_is_to_be_authorized_again(
    as_alice: Client, enabled_acme: Organization, bob: User
) -> None:
    has_signed_in(bob)
    page = f"/manage/users/{bob.pk}/transfer/"
    said = "The new administrator is asked to authorize Entra ID again within 14 days."
    assert said not in as_alice.get(page).text

    granted(enabled_acme)

    assert said in as_alice.get(page).text


def test_the_neighbour_is_reminded_of_nothing(
    as_mallory: Client, enabled_acme: Organization
) -> None:
    ending_token(enabled_acme, 3)

    assert "Okta" not in as_mallory.get(CONNECTION).text
    assert "Okta" not in as_mallory.get(OVERVIEW).text


def test_reminders_are_in_japanese_too(
    as_bob: Client, enabled_acme: Organization
) -> None:
    ending_token(enabled_acme, 11.5)

    page = as_bob.get(CONNECTION, headers={"Accept-Language": "ja"}).text

    assert "現在の組織管理者ではありません" in page
    assert "トークン「\u2068Okta\u2069」は 12 日以内に終了します。" in page


SEEN = "of the time before the administrator right was transferred"


def test_what_the_former_administrator_has_seen_is_named_while_it_is_good(
    enabled_acme: Organization, alice: User, bob: User
) -> None:
    tokens.issue(enabled_acme, name="Okta", expires_at=None, actor=actor_for(alice))
    client = registered(enabled_acme, "SCIM of Entra").row
    assert SEEN not in signed_in(alice).get(CONNECTION).text
    transfer(alice, bob)
    bob.refresh_from_db()
    as_bob, by_bob = signed_in(bob), actor_for(bob)
    tokens.issue(enabled_acme, name="new", expires_at=None, actor=by_bob)

    for page in (CONNECTION, OVERVIEW):
        text = as_bob.get(page).text
        assert SEEN in text
        assert "Okta (alice@acme.test)" in text
        assert "SCIM of Entra, first (" in text
        assert "new (" not in text

    clients.remove(enabled_acme, client.pk, actor=by_bob)
    token = enabled_acme.access_tokens.get(name="Okta")
    tokens.revoke(enabled_acme, token.pk, actor=by_bob)
    assert SEEN not in as_bob.get(CONNECTION).text


def test_of_many_the_first_five_are_named(
    enabled_acme: Organization, alice: User, bob: User
) -> None:
    for number in range(8):
        tokens.issue(
            enabled_acme, name=f"t{number}", expires_at=None, actor=actor_for(alice)
        )
    transfer(alice, bob)

    (text,) = [each.text for each in reminders_of(enabled_acme) if SEEN in each.text]

    assert "t4 (alice@acme.test)" in text
    assert "and 3 more" in text
    assert "t5" not in text
