"""Staff need an app besides their password: nothing is open to them before."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import INSTALLATION, SYSTEM
from chatwork_admin.organizations.proofs import second_factor
from chatwork_admin.support.models import StaffMember, StaffSecondFactor
from chatwork_admin.support.second_factor import confirm
from tests.organizations.proofs.test_second_factor import code_of, use
from tests.portal.signing_in.test_wrong_codes import wrong_codes
from tests.support.conftest import STAFF_PASSWORD, sign_in
from tests.support.test_sign_in import PAGES, SIGN_IN

PAGE = "/support/second-factor/"
WRONG = "The e-mail address, the password, the code or the key is wrong."


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def with_app(member: StaffMember) -> tuple[str, tuple[str, ...]]:
    """Give somebody an app; return its key and the recovery codes."""
    second_factor.begin(member)
    pending = second_factor.pending_of(member)
    assert pending is not None
    codes = confirm(member, code_of(pending.key), actor=SYSTEM)
    StaffSecondFactor.objects.update(last_step=0)  # as after a minute
    return pending.key, codes


def events() -> QuerySet[AuditEvent]:
    """What happened, but for sign-ins."""
    sign_ins = [Action.SIGN_IN_SUCCEEDED, Action.SIGN_IN_FAILED]
    return AuditEvent.objects.exclude(action__in=sign_ins).order_by("pk")


def enter(client: Client, member: StaffMember, code: str = "") -> Any:
    said = {"username": member.email, "password": STAFF_PASSWORD, "code": code}
    return client.post(SIGN_IN, said | {"next": "/support/"})


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_open_before_an_app_is_set_up(
    client: Client, olga: StaffMember, page: str
) -> None:
    enter(client, olga)

    for answer in (client.get(page, follow=True), client.post(page, follow=True)):
        assert answer.redirect_chain[-1][0] == PAGE
    assert not events().exists()


def test_an_app_is_set_up_at_the_first_sign_in(
    client: Client, olga: StaffMember
) -> None:
    enter(client, olga)
    assert "app-key" not in client.get(PAGE).text
    shown = client.post(PAGE, follow=True).text
    key = re.search(r'id="app-key">(\w+)<', shown)
    assert key is not None
    elsewhere = sign_in(Client(), olga)

    proof = {"code": code_of(key[1]), "password": STAFF_PASSWORD}
    answer = client.post(PAGE, proof)

    codes = re.findall(r"<li><code>([0-9A-Z-]+)</code>", answer.text)
    assert len(codes) == 10
    assert client.get("/support/").status_code == 200
    assert codes[0] not in client.get(PAGE).text
    elsewhere.get("/support/")
    assert SESSION_KEY not in elsewhere.session
    recorded = events()
    assert [(each.action, each.actor["label"]) for each in recorded] == [
        (Action.SECOND_FACTOR_SET_UP, "Olga"),
        (Action.RECOVERY_CODES_ISSUED, "Olga"),
    ]
    assert {each.organization_id for each in recorded} == {INSTALLATION}


@pytest.mark.parametrize(
    ("proof", "refusal"),
    [
        ({"code": "000000"}, "This is not the code that the app shows now."),
        ({"password": "another"}, "The password is wrong."),
        ({"code": ""}, "This field is required."),
    ],
)
def test_without_code_and_password_no_app_is_set_up(
    client: Client, olga: StaffMember, proof: dict[str, str], refusal: str
) -> None:
    enter(client, olga)
    client.post(PAGE)
    pending = second_factor.pending_of(olga)
    assert pending is not None
    right = {"code": code_of(pending.key), "password": STAFF_PASSWORD}

    answer = client.post(PAGE, right | proof)

    assert answer.status_code == 422
    assert refusal in answer.text
    assert not second_factor.is_set_up(olga)
    assert not events().exists()


def test_a_password_alone_opens_nothing_once_there_is_an_app(
    client: Client, olga: StaffMember
) -> None:
    key, _ = with_app(olga)

    for code in ("", "000000"):
        answer = enter(client, olga, code)
        assert answer.status_code == 200
        assert WRONG in answer.text
        assert SESSION_KEY not in client.session

    assert enter(client, olga, code_of(key)).status_code == 302
    assert client.get("/support/").status_code == 200


def test_a_code_counts_once(client: Client, olga: StaffMember) -> None:
    key, _ = with_app(olga)
    code = code_of(key)
    enter(client, olga, code)

    assert enter(Client(), olga, code).status_code == 200


def test_a_recovery_code_counts_once_instead(client: Client, olga: StaffMember) -> None:
    _, codes = with_app(olga)

    assert enter(client, olga, codes[3]).status_code == 302
    assert enter(Client(), olga, codes[3]).status_code == 200
    used = AuditEvent.objects.get(action=Action.RECOVERY_CODE_USED)
    assert used.context["codes_left"] == 9


def test_nobody_uses_somebody_elses_recovery_code(
    client: Client, olga: StaffMember, victor: StaffMember
) -> None:
    _, codes = with_app(olga)
    with_app(victor)

    assert enter(client, victor, codes[0]).status_code == 200


def test_wrong_codes_are_counted_like_wrong_passwords(
    client: Client, olga: StaffMember
) -> None:
    key, _ = with_app(olga)

    statuses = [enter(client, olga, "000000").status_code for _ in range(10)]

    assert statuses == [200] * 9 + [429]
    assert enter(client, olga, code_of(key)).status_code == 429


def test_whoever_lost_the_app_sets_up_another(
    client: Client, olga: StaffMember
) -> None:
    key, _ = with_app(olga)
    enter(client, olga, code_of(key))

    call_command("reset_staff_second_factor", "OLGA@support.test")

    assert client.get("/support/").status_code == 302
    event = AuditEvent.objects.get(action=Action.SECOND_FACTOR_REMOVED)
    assert event.target == {
        "kind": "staff",
        "id": str(olga.pk),
        "label": "olga@support.test",
    }
    assert not olga.recovery_codes.exists()
    assert enter(client, olga).status_code == 302
    assert client.get("/support/", follow=True).redirect_chain[-1][0] == PAGE


@pytest.mark.parametrize("email", ["nobody@support.test", "olga@support.test"])
def test_without_an_app_there_is_nothing_to_reset(
    olga: StaffMember, email: str
) -> None:
    with pytest.raises(CommandError):
        call_command("reset_staff_second_factor", email)
    assert not events().exists()


def test_the_secret_is_encrypted_anew_with_the_others(
    olga: StaffMember, settings: Any
) -> None:
    key, _ = with_app(olga)
    before = StaffSecondFactor.objects.get().secret
    settings.ENCRYPTION_KEYS = ["another key", *settings.ENCRYPTION_KEYS]

    call_command("rotate_keys")

    settings.ENCRYPTION_KEYS = ["another key"]
    assert StaffSecondFactor.objects.get().secret != before
    use(olga, code_of(key))


def test_people_of_organizations_do_not_see_the_page(as_alice: Client) -> None:
    for answer in (as_alice.get(PAGE), as_alice.post(PAGE)):
        assert answer["Location"].startswith(SIGN_IN)
    assert StaffSecondFactor.objects.count() == 0


def test_events_of_the_staff_are_shown_without_an_organization(
    client: Client, olga: StaffMember
) -> None:
    key, _ = with_app(olga)
    enter(client, olga, code_of(key))

    page = client.get("/support/audit/auditevent/").text

    assert "olga@support.test (staff)" in page
    assert str(INSTALLATION) not in page


def test_after_twenty_wrong_codes_from_anywhere_those_of_the_app_rest(
    olga: StaffMember,
) -> None:
    key, (code, *_) = with_app(olga)
    wrong = wrong_codes(key)
    pages = [
        enter(Client(REMOTE_ADDR=f"198.51.100.{each}"), olga, next(wrong)).text
        for each in range(1, 21)
    ]
    assert all(WRONG in page for page in pages)

    refused = enter(Client(), olga, code_of(key))

    assert "There were too many wrong one-time codes" in refused.text
    assert enter(Client(), olga, code).status_code == 302
    rested = events().get(action=Action.CODES_RESTING)
    assert (rested.organization_id, rested.target["label"]) == (
        INSTALLATION,
        olga.email,
    )
    failures = AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED)
    assert failures.latest("pk").context["code"] == "codes-rest"


def test_a_code_that_was_used_is_told_from_a_wrong_one(olga: StaffMember) -> None:
    key, _ = with_app(olga)
    code = code_of(key)
    assert enter(Client(), olga, code).status_code == 302

    pages = [enter(Client(), olga, code).text for _ in range(11)]

    assert all("This one-time code was used already." in page for page in pages)
