"""Setting up an app, and what it is asked for afterwards."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import (
    Organization,
    SecondFactor,
    User,
    UserSession,
)
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.proofs import second_factor
from chatwork_admin.portal.signing_in import app_set_up
from chatwork_admin.synchronization import gate
from tests.conftest import signed_in
from tests.organizations.proofs.test_second_factor import code_of, use, with_app
from tests.portal.signing_in.test_step_up import kept

PAGE = "/account/second-factor/"
PAUSE = "/manage/sync/stop/pause/"
ASKED_AGAIN = "step-up-form"


def sign_in(client: Client, password: str, **more: str) -> int:
    sent = {"username": "alice@acme.test", "password": password, **more}
    return client.post("/sign-in/", sent).status_code


def key_on(page: str) -> str:
    found = re.search(r'<code id="app-key">([A-Z2-7]+)</code>', page)
    assert found is not None
    return found[1]


def set_up(client: Client, password: str) -> str:
    page = client.post(f"{PAGE}begin/", follow=True).text
    key = key_on(page)
    sent = {"code": code_of(key), "password": password}
    assert "Your recovery codes" in client.post(f"{PAGE}confirm/", sent).text
    SecondFactor.objects.update(last_step=0)  # as after a minute
    return key


def grow_stale(user: User) -> None:
    before = timezone.now() - timedelta(minutes=11)
    UserSession.objects.filter(user=user).update(authenticated_at=before)


def test_an_app_is_set_up_with_password_and_code(
    as_alice: Client, alice: User, password: str
) -> None:
    page = as_alice.post(f"{PAGE}begin/", follow=True).text
    assert 'src="data:image/svg+xml' in page

    set_up(as_alice, password)

    assert second_factor.is_set_up(alice)
    assert key_on(page) not in as_alice.get(PAGE).text


@pytest.mark.parametrize("wrong", ["password", "code"])
def test_neither_the_code_nor_the_password_alone_sets_it_up(
    as_alice: Client, alice: User, password: str, wrong: str
) -> None:
    key = key_on(as_alice.post(f"{PAGE}begin/", follow=True).text)
    sent = {"code": code_of(key), "password": password} | {wrong: "123"}

    answer = as_alice.post(f"{PAGE}confirm/", sent)

    assert answer.status_code == 422
    assert not second_factor.is_set_up(alice)


def test_whoever_has_an_app_signs_in_with_its_code(
    client: Client, alice: User, password: str
) -> None:
    key = with_app(alice)

    assert sign_in(client, password) == 422
    assert sign_in(client, password, code="000000") == 422
    assert sign_in(client, password, code=code_of(key)) == 302
    session = alice.sessions.latest("started_at")
    assert session.began == Began.SECOND_FACTOR


def test_a_code_that_was_seen_over_a_shoulder_is_used_up(
    client: Client, alice: User, password: str
) -> None:
    code = code_of(with_app(alice))

    assert sign_in(client, password, code=code) == 302
    assert sign_in(Client(), password, code=code) == 422


def test_a_wrong_password_uses_no_code_up(
    client: Client, alice: User, password: str
) -> None:
    code = code_of(with_app(alice))
    sign_in(client, "not the password", code=code)

    assert sign_in(client, password, code=code) == 302


def test_the_door_says_the_same_whatever_was_wrong(
    alice: User, carol: User, password: str
) -> None:
    with_app(alice)
    answers = {
        re.sub(r'value="[^"]*"', "", Client().post("/sign-in/", sent).text)
        for sent in (
            {"username": "alice@acme.test", "password": password},
            {"username": "alice@acme.test", "password": "wrong"},
            {"username": "carol@acme.test", "password": "wrong"},
        )
    }

    assert len(answers) == 1


def test_codes_cannot_be_guessed_without_end(
    client: Client, alice: User, password: str
) -> None:
    key = with_app(alice)
    guesses = [sign_in(client, password, code=f"{each:06}") for each in range(10)]

    assert guesses == [422] * 9 + [429]
    assert sign_in(client, password, code=code_of(key)) == 429


def test_no_code_is_written_down_with_a_failed_attempt(
    client: Client, alice: User, password: str
) -> None:
    sign_in(client, "wrong", code="428815")

    stored = AccessAttempt.objects.get()
    assert "428815" not in f"{stored.post_data} {stored.get_data}"


def test_what_lets_people_in_wants_the_code_too(
    as_alice: Client, alice: User, enabled_acme: Organization, password: str
) -> None:
    key = set_up(as_alice, password)
    grow_stale(alice)
    asked = as_alice.post(PAUSE, {"reason": "audit"})
    assert 'name="step-up-code"' in asked.text
    proof = kept(asked.text) | {"step-up-password": password}

    assert as_alice.post(PAUSE, proof).status_code == 422
    proof["step-up-code"] = code_of(key)
    assert as_alice.post(PAUSE, proof).status_code == 302
    assert gate.synchronization_of(enabled_acme).state == "paused"


class TestWhereASecondFactorIsRequired:
    """As in production."""

    @pytest.fixture(autouse=True)
    def required(self, settings: Any) -> None:
        settings.REQUIRE_SECOND_FACTOR = True

    def test_a_password_alone_opens_the_portal_but_changes_nothing_that_matters(
        self, client: Client, enabled_acme: Organization, password: str
    ) -> None:
        assert sign_in(client, password) == 302
        assert client.get("/manage/").status_code == 200

        asked = client.post(PAUSE, {"reason": "audit"})
        forced = client.post(PAUSE, {"reason": "x", "step-up-password": password})

        assert asked.status_code == 403
        assert "Set up a second factor first" in asked.text
        assert 'name="step-up-password"' not in asked.text
        assert forced.status_code == 422
        assert gate.synchronization_of(enabled_acme).state == "on"

    def test_setting_up_the_app_leads_back_to_what_was_asked(
        self, client: Client, enabled_acme: Organization, password: str
    ) -> None:
        sign_in(client, password)
        asked = client.post(PAUSE, {"reason": "audit"}).text
        assert f'name="step-up-path" value="{PAUSE}"' in asked
        sent = kept(asked) | {"step-up-path": PAUSE}
        leaving = client.post("/account/step-up/leave/", sent, follow=True)
        assert leaving.redirect_chain == [(PAGE, 302)]

        key = key_on(client.post(f"{PAGE}begin/", follow=True).text)
        done = client.post(
            f"{PAGE}confirm/", {"code": code_of(key), "password": password}
        )

        assert 'id="codes-kept" href="/account/step-up/"' in done.text
        waiting = client.get("/account/step-up/").text
        assert f'action="{PAUSE}"' in waiting
        assert 'name="reason" value="audit"' in waiting
        assert gate.synchronization_of(enabled_acme).state == "on"
        assert client.post(PAUSE, {"reason": "audit"}).status_code == 302
        assert gate.synchronization_of(enabled_acme).state == "paused"
        assert client.get("/account/step-up/")["Location"] == "/manage/"

    def test_the_overview_leads_to_the_app_until_it_is_set_up(
        self, as_alice: Client, alice: User, password: str
    ) -> None:
        words = "Your password alone is not enough"
        assert words in as_alice.get("/manage/").text

        set_up(as_alice, password)
        assert words not in as_alice.get("/manage/").text
        second_factor.remove(alice, actor=SYSTEM)
        alice.set_unusable_password()
        alice.save()
        assert words not in signed_in(alice).get("/manage/").text

    def test_a_sign_in_with_a_code_is_proof_enough(
        self, client: Client, alice: User, enabled_acme: Organization, password: str
    ) -> None:
        sign_in(client, password, code=code_of(with_app(alice)))

        assert client.post(PAUSE, {"reason": "audit"}).status_code == 302


@pytest.mark.parametrize(
    "path", ["/manage/users/", "https://evil.test/", "//evil.test/x", "\0", ""]
)
def test_only_forms_that_ask_for_a_proof_wait_for_it(
    as_alice: Client, path: str
) -> None:
    answer = as_alice.post("/account/step-up/leave/", {"step-up-path": path})

    assert answer["Location"] == "/manage/"
    assert as_alice.get("/account/step-up/")["Location"] == "/manage/"


def test_a_form_that_is_too_long_does_not_wait(as_alice: Client) -> None:
    sent = {"step-up-path": PAUSE, "reason": "x" * 300_000}

    assert as_alice.post("/account/step-up/leave/", sent)["Location"] == "/manage/"


def test_replacing_and_removing_ask_again(
    as_alice: Client, alice: User, password: str
) -> None:
    set_up(as_alice, password)
    grow_stale(alice)

    for step in ("replace/", "replace/confirm/", "remove/"):
        assert ASKED_AGAIN in as_alice.post(f"{PAGE}{step}").text
    assert second_factor.is_set_up(alice)
    assert second_factor.pending_of(alice) is None


def test_an_app_is_replaced_by_another(
    as_alice: Client, alice: User, password: str
) -> None:
    old = set_up(as_alice, password)
    new = key_on(as_alice.post(f"{PAGE}replace/", follow=True).text)
    answer = as_alice.post(
        f"{PAGE}replace/confirm/", {"code": code_of(new)}, follow=True
    )

    assert "One-time codes are set up." in answer.text
    assert old != new
    use(alice, code_of(new, steps=1))


def test_what_begins_and_confirms_a_first_app_leaves_a_second_alone(
    as_alice: Client, alice: User, password: str
) -> None:
    set_up(as_alice, password)
    grow_stale(alice)
    as_alice.post(f"{PAGE}begin/")
    as_alice.post(f"{PAGE}confirm/", {"code": "000000", "password": password})

    assert second_factor.pending_of(alice) is None


def test_an_app_is_removed_by_its_owner(
    as_alice: Client, alice: User, password: str
) -> None:
    set_up(as_alice, password)
    assert f'href="{PAGE}remove/"' in as_alice.get(PAGE).text
    assert 'id="remove-app-form"' in as_alice.get(f"{PAGE}remove/").text
    assert second_factor.is_set_up(alice)

    assert "open nothing any more" in as_alice.post(f"{PAGE}remove/", follow=True).text
    assert not second_factor.is_set_up(alice)


def test_the_administrator_removes_the_lost_app_of_a_user_manager(
    as_alice: Client, alice: User, carol: User
) -> None:
    with_app(carol)
    assert "Remove the second factor" in as_alice.get(f"/manage/users/{carol.pk}/").text
    path = f"/manage/users/{carol.pk}/second-factor/remove/"

    question = as_alice.get(path).text
    assert 'id="remove-app-form"' in question
    assert "carol@acme.test" in question
    assert second_factor.is_set_up(carol)
    as_alice.post(path)

    assert not second_factor.is_set_up(carol)
    event = AuditEvent.objects.get(action=Action.SECOND_FACTOR_REMOVED)
    assert event.actor["id"] == str(alice.pk)
    assert event.target["id"] == str(carol.pk)


def test_where_no_app_is_nothing_is_removed(as_alice: Client, carol: User) -> None:
    of_carol = f"/manage/users/{carol.pk}/"
    assert as_alice.get(f"{PAGE}remove/")["Location"] == PAGE
    assert as_alice.get(f"{of_carol}second-factor/remove/")["Location"] == of_carol


def test_a_user_manager_removes_nobody_elses_app(as_carol: Client, alice: User) -> None:
    with_app(alice)
    path = f"/manage/users/{alice.pk}/second-factor/remove/"

    assert as_carol.post(path).status_code == 403
    assert second_factor.is_set_up(alice)


def test_who_has_no_password_has_nothing_to_set_up(carol: User) -> None:
    carol.set_unusable_password()
    carol.save()

    page = signed_in(carol).get(PAGE).text

    assert "there is nothing to set up" in page
    assert "begin-form" not in page


def test_the_key_of_an_app_is_shown_only_where_it_was_asked_for(
    as_alice: Client, alice: User, password: str
) -> None:
    as_alice.post(f"{PAGE}begin/")
    elsewhere = signed_in(alice)

    assert "app-key" not in elsewhere.get(PAGE).text
    theirs = key_on(elsewhere.post(f"{PAGE}begin/", follow=True).text)
    assert "app-key" not in as_alice.get(PAGE).text
    sent = {"code": code_of(theirs), "password": password}
    assert "begin again" in as_alice.post(f"{PAGE}confirm/", sent, follow=True).text
    assert not second_factor.is_set_up(alice)


def test_the_key_of_an_app_is_shown_for_ten_minutes(
    as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = key_on(as_alice.post(f"{PAGE}begin/", follow=True).text)
    monkeypatch.setattr(app_set_up, "SHOWN_SECONDS", -1)
    assert "app-key" not in as_alice.get(PAGE).text
    monkeypatch.undo()

    assert key_on(as_alice.post(f"{PAGE}begin/", follow=True).text) != first
