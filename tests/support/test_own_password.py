"""Staff change their own password as everybody does: counted, recorded, told by mail."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import INSTALLATION
from chatwork_admin.support.models import StaffMember
from tests.organizations.proofs.test_second_factor import code_of
from tests.support.conftest import STAFF_PASSWORD, sign_in
from tests.support.test_own_factor import mails
from tests.support.test_second_factor import with_app

PAGE = "/support/password_change/"
NEW = "seven quiet herons waiting"


def change(client: Client, password: str, new: str = NEW, **more: str) -> Any:
    said = {"password": password, "new_password": new, "repeated": new}
    return client.post(PAGE, said | more)


def test_the_new_password_counts_and_its_owner_is_told(
    as_olga: Client, olga: StaffMember
) -> None:
    elsewhere = sign_in(Client(), olga)

    answer = change(as_olga, STAFF_PASSWORD)

    assert as_olga.get(answer["Location"]).status_code == 200  # this session goes on
    elsewhere.get("/support/")
    assert SESSION_KEY not in elsewhere.session
    assert StaffMember.objects.get().check_password(NEW)
    event = AuditEvent.objects.get(action=Action.PASSWORD_CHANGED)
    assert event.organization_id == INSTALLATION
    assert event.actor["id"] == event.target["id"] == str(olga.pk)
    assert NEW not in str(vars(event))
    (mail,) = mails()
    assert olga.email in mail
    assert "Your password was changed" in mail


def test_ten_guesses_of_the_present_password_are_all(
    as_olga: Client, olga: StaffMember
) -> None:
    statuses = [change(as_olga, "a guess").status_code for _ in range(10)]

    assert statuses == [422] * 9 + [429]
    assert change(as_olga, STAFF_PASSWORD).status_code == 429
    assert StaffMember.objects.get().check_password(STAFF_PASSWORD)
    failed = AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED)
    assert failed.count() == 10
    assert failed.latest("pk").target["id"] == str(olga.pk)
    assert not AuditEvent.objects.filter(action=Action.PASSWORD_CHANGED).exists()


def test_whoever_has_an_app_shows_its_code_as_well(olga: StaffMember) -> None:
    key, _ = with_app(olga)
    olga.refresh_from_db()
    client = sign_in(Client(), olga)

    assert change(client, STAFF_PASSWORD).status_code == 422
    assert change(client, STAFF_PASSWORD, code="000000").status_code == 422
    assert change(client, STAFF_PASSWORD, code=code_of(key)).status_code == 302


@pytest.mark.parametrize(
    ("new", "more", "refusal"),
    [
        ("fourteen chars", {}, "This password is too short."),
        ("passwordpassword", {}, "This password is easy to guess."),
        (NEW, {"repeated": "another"}, "The two new passwords differ."),
    ],
)
def test_what_may_not_be_a_password_is_refused(
    as_olga: Client, new: str, more: dict[str, str], refusal: str
) -> None:
    answer = change(as_olga, STAFF_PASSWORD, new, **more)

    assert answer.status_code == 422
    assert refusal in answer.text
    assert StaffMember.objects.get().check_password(STAFF_PASSWORD)


def test_nothing_is_wrong_before_anything_was_typed(as_olga: Client) -> None:
    page = as_olga.get(PAGE).text

    assert "At least 15 characters" in page
    assert "This password is easy to guess" not in page
