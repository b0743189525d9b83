"""Whoever guesses at many accounts from one address is soon refused, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User
from chatwork_admin.support.models import StaffMember
from saml_sso.identity_providers import break_glass
from saml_sso.models import Visit
from saml_sso.sign_in.rate import PASSWORD
from tests.conftest import actor_for
from tests.support.conftest import STAFF_PASSWORD, olga

__all__ = ["olga"]
URL, AROUND, STAFF = "/sign-in/", "/s/acme/?sso_skip=1", "/support/login/"
DOORS = {"none": URL, "own": "/s/acme/", "around": AROUND, "staff": STAFF}
OFFICE, HOME = "127.0.0.1", "198.51.100.7"


def come(client: Client, name: str, password: str = "a guess", url: str = URL) -> int:
    return client.post(url, {"username": name, "password": password}).status_code


def exhaust(place: str = OFFICE) -> None:
    """As after sixty guesses from there within a moment."""
    until = timezone.now() + PASSWORD.pace * PASSWORD.burst
    Visit.objects.create(address=f"p:{place}", at=until)


def pass_by(minutes: float) -> None:
    visit = Visit.objects.get()
    visit.at -= timedelta(minutes=minutes)
    visit.save()


def test_sixty_people_are_guessed_at_and_then_one_a_minute(alice: User) -> None:
    statuses = [come(Client(), f"person{each}@acme.test") for each in range(61)]
    assert statuses == [422] * 60 + [429]

    pass_by(minutes=1)
    assert come(Client(), "another@acme.test") == 422
    assert come(Client(), "another@acme.test") == 429


@pytest.mark.parametrize("door", DOORS)
def test_every_door_says_how_long_to_wait(
    alice: User, olga: StaffMember, door: str
) -> None:
    exhaust()

    for language, words in (("en", "Please wait 1 minute"), ("ja", "1 分待って")):
        client = Client(headers={"accept-language": language})
        said = {"username": "alice@acme.test", "password": "a guess", "code": "123456"}
        answer = client.post(DOORS[door], said)

        assert answer.status_code == 429
        assert answer["Retry-After"] == "60"
        assert words in answer.text
        are_taken = {"en": "An emergency code", "ja": "緊急用コード"}[language]
        assert (are_taken in answer.text) == (door == "around")
    assert not AccessAttempt.objects.exists()
    assert not AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED).exists()


@pytest.mark.parametrize("door", ["none", "staff"])
def test_the_right_password_is_not_told_from_a_wrong_one_meanwhile(
    alice: User, olga: StaffMember, password: str, door: str
) -> None:
    exhaust()
    name, right = {
        "none": (alice.user_name, password),
        "staff": (olga.email, STAFF_PASSWORD),
    }[door]

    assert come(Client(), name, right, DOORS[door]) == 429
    pass_by(minutes=1)
    assert come(Client(), name, right, DOORS[door]) == 302


@pytest.mark.parametrize("door", ["none", "own", "staff"])
def test_nobody_is_kept_out_elsewhere_nor_of_a_browser_that_is_known(
    alice: User, olga: StaffMember, password: str, door: str
) -> None:
    name, right = alice.user_name, password
    if door == "staff":
        name, right = olga.email, STAFF_PASSWORD
    known = Client()
    assert come(known, name, right, DOORS[door]) == 302
    known.post("/sign-out/")
    Visit.objects.all().delete()
    exhaust()

    assert come(known, name, right, DOORS[door]) == 302
    assert come(Client(REMOTE_ADDR=HOME), name, right, DOORS[door]) == 302


def test_a_known_browser_is_no_way_to_guess_at_others(
    alice: User, carol: User, password: str
) -> None:
    known = Client()
    assert come(known, alice.user_name, password) == 302
    known.post("/sign-out/")
    Visit.objects.all().delete()
    exhaust()

    assert come(known, carol.user_name) == 429


def test_whoever_holds_an_emergency_code_is_not_kept_out(
    alice: User, password: str
) -> None:
    codes = break_glass.issue(alice.organization, seen=None, actor=actor_for(alice))
    exhaust()

    said = {"username": alice.user_name, "password": password, "code": codes[0]}
    assert Client().post(AROUND, said).status_code == 302


def test_a_subscriber_of_ipv6_is_one_visitor(alice: User) -> None:
    exhaust("2001:db8:1:2::")

    here, next_door = "2001:db8:1:2:3:4:5:6", "2001:db8:1:3::6"
    assert come(Client(REMOTE_ADDR=here), alice.user_name) == 429
    assert come(Client(REMOTE_ADDR=next_door), alice.user_name) == 422


def test_asking_for_the_login_url_is_limited_for_itself(alice: User) -> None:
    exhaust()

    answer = Client().post("/sign-in/organization/", {"organization": "a@acme.test"})

    assert answer.status_code == 302
