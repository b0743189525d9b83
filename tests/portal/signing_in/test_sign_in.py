from __future__ import annotations

import pytest
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.support.models import StaffMember

URL = "/sign-in/"


def sign_in(client: Client, username: str, password: str, url: str = URL, **more: str):  # type: ignore[no-untyped-def]
    return client.post(url, {"username": username, "password": password, **more})


def events(*actions: Action) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action__in=actions))


def test_the_administrator_signs_in_and_it_is_recorded(
    client: Client, alice: User, password: str
) -> None:
    response = sign_in(client, "Alice@ACME.test", password)

    assert response.status_code == 302
    assert response["Location"] == "/manage/"
    (event,) = events(Action.SIGN_IN_SUCCEEDED)
    assert event.organization_id == alice.organization_id
    assert event.actor["id"] == str(alice.pk)
    assert event.context["address"] == "127.0.0.1"
    assert event.reference == response["X-Request-Id"]


def test_a_user_manager_signs_in(client: Client, carol: User, password: str) -> None:
    assert sign_in(client, "carol@acme.test", password).status_code == 302


def test_signing_in_changes_the_session_key(
    client: Client, alice: User, password: str
) -> None:
    session = client.session
    session["planted"] = "by somebody"
    session.save()
    planted = str(session.session_key)
    client.cookies["__Host-session"] = planted

    sign_in(client, "alice@acme.test", password)

    assert client.session.session_key != planted


def test_a_wrong_password_is_refused_and_recorded_on_the_person(
    client: Client, alice: User
) -> None:
    response = sign_in(client, "alice@acme.test", "not the password")

    assert response.status_code == 422
    assert 'role="alert"' in response.text
    (event,) = events(Action.SIGN_IN_FAILED)
    assert event.target["id"] == str(alice.pk)
    assert event.actor["kind"] == "system"
    assert not events(Action.SIGN_IN_SUCCEEDED)


def test_an_unknown_person_is_refused_in_the_same_words_and_not_recorded(
    client: Client, alice: User
) -> None:
    known = sign_in(client, "alice@acme.test", "not the password").text
    before = AuditEvent.objects.count()
    unknown = sign_in(Client(), "nobody@acme.test", "not the password").text

    words = "The e-mail, the password, the code or the key is wrong."
    assert words in known
    assert words in unknown
    assert AuditEvent.objects.count() == before


def test_a_member_does_not_get_in_even_with_a_password(
    client: Client, bob: User, password: str
) -> None:
    bob.set_password(password)
    bob.save()

    assert sign_in(client, "bob@acme.test", password).status_code == 422


def test_a_suspended_user_manager_does_not_get_in(
    client: Client, carol: User, password: str
) -> None:
    User.objects.filter(pk=carol.pk).update(is_active=False)

    assert sign_in(client, "carol@acme.test", password).status_code == 422


def test_whoever_is_suspended_while_signed_in_is_out_at_once(
    as_carol: Client, carol: User
) -> None:
    User.objects.filter(pk=carol.pk).update(is_active=False)

    assert as_carol.get("/manage/")["Location"].startswith("/s/acme/")


def test_empty_fields_are_refused(client: Client, db: None) -> None:
    response = sign_in(client, "", "")

    assert response.status_code == 422
    assert 'role="alert"' in response.text


def test_after_ten_wrong_attempts_the_right_password_has_to_wait(
    client: Client, alice: User, password: str
) -> None:
    for _ in range(9):
        assert sign_in(client, "alice@acme.test", "wrong").status_code == 422
    last = sign_in(client, "alice@acme.test", "wrong")
    locked = sign_in(client, "alice@acme.test", password)

    assert last.status_code == 429
    assert locked.status_code == 429
    assert 880 < int(locked["Retry-After"]) <= 900
    assert not events(Action.SIGN_IN_SUCCEEDED)


def test_another_spelling_is_not_another_ten_attempts(
    client: Client, alice: User
) -> None:
    spellings = ["alice@acme.test", "ALICE@acme.test", "Alice@Acme.Test"]
    answers = [
        sign_in(client, spellings[attempt % 3], "wrong").status_code
        for attempt in range(10)
    ]

    assert answers == [422] * 9 + [429]


