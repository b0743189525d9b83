from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY, authenticate
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import INSTALLATION
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.sessions.store import name_of_row
from chatwork_admin.portal.signing_in.by_password import AdministratorBackend
from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.sign_in import SINCE, SignInForm
from tests.support.conftest import STAFF_PASSWORD

SIGN_IN = "/support/login/"
PAGES = (
    "/support/",
    "/support/organizations/organization/",
    "/support/organizations/user/",
    "/support/audit/auditevent/",
    "/support/password_change/",
    "/support/jsi18n/",
    "/support/autocomplete/",
    "/support/no/such/page/",
)


def enter(client: Client, email: str, password: str) -> Any:
    return client.post(
        SIGN_IN, {"username": email, "password": password, "next": "/support/"}
    )


def at(path: str) -> Any:
    return RequestFactory().post(path)


def test_staff_sign_in_and_arrive_at_the_index(
    client: Client, olga: StaffMember
) -> None:
    answer = enter(client, "Olga@Support.test", STAFF_PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/support/")
    assert client.session[SESSION_KEY] == str(olga.pk)
    assert "Olga" in client.get("/support/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_the_staff_sign_in_page(
    client: Client, page: str
) -> None:
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{SIGN_IN}?next=")


@pytest.mark.parametrize("page", PAGES)
def test_an_administrator_of_an_organization_is_sent_to_the_staff_sign_in_page(
    as_alice: Client, page: str
) -> None:
    answer = as_alice.get(page, follow=True)
    assert answer.redirect_chain[0][0].startswith(SIGN_IN)
    assert answer.status_code == 200
    assert 'id="login-form"' in answer.content.decode()
    assert "acme" not in answer.content.decode().replace("alice@acme.test", "")


def test_an_administrator_who_posts_is_sent_away_too(
    as_alice: Client, enabled_acme: Organization
) -> None:
    before = AuditEvent.objects.count()
    answer = as_alice.post(
        "/support/organizations/organization/",
        {"action": "pause", "_selected_action": str(enabled_acme.pk), "answer": "yes"},
    )
    assert answer.status_code == 302
    assert AuditEvent.objects.count() == before


def test_portal_credentials_do_not_open_the_support_site(
    client: Client, alice: User, password: str
) -> None:
    answer = enter(client, alice.user_name, password)
    assert answer.status_code == 200
    assert (
        "The e-mail address, the password, the code or the key is wrong."
        in answer.content.decode()
    )
    assert SESSION_KEY not in client.session


def test_the_portal_backend_is_not_even_asked_at_the_support_site(
    alice: User, password: str
) -> None:
    found = authenticate(at(SIGN_IN), username=alice.user_name, password=password)
    assert found is None
    alone = AdministratorBackend().authenticate(
        at(SIGN_IN), username=alice.user_name, password=password
    )
    assert alone == alice  # so it is the order of the backends that keeps her out


def test_the_form_refuses_who_is_no_staff_whatever_the_backends_say(
    alice: User,
) -> None:
    form = SignInForm()
    with pytest.raises(Exception, match="is wrong"):
        form.confirm_login_allowed(alice)


def test_staff_credentials_do_not_open_the_portal(olga: StaffMember) -> None:
    found = authenticate(at("/sign-in/"), username=olga.email, password=STAFF_PASSWORD)
    assert found is None
    assert authenticate(at("/"), username=olga.email, password=STAFF_PASSWORD) is None


def test_whoever_has_left_cannot_sign_in(client: Client, olga: StaffMember) -> None:
    StaffMember.objects.update(is_active=False)
    assert enter(client, olga.email, STAFF_PASSWORD).status_code == 200
    assert SESSION_KEY not in client.session


def test_whoever_leaves_is_out_at_once(as_olga: Client, olga: StaffMember) -> None:
    assert as_olga.get("/support/").status_code == 200
    StaffMember.objects.update(is_active=False)
    assert as_olga.get("/support/")["Location"].startswith(SIGN_IN)


def test_an_unknown_address_and_a_wrong_password_read_the_same(
    client: Client, olga: StaffMember
) -> None:
    wrong = enter(client, olga.email, "wrong").content.decode()
    unknown = enter(client, "nobody@support.test", "wrong").content.decode()
    assert "The e-mail address, the password, the code or the key is wrong." in wrong
    assert "The e-mail address, the password, the code or the key is wrong." in unknown


def test_after_ten_failures_even_the_right_password_waits(
    client: Client, olga: StaffMember
) -> None:
    statuses = [enter(client, olga.email, "wrong").status_code for _ in range(10)]
    assert statuses == [200] * 9 + [429]
    assert enter(client, olga.email, STAFF_PASSWORD).status_code == 429
    assert SESSION_KEY not in client.session


def test_a_lock_is_for_one_person_only(
    client: Client, olga: StaffMember, victor: StaffMember
) -> None:
    for _ in range(10):
        enter(client, olga.email, "wrong")
    assert enter(client, victor.email, STAFF_PASSWORD).status_code == 302


def test_portal_passwords_tried_here_count_as_failures(
    client: Client, alice: User, password: str
) -> None:
    for _ in range(9):
        enter(client, alice.user_name, password)
    assert enter(client, alice.user_name, password).status_code == 429


def test_staff_signing_in_end_an_administrators_session(
    as_alice: Client, olga: StaffMember
) -> None:
    before = str(as_alice.session.session_key)
    enter(as_alice, olga.email, STAFF_PASSWORD)
    assert not Session.objects.filter(session_key=name_of_row(before)).exists()
    assert as_alice.session[SESSION_KEY] == str(olga.pk)


def test_staff_sign_out(as_olga: Client) -> None:
    assert as_olga.post("/support/logout/").status_code == 200
    assert as_olga.get("/support/").status_code == 302


@pytest.mark.django_db
def test_the_language_may_be_chosen_before_signing_in(client: Client) -> None:
    client.post("/support/language/", {"language": "ja", "next": SIGN_IN})
    page = client.get(SIGN_IN).content.decode()
    assert '<html lang="ja"' in page
    assert "メールアドレス" in page


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "/manage/", "javascript:x"])
def test_staff_who_sign_in_stay_at_support(
    client: Client, olga: StaffMember, elsewhere: str
) -> None:
    answer = client.get("/support/login/", {"next": elsewhere})
    assert 'value="/support/"' in answer.content.decode()


