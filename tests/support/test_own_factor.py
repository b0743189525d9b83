"""Staff replace their app, renew recovery codes and keep security keys by themselves."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit import delivery
from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent, AuditSink
from chatwork_admin.audit.recording import INSTALLATION, SYSTEM
from chatwork_admin.organizations.proofs import (
    recovery_codes,
    second_factor,
    security_keys,
)
from chatwork_admin.organizations.proofs.holders import record_of
from chatwork_admin.support.models import StaffMember, StaffSecurityKey
from chatwork_admin.support.proving import PROVEN
from tests.organizations.proofs.authenticator import Authenticator
from tests.organizations.proofs.test_second_factor import code_of, use
from tests.portal.mails.mailing import sent
from tests.support.conftest import STAFF_PASSWORD, sign_in
from tests.support.test_second_factor import enter, with_app

PAGE = "/support/second-factor/"
KEY = f"{PAGE}key/"
ASK = "/support/key/"
PROVE = f"{PAGE}prove/"


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def inside(client: Client, olga: StaffMember) -> Client:
    """Olga's browser; she has an app, and has just signed in with it."""
    key, _ = with_app(olga)
    assert enter(client, olga, code_of(key)).status_code == 302
    return client


def grow_stale(client: Client) -> None:
    session = client.session
    session[PROVEN] -= 601
    session.save()


def create(client: Client, authenticator: Authenticator, **said: str) -> dict[str, str]:
    options = client.post(f"{KEY}options/").text
    return {"name": "blue", "key": authenticator.create(options), **said}


def with_key(client: Client) -> Authenticator:
    authenticator = Authenticator()
    client.post(KEY, create(client, authenticator))
    return authenticator


def mails() -> list[str]:
    sink = AuditSink.objects.get(organization_id=INSTALLATION, kind="staff-mail")
    delivery.drain(sink.pk)
    return [f"{mail.to} {mail.subject}" for mail in sent()]


def changes() -> int:
    sign_ins = [Action.SIGN_IN_SUCCEEDED, Action.SIGN_IN_FAILED]
    return AuditEvent.objects.exclude(action__in=sign_ins).count()


def test_the_app_is_replaced_and_its_owner_told(
    inside: Client, olga: StaffMember
) -> None:
    elsewhere = sign_in(Client(), StaffMember.objects.get())
    shown = inside.post(f"{PAGE}replace/", follow=True).text
    (key,) = re.findall(r'id="app-key">(\w+)<', shown)
    assert 'name="password"' not in shown

    wrong = inside.post(f"{PAGE}confirm/", {"code": "000000"})
    answer = inside.post(f"{PAGE}confirm/", {"code": code_of(key)})

    assert wrong.status_code == 422
    assert len(re.findall(r"<li><code>[0-9A-Z-]+</code>", answer.text)) == 10
    assert inside.get("/support/").status_code == 200  # this session goes on
    elsewhere.get("/support/")
    assert SESSION_KEY not in elsewhere.session
    use(olga, code_of(key, steps=1))
    (*_, app, codes) = mails()
    assert "['olga@support.test']" in app
    assert "An app for one-time codes was set up for you" in app
    assert "Recovery codes were issued to you" in codes


def test_recovery_codes_are_renewed_once_for_what_was_seen(
    inside: Client, olga: StaffMember
) -> None:
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', inside.get(PAGE).text)

    first = inside.post(f"{PAGE}codes/", {"seen": seen})
    again = inside.post(f"{PAGE}codes/", {"seen": seen})

    new = re.findall(r"<li><code>([0-9A-Z-]+)</code>", first.text)
    assert again.status_code == 422
    assert "have been issued already" in again.text
    assert len(new) == recovery_codes.codes_left(olga) == 10
    assert enter(Client(), olga, new[0]).status_code == 302


def test_the_codes_that_are_shown_can_be_kept_as_a_file(
    inside: Client, olga: StaffMember
) -> None:
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', inside.get(PAGE).text)
    page = inside.post(f"{PAGE}codes/", {"seen": seen}).text
    codes = re.findall(r'name="code" value="([^"]+)"', page)

    file = inside.post(f"{PAGE}codes/file/", {"code": codes})
    assert "support-recovery-codes.txt" in file["Content-Disposition"]
    assert "no-store" in file["Cache-Control"]
    assert set(codes) <= set(file.text.split())
    for wrong in ([], ["x"], [*codes[1:], "x"]):
        refused = inside.post(f"{PAGE}codes/file/", {"code": wrong})
        assert "no longer good" in refused.text