def test_who_is_locked_out_locks_out_nobody_else(
    client: Client, alice: User, carol: User, password: str
) -> None:
    for _ in range(10):
        sign_in(client, "alice@acme.test", "wrong")

    assert sign_in(client, "carol@acme.test", password).status_code == 302


@pytest.mark.parametrize(
    "wanted", ["https://evil.test/", "//evil.test/", "javascript:alert(1)"]
)
def test_next_leads_nowhere_else(
    client: Client, alice: User, password: str, wanted: str
) -> None:
    response = sign_in(client, "alice@acme.test", password, next=wanted)

    assert response["Location"] == "/manage/"


def test_next_leads_to_the_page_that_was_asked_for(
    client: Client, alice: User, password: str
) -> None:
    asked = client.get("/manage/sync/")
    form = client.get(asked["Location"])
    assert 'name="next" value="/manage/sync/"' in form.text

    response = sign_in(client, "alice@acme.test", password, next="/manage/sync/")

    assert response["Location"] == "/manage/sync/"


def test_who_is_signed_in_is_not_asked_again(as_alice: Client) -> None:
    assert as_alice.get(URL)["Location"] == "/manage/"


def test_signing_out_ends_the_session(as_alice: Client) -> None:
    assert as_alice.post("/sign-out/")["Location"] == "/s/acme/"
    assert as_alice.get("/manage/").status_code == 302


def test_signing_out_is_not_a_link(as_alice: Client) -> None:
    assert as_alice.get("/sign-out/")["Location"] == "/"
    assert as_alice.get("/manage/").status_code == 200


def test_the_dedicated_page_lets_its_own_administrator_in(
    client: Client, alice: User, password: str
) -> None:
    page = client.get("/s/acme/")
    assert "Acme 株式会社" in page.text
    assert "single sign-on with Microsoft Entra ID" not in page.text

    response = sign_in(client, "alice@acme.test", password, "/s/acme/")

    assert response["Location"] == "/manage/"


def test_the_page_says_what_the_limit_of_attempts_counts(client: Client) -> None:
    words = "After ten wrong attempts for one account from one place"
    assert words in client.get(URL).text


def test_the_dedicated_page_keeps_the_neighbour_out(
    client: Client, acme: Organization, mallory: User, password: str
) -> None:
    response = sign_in(client, "mallory@globex.test", password, "/s/acme/")

    assert response.status_code == 422
    assert "_auth_user_id" not in client.session
    assert not events(Action.SIGN_IN_SUCCEEDED)
    (event,) = events(Action.SIGN_IN_FAILED)
    assert event.organization_id == mallory.organization_id


def test_an_unknown_dedicated_page_names_nobody(client: Client, alice: User) -> None:
    response = client.get("/s/other/")

    assert response.status_code == 404
    assert "Acme" not in response.text
    typed = ("/s/other/", 'value="other"')
    said = response.text.replace(typed[0], "").replace(typed[1], "")
    assert "other" not in said


def test_support_staff_have_no_portal(client: Client, acme: Organization) -> None:
    staff = StaffMember.objects.create(email="s@support.test", name="Sue")
    client.force_login(
        staff,  # type: ignore[arg-type]  # staff are no users of the portal
        backend="chatwork_admin.support.sign_in.StaffBackend",
    )

    assert client.get("/manage/")["Location"] == "/sign-in/?next=/manage/"
    assert client.get(URL).status_code == 200


def test_a_refresh_without_a_session_reloads_the_page(client: Client, db: None) -> None:
    response = client.get("/manage/sync/status/", headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"


def test_nobody_is_locked_out_by_what_others_attempt(
    as_alice: Client, alice: User, password: str
) -> None:
    for spelling in ("alice@acme.test", "ALICE@acme.test"):
        for number in range(12):
            attacker = Client(REMOTE_ADDR=f"198.51.100.{number % 2}")
            status = sign_in(attacker, spelling, "a guess").status_code
    assert status == 429

    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(elsewhere, alice.user_name, password).status_code == 302
    assert as_alice.get("/manage/").status_code == 200
