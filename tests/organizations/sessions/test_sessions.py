"""A session of a browser lives as long as its row says, and no longer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings as product
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.models.sessions import Began, Why
from chatwork_admin.organizations.sessions import ending, lookup, starting
from chatwork_admin.organizations.sessions.store import name_of_row
from chatwork_admin.synchronization import provisioning
from chatwork_admin.synchronization.attributes import Document
from tests.conftest import actor_for, enable, signed_in

PAGE = "/manage/"
CODES = "/help/errors/"  # greets a member by name


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def row_of(user: User) -> UserSession:
    return UserSession.objects.get(user=user, ended_at=None)


def alter(user: User, **columns: object) -> None:
    UserSession.objects.filter(user=user).update(**columns)


def test_a_sign_in_says_whose_session_it_is_and_how_it_began(
    client: Client, alice: User, password: str
) -> None:
    browser = "Mozilla/5.0 (X11) " + "x" * 500
    client.post(
        "/sign-in/",
        {"username": "alice@acme.test", "password": password},
        headers={"User-Agent": browser},
    )

    row = row_of(alice)
    assert row.organization_id == alice.organization_id
    assert row.began == Began.PASSWORD
    assert row.address == "127.0.0.1"
    assert row.user_agent == browser[:200]
    assert row.expires_at - row.started_at == timedelta(hours=12)
    assert str(client.session.session_key) not in repr(vars(row))


def test_a_session_without_a_row_is_nobodys(as_alice: Client, alice: User) -> None:
    UserSession.objects.all().delete()

    assert not is_in(as_alice)
    assert "_auth_user_id" not in as_alice.session


def test_a_session_that_an_earlier_release_began_goes_on(as_alice: Client) -> None:
    kept = as_alice.session[BACKEND_SESSION_KEY]

    assert kept == "chatwork_admin.organizations.sessions"
    assert is_in(as_alice)


def test_a_session_that_only_django_knows_is_nobodys(client: Client, bob: User) -> None:
    for backend in (
        starting.BACKEND,
        "chatwork_admin.portal.signing_in.by_password.AdministratorBackend",
        "chatwork_admin.support.sign_in.StaffBackend",
    ):
        client.force_login(bob, backend=backend)
        assert "Bob" not in client.get(CODES).text


def test_a_session_ends_when_its_row_does(as_alice: Client, alice: User) -> None:
    ending.end_session(row_of(alice), why=Why.ADMINISTRATOR, actor=SYSTEM)

    assert not is_in(as_alice)


def test_a_session_that_was_ended_is_gone_from_the_store(
    as_alice: Client, alice: User
) -> None:
    key = as_alice.cookies[product.SESSION_COOKIE_NAME].value
    alter(alice, ended_at=timezone.now())
    as_alice.get(PAGE)

    assert not Session.objects.filter(session_key=name_of_row(key)).exists()


def test_whoever_reads_the_store_is_let_in_nowhere(as_alice: Client) -> None:
    key = as_alice.cookies[product.SESSION_COOKIE_NAME].value
    [stored] = Session.objects.values_list("session_key", flat=True)
    assert key not in stored
    thief = Client()
    thief.cookies[product.SESSION_COOKIE_NAME] = stored
    assert not is_in(thief)
    assert is_in(as_alice)


def test_the_door_says_why_one_has_to_sign_in_again(
    as_alice: Client, alice: User, as_carol: Client, carol: User
) -> None:
    alter(alice, last_seen_at=timezone.now() - timedelta(minutes=31))
    alter(carol, ended_at=timezone.now())

    assert "because you did nothing here" in as_alice.get(PAGE, follow=True).text
    assert "Your session has ended." in as_carol.get(PAGE, follow=True).text
    assert "Your session" not in Client().get(PAGE, follow=True).text


def test_one_statement_asks_for_session_person_and_organization(
    as_alice: Client,
) -> None:
    with CaptureQueriesContext(connection) as captured:
        as_alice.get("/manage/teams/")

    asked = [each["sql"] for each in captured if "usersession" in each["sql"]]
    assert len(asked) == 1
    assert "organizations_organization" in asked[0]
    people = [each for each in captured if 'FROM "organizations_user"' in each["sql"]]
    assert not people


def test_a_new_password_ends_what_the_old_one_began(
    as_alice: Client, alice: User
) -> None:
    alice.set_password("another horse battery staple")
    alice.save()

    assert not is_in(as_alice)


def test_a_key_of_yesterday_still_opens_what_it_signed(
    as_alice: Client, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS = [product.SECRET_KEY]
    settings.SECRET_KEY = "another key " + "k" * 50

    assert is_in(as_alice)


def test_signing_in_again_ends_the_session_before(
    as_alice: Client, alice: User, carol: User, password: str
) -> None:
    before = row_of(alice)
    sent = {"username": "carol@acme.test", "password": password}
    as_alice.cookies.pop("__Host-csrf", None)
    as_alice.post("/s/acme/", sent)

    before.refresh_from_db()
    assert before.ended_why == Why.REPLACED
    assert row_of(carol).organization_id == carol.organization_id


def test_signing_out_is_recorded_and_ends_the_row(
    as_alice: Client, alice: User
) -> None:
    as_alice.post("/sign-out/")

    row = UserSession.objects.get(user=alice)
    assert row.ended_why == Why.SIGNED_OUT
    event = AuditEvent.objects.get(action=Action.SESSION_ENDED)
    assert event.actor["id"] == event.target["id"] == str(alice.pk)


def test_a_session_is_ended_once(alice: User, as_alice: Client) -> None:
    row = row_of(alice)
    for _ in range(2):
        ending.end_session(row, why=Why.ADMINISTRATOR, actor=SYSTEM)

    assert AuditEvent.objects.filter(action=Action.SESSION_ENDED).count() == 1


def test_all_sessions_of_one_person_end_and_nobody_elses(
    carol: User, as_alice: Client
) -> None:
    carols = [signed_in(carol), signed_in(carol)]
    ended = ending.end_sessions_of(carol, why=Why.ADMINISTRATOR, actor=SYSTEM)

    assert ended == 2
    assert not any(is_in(client) for client in carols)
    assert is_in(as_alice)
    event = AuditEvent.objects.get(action=Action.SESSION_ENDED)
    assert event.context["sessions"] == 2


def test_all_others_end_and_this_one_stays(carol: User) -> None:
    here, there = signed_in(carol), signed_in(carol)
    this = lookup.find(here.session.session_key)
    ending.end_sessions_of(carol, why=Why.SIGNED_OUT_ELSEWHERE, actor=SYSTEM, but=this)

    assert is_in(here)
    assert not is_in(there)


def test_ending_the_sessions_of_somebody_without_any_records_nothing(
    bob: User,
) -> None:
    before = AuditEvent.objects.count()

    assert ending.end_sessions_of(bob, why=Why.ADMINISTRATOR, actor=SYSTEM) == 0
    assert AuditEvent.objects.count() == before


def test_whoever_was_signed_out_everywhere_meanwhile_does_not_get_in(
    bob: User,
) -> None:
    as_they_were = User.objects.get(pk=bob.pk)
    ending.end_sessions_of(bob, why=Why.ADMINISTRATOR, actor=SYSTEM)
    before = AuditEvent.objects.count()

    with pytest.raises(starting.CannotSignIn):
        signed_in(as_they_were)
    assert not UserSession.objects.filter(user=bob).exists()
    assert AuditEvent.objects.count() == before


def suspend(scim: Client, user: User) -> int:
    operation = {"op": "replace", "path": "active", "value": False}
    answer = scim.patch(
        f"/scim/v2/Users/{user.pk}",
        json.dumps({"Operations": [operation]}),
        content_type="application/scim+json",
    )
    return answer.status_code


def delete(scim: Client, user: User) -> int:
    return scim.delete(f"/scim/v2/Users/{user.pk}").status_code


@pytest.mark.parametrize(
    ("cut_off", "why"), [(suspend, Why.SUSPENDED), (delete, Why.DELETED)]
)
def test_the_next_request_after_the_provisioning_clients_answer_is_refused(
    scim: Client, carol: User, cut_off: Callable[[Client, User], int], why: Why
) -> None:
    clients = [signed_in(carol) for _ in range(3)]
    assert all(is_in(client) for client in clients)

    assert cut_off(scim, carol) in {200, 204}

    assert not any(is_in(client) for client in clients)
    assert set(UserSession.objects.filter(user=carol).values_list("ended_why")) == {
        (why,)
    }


def with_active(document: Document, *, is_active: bool) -> Document:
    return {**document, "active": is_active}


def test_who_is_active_again_has_to_sign_in_again(
    acme: Organization, carol: User
) -> None:
    client = signed_in(carol)
    for is_active in (False, True):
        change = partial(with_active, is_active=is_active)
        provisioning.change_user(acme, carol.pk, change, actor=SYSTEM)

    assert not is_in(client)


def test_sessions_do_without_redis(as_alice: Client, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    assert is_in(as_alice)


def test_a_neighbours_sessions_do_not_end_with_ours(
    as_mallory: Client, globex: Organization, alice: User
) -> None:
    enable(globex)
    ending.end_sessions_of(alice, why=Why.ADMINISTRATOR, actor=actor_for(alice))

    assert is_in(as_mallory)