@pytest.mark.parametrize("step", ["replace/", "confirm/", "codes/", "key/", "key/ID/"])
def test_without_a_fresh_proof_nothing_is_changed(
    inside: Client, olga: StaffMember, step: str
) -> None:
    with_key(inside)
    form = create(inside, Authenticator())
    grow_stale(inside)
    before = changes()
    step = step.replace("ID", f"{StaffSecurityKey.objects.get().pk}/remove")

    answer = inside.post(PAGE + step, form | {"code": "000000"})

    assert answer["Location"] == PAGE
    assert changes() == before
    assert second_factor.pending_of(olga) is None
    assert 'id="proof-form"' in inside.get(PAGE).text


def test_password_and_code_prove_it_again(inside: Client, olga: StaffMember) -> None:
    code, *_ = recovery_codes.issue(olga, actor=SYSTEM)
    grow_stale(inside)
    wrong = {"password": STAFF_PASSWORD, "code": "000000"}

    refused = inside.post(PROVE, wrong)
    assert refused.status_code == 422
    assert "the code or the key is wrong" in refused.text.replace("one-time ", "")
    assert inside.post(PROVE, wrong | {"code": code})["Location"] == PAGE
    assert 'id="replace-form"' in inside.get(PAGE).text


def test_a_key_is_added_opens_the_door_and_proves_it_again(
    inside: Client, olga: StaffMember
) -> None:
    blue = with_key(inside)
    assert "A security key was added to your account" in mails()[-1]
    client = Client()
    said = {"username": olga.email, "password": STAFF_PASSWORD, "next": "/support/"}

    answer = blue.get(client.post(ASK).text)
    assert client.post("/support/login/", said | {"key": "{}"}).status_code == 200
    answer = blue.get(client.post(ASK).text)
    assert client.post("/support/login/", said | {"key": answer}).status_code == 302
    event = AuditEvent.objects.filter(action=Action.SIGN_IN_SUCCEEDED).latest("pk")
    assert event.context["began"] == "password-and-key"

    grow_stale(client)
    answer = blue.get(client.post(ASK).text)
    proof = {"password": STAFF_PASSWORD, "key": answer}
    assert client.post(PROVE, proof)["Location"] == PAGE
    assert 'id="replace-form"' in client.get(PAGE).text


def test_a_first_key_needs_the_password_and_comes_with_codes(
    client: Client, olga: StaffMember
) -> None:
    enter(client, olga)
    form = create(client, Authenticator())
    assert client.post(KEY, form | {"password": "wrong"}).status_code == 422
    assert not security_keys.of(olga).exists()

    form = create(client, Authenticator(), password=STAFF_PASSWORD)
    answer = client.post(KEY, form)

    assert len(re.findall(r"<li><code>[0-9A-Z-]+</code>", answer.text)) == 10
    assert client.get("/support/").status_code == 200
    assert enter(Client(), olga).status_code == 200  # the password alone


def test_a_key_is_removed_but_not_the_last_second_factor(
    inside: Client, olga: StaffMember
) -> None:
    with_key(inside)
    path = f"{KEY}{StaffSecurityKey.objects.get().pk}/remove/"
    assert inside.post(path)["Location"] == PAGE
    assert not security_keys.of(olga).exists()
    assert inside.get("/support/").status_code == 200

    with_key(inside)
    olga.second_factor.delete()
    path = f"{KEY}{StaffSecurityKey.objects.get().pk}/remove/"
    assert "the only second factor" in inside.post(path).text
    assert security_keys.of(olga).exists()


def test_nobody_removes_somebody_elses_key(
    inside: Client, olga: StaffMember, victor: StaffMember, as_alice: Client
) -> None:
    with_key(inside)
    path = f"{KEY}{StaffSecurityKey.objects.get().pk}/remove/"
    with_app(victor)
    others = sign_in(Client(), StaffMember.objects.get(pk=victor.pk))
    session = others.session
    session[PROVEN] = 2**40
    session.save()

    others.post(path)
    as_alice.post(path)

    assert security_keys.of(olga).exists()


def test_a_reset_forgets_keys_too(inside: Client, olga: StaffMember) -> None:
    with_key(inside)
    second_factor.remove(olga, actor=SYSTEM)

    assert not second_factor.is_set_up(olga)


@transaction.atomic
def rest(member: StaffMember) -> None:
    """As after one wrong code too many."""
    record_of(member, Action.CODES_RESTING, SYSTEM)


def test_of_codes_that_rest_again_and_again_each_is_told_once_a_day(
    olga: StaffMember, victor: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    for member in (olga, victor, olga, olga):
        rest(member)
    told = "Too many wrong one-time codes with your password"
    assert [each for each in mails() if told in each] == [
        f"['{member.email}'] {sent()[0].subject}" for member in (olga, victor)
    ]

    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(hours=25))
    rest(olga)
    assert len([each for each in mails() if told in each]) == 3


def test_whoever_has_left_gets_no_mail(inside: Client, olga: StaffMember) -> None:
    StaffMember.objects.update(is_active=False)

    assert mails() == []