def test_sign_ins_of_the_staff_are_recorded_and_failed_ones_until_the_lock(
    client: Client, olga: StaffMember
) -> None:
    enter(client, "nobody@support.test", "wrong")
    enter(client, olga.email, STAFF_PASSWORD)
    for _ in range(12):
        enter(Client(), olga.email, "wrong")

    done, *failed = AuditEvent.objects.order_by("pk")
    assert (done.action, done.actor["label"]) == (Action.SIGN_IN_SUCCEEDED, "Olga")
    assert done.context == {"address": "127.0.0.1", "began": "password"}
    assert [each.action for each in failed] == [Action.SIGN_IN_FAILED] * 10
    assert {each.target["label"] for each in failed} == {olga.email}
    assert {each.organization_id for each in (done, *failed)} == {INSTALLATION}


def test_a_session_ends_when_nothing_was_done_for_half_an_hour(
    as_olga: Client, settings: Any
) -> None:
    settings.ADMINISTRATOR_IDLE_MINUTES = 30
    as_olga.get("/support/")
    left = Session.objects.get().expire_date - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)

    Session.objects.update(expire_date=timezone.now())

    assert as_olga.get("/support/")["Location"].startswith(SIGN_IN)


@pytest.mark.parametrize("page", ["/support/", "/support/second-factor/"])
def test_a_session_ends_after_twelve_hours_whatever_is_done(
    as_olga: Client, page: str
) -> None:
    as_olga.get(page)
    session = as_olga.session
    session[SINCE] -= timedelta(hours=11, minutes=50).total_seconds()
    session.save()
    assert as_olga.get(page).status_code == 200
    left = Session.objects.get().expire_date - timezone.now()
    assert left <= timedelta(minutes=10)
    session = as_olga.session
    session[SINCE] -= timedelta(minutes=10).total_seconds()
    session.save()

    assert as_olga.get(page, follow=True).redirect_chain[-1][0].startswith(SIGN_IN)


def test_a_stranger_at_the_same_address_keeps_no_known_browser_out(
    client: Client, olga: StaffMember
) -> None:
    said = {"username": olga.email, "password": STAFF_PASSWORD, "next": "/support/"}
    assert client.post(SIGN_IN, said).status_code == 302
    client.post("/support/logout/")
    stranger = Client()
    guesses = [
        stranger.post(SIGN_IN, said | {"password": "a guess"}).status_code
        for _ in range(11)
    ]

    assert guesses == [200] * 9 + [429] * 2
    assert client.post(SIGN_IN, said).status_code == 302
    assert stranger.post(SIGN_IN, said).status_code == 429
    failures = AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED).order_by("id")
    codes = [event.context.get("code") for event in failures]
    assert codes == [None] * 9 + ["too-many-attempts"]


def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(
    client: Client, olga: StaffMember
) -> None:
    client.session.save()  # of a stranger
    planted = client.cookies["__Host-session"].value
    victim = Client()
    victim.cookies["__Host-session"] = planted

    assert enter(victim, olga.email, STAFF_PASSWORD).status_code == 302

    assert victim.cookies["__Host-session"].value != planted
    assert not Session.objects.filter(session_key=name_of_row(planted)).exists()
    assert client.get("/support/").status_code == 302
