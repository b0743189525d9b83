"""Where people see in which browsers they are signed in, and sign them out."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.portal.signing_in.devices import device
from chatwork_admin.portal.signing_in.urls import personal_pages
from tests.conftest import signed_in
from tests.portal.test_access import address_of

PAGE = "/account/sessions/"
OTHERS = f"{PAGE}others/end/"
FIREFOX = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
)


def end(session: UserSession) -> str:
    return f"{PAGE}{session.pk}/end/"


def ended() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=Action.SESSION_ENDED))


@pytest.mark.parametrize("pattern", personal_pages)
def test_strangers_are_asked_to_sign_in(client: Client, db: None, pattern) -> None:  # type: ignore[no-untyped-def]
    for method in (client.get, client.post):
        assert method(address_of(pattern))["Location"].startswith("/sign-in/")


def test_a_member_sees_where_he_is_signed_in(bob: User) -> None:
    client = signed_in(bob)
    UserSession.objects.filter(user=bob).update(user_agent=FIREFOX)

    page = client.get(PAGE)

    assert page.status_code == 200
    assert "Firefox, Windows" in page.text
    assert "192.0.2.1" in page.text
    assert page.text.count("This session") == 1
    assert 'class="sidebar"' not in page.text
    assert "Sign out all other sessions" not in page.text


def test_who_administers_sees_them_within_the_portal(as_carol: Client) -> None:
    page = as_carol.get(PAGE).text

    assert 'class="sidebar"' in page
    assert "Acme 株式会社" in page


def test_the_portal_leads_to_ones_own_sessions(as_alice: Client) -> None:
    assert f'href="{PAGE}"' in as_alice.get("/manage/").text


def test_one_session_is_signed_out_from_another(bob: User) -> None:
    here, there = signed_in(bob), signed_in(bob)
    other = UserSession.objects.filter(user=bob).order_by("pk")[1]

    assert here.post(end(other))["Location"] == PAGE

    assert here.get(PAGE).status_code == 200
    assert there.get(PAGE).status_code == 302
    other.refresh_from_db()
    assert other.ended_why == Why.SIGNED_OUT_ELSEWHERE
    (event,) = ended()
    assert event.actor["id"] == str(bob.pk)


def test_signing_out_the_session_at_hand_leads_to_the_door(bob: User) -> None:
    client = signed_in(bob)

    assert client.post(end(bob.sessions.get()))["Location"] == "/s/acme/"
    assert client.get(PAGE).status_code == 302
    assert bob.sessions.get().ended_why == Why.SIGNED_OUT


def test_all_others_are_signed_out_at_once(bob: User) -> None:
    here, *elsewhere = (signed_in(bob) for _ in range(3))

    answer = here.post(OTHERS, follow=True)

    assert "2 other sessions are ended." in answer.text
    assert all(client.get(PAGE).status_code == 302 for client in elsewhere)
    assert len(ended()) == 1


def test_without_others_nothing_is_ended_or_recorded(bob: User) -> None:
    client = signed_in(bob)

    assert "There was no other session." in client.post(OTHERS, follow=True).text
    assert not ended()


def test_a_link_ends_no_session(bob: User) -> None:
    client = signed_in(bob)
    for address in (OTHERS, end(bob.sessions.get())):
        assert client.get(address)["Location"] == PAGE

    assert client.get(PAGE).status_code == 200


def test_nobody_ends_a_colleagues_session_by_its_id(
    as_alice: Client, as_carol: Client, carol: User
) -> None:
    assert as_alice.post(end(carol.sessions.get())).status_code == 404
    assert as_alice.post(f"{PAGE}{uuid.uuid4()}/end/").status_code == 404
    assert as_carol.get(PAGE).status_code == 200
    assert not ended()


def test_the_administrator_sees_a_users_sessions_and_signs_them_out(
    as_alice: Client, alice: User, bob: User
) -> None:
    browsers = [signed_in(bob), signed_in(bob)]
    page = as_alice.get(f"/manage/users/{bob.pk}/").text
    assert page.count("192.0.2.1") >= 2
    assert "Sign out everywhere" in page

    answer = as_alice.post(f"/manage/users/{bob.pk}/sign-out/", follow=True)

    assert "is signed out everywhere." in answer.text
    assert "Not signed in anywhere." in answer.text
    assert all(client.get(PAGE).status_code == 302 for client in browsers)
    (event,) = ended()
    assert event.actor["id"] == str(alice.pk)
    assert event.target["id"] == str(bob.pk)
    assert event.context["why"] == Why.ADMINISTRATOR


def test_a_user_manager_neither_sees_nor_ends_a_users_sessions(
    as_carol: Client, bob: User
) -> None:
    client = signed_in(bob)

    assert "Sessions" not in as_carol.get(f"/manage/users/{bob.pk}/").text
    assert as_carol.post(f"/manage/users/{bob.pk}/sign-out/").status_code == 403
    assert client.get(PAGE).status_code == 200
    assert not ended()


def test_the_neighbour_signs_nobody_out(
    as_mallory: Client, acme: Organization, bob: User
) -> None:
    client = signed_in(bob)

    for address in (f"/manage/users/{bob.pk}/sign-out/", end(bob.sessions.get())):
        assert as_mallory.post(address).status_code == 404
    assert client.get(PAGE).status_code == 200
    assert not ended()


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/18.6 Safari/605.1.15"
            ),
            "Safari, macOS",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                "Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"
            ),
            "Microsoft Edge, Windows",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1"
            ),
            "Chrome, iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/141.0.0.0 Mobile Safari/537.36"
            ),
            "Chrome, Android",
        ),
        ("curl/8.14.1", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_named_as_its_owner_would(user_agent: str, words: str) -> None:
    assert device(user_agent) == words


def test_a_browsers_name_for_itself_is_not_trusted(bob: User) -> None:
    client = signed_in(bob)
    UserSession.objects.update(user_agent='"><script>alert(1)</script> Firefox/1')

    assert "<script>alert" not in client.get(PAGE).text
