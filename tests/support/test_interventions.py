from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import INSTALLATION
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.proofs import recovery_codes, second_factor
from chatwork_admin.support import interventions
from chatwork_admin.support.models import StaffMember, StaffSecondFactor
from chatwork_admin.support.proving import PROVEN
from chatwork_admin.synchronization import gate
from tests.conftest import actor_for
from tests.organizations.proofs.test_second_factor import code_of, with_app
from tests.support.conftest import STAFF_PASSWORD, proven, sign_in
from tests.support.test_second_factor import with_app as with_staff_app

LIST = "/support/organizations/organization/"
USERS = "/support/organizations/user/"
REASON = {"reason": "Runaway job at the customer's", "ticket": "CS-1204"}


@pytest.fixture
def as_olga(as_olga: Client) -> Client:
    return proven(as_olga)


def grow_stale(client: Client) -> None:
    session = client.session
    session[PROVEN] -= 10 * 60
    session.save()


def choose(client: Client, action: str, *chosen: Organization, **answer: str) -> Any:
    form = {"action": action, "_selected_action": [str(each.pk) for each in chosen]}
    return client.post(LIST, form | answer | ({"answer": "yes"} if answer else {}))


def said(client: Client, path: str = LIST) -> str:
    page: str = client.get(path).content.decode()
    return page.partition('class="messagelist"')[2].partition("</ul>")[0]


def state_of(organization: Organization) -> str:
    return gate.synchronization_of(organization).state


def events(action: str) -> Any:
    return AuditEvent.objects.filter(action=action)


def test_choosing_pause_asks_for_a_reason_first(
    as_olga: Client, enabled_acme: Organization
) -> None:
    page = choose(as_olga, "pause", enabled_acme).content.decode()
    assert 'name="reason"' in page
    assert 'name="ticket"' in page
    assert "Acme 株式会社" in page
    assert state_of(enabled_acme) == "on"


def test_an_operator_pauses_with_a_reason_that_the_customer_can_read(
    as_olga: Client, olga: StaffMember, enabled_acme: Organization
) -> None:
    answer = choose(as_olga, "pause", enabled_acme, **REASON)
    assert answer.status_code == 302
    assert "Acme 株式会社: user synchronization is paused." in said(as_olga)
    paused = gate.synchronization_of(enabled_acme)
    assert (paused.state, paused.paused_by) == ("paused", "Olga (Chatwork support)")
    event = events("sync.paused").get(organization_id=enabled_acme.pk)
    assert event.actor == {
        "kind": "support",
        "id": str(olga.pk),
        "label": "Olga (Chatwork support)",
    }
    assert event.context["reason"] == "[CS-1204] Runaway job at the customer's"
    assert event.context["address"] == "127.0.0.1"
    assert event.reference == answer["X-Request-Id"]


def test_an_operator_resumes(as_olga: Client, enabled_acme: Organization) -> None:
    choose(as_olga, "pause", enabled_acme, **REASON)
    choose(as_olga, "resume", enabled_acme, reason="Solved", ticket="")
    assert state_of(enabled_acme) == "on"
    assert events("sync.resumed").get().context["reason"] == "Solved"


def test_pausing_twice_is_harmless_and_recorded_once(
    as_olga: Client, enabled_acme: Organization
) -> None:
    choose(as_olga, "pause", enabled_acme, **REASON)
    choose(as_olga, "pause", enabled_acme, **REASON)
    assert events("sync.paused").count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * 401])
def test_without_a_reason_nothing_is_paused(
    as_olga: Client, enabled_acme: Organization, reason: str
) -> None:
    answer = choose(as_olga, "pause", enabled_acme, reason=reason, ticket="CS-1")
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode()
    assert state_of(enabled_acme) == "on"
    assert not events("sync.paused").exists()


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_what_is_off_is_said_and_the_others_are_done(
    as_olga: Client, enabled_acme: Organization, globex: Organization, action: str
) -> None:
    if action == "resume":
        gate.pause(enabled_acme, actor=actor_for(enabled_acme.users.get()), reason="x")
    choose(as_olga, action, enabled_acme, globex, **REASON)
    messages = said(as_olga)
    assert "Globex: user synchronization is off" in messages
    assert "Acme 株式会社: user synchronization is" in messages
    assert not AuditEvent.objects.filter(
        organization_id=globex.pk, action__startswith="sync."
    ).exists()


@pytest.mark.parametrize("action", ["pause", "resume", "extend"])
@pytest.mark.parametrize("answer", [{}, REASON])
def test_a_viewer_is_refused_and_nothing_is_written_or_recorded(
    as_victor: Client,
    enabled_acme: Organization,
    action: str,
    answer: dict[str, str],
) -> None:
    before = AuditEvent.objects.count()
    assert choose(as_victor, action, enabled_acme, **answer).status_code == 403
    assert state_of(enabled_acme) == "on"
    assert AuditEvent.objects.count() == before


def test_a_viewer_is_not_offered_what_is_refused(
    as_victor: Client, as_olga: Client, enabled_acme: Organization
) -> None:
    assert 'value="pause"' not in as_victor.get(LIST).content.decode()
    assert 'value="pause"' in as_olga.get(LIST).content.decode()


def test_a_viewer_who_was_an_operator_a_moment_ago_is_refused(
    as_olga: Client, enabled_acme: Organization
) -> None:
    StaffMember.objects.update(role="viewer")
    assert choose(as_olga, "pause", enabled_acme, **REASON).status_code == 403
    assert state_of(enabled_acme) == "on"


def test_only_so_many_organizations_at_once(
    as_olga: Client,
    enabled_acme: Organization,
    globex: Organization,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interventions, "MOST_AT_ONCE", 1)
    form = {"action": "pause", "select_across": "1", "index": "0"}
    as_olga.post(LIST, form | {"_selected_action": [str(enabled_acme.pk)]})
    assert "Choose at most 1 at once." in said(as_olga)
    assert state_of(enabled_acme) == "on"


def test_a_forged_form_of_another_site_is_refused(
    olga: StaffMember, enabled_acme: Organization
) -> None:
    client = sign_in(Client(enforce_csrf_checks=True), olga)
    assert choose(client, "pause", enabled_acme, **REASON).status_code == 403
    assert state_of(enabled_acme) == "on"


def remove_app(client: Client, person: User, **answer: str) -> Any:
    form = {"action": "remove_app", "_selected_action": [str(person.pk)]}
    return client.post(USERS, form | answer | ({"answer": "yes"} if answer else {}))


def test_an_operator_removes_the_app_of_who_has_lost_it(
    as_olga: Client, olga: StaffMember, alice: User
) -> None:
    with_app(alice)
    page = remove_app(as_olga, alice).content.decode()
    assert "alice@acme.test (Acme 株式会社)" in page
    assert second_factor.is_set_up(alice)

    remove_app(as_olga, alice, **REASON)

    assert not second_factor.is_set_up(alice)
    assert recovery_codes.codes_left(alice) == 0
    assert "lice@acme.test: the second factor is removed." in said(as_olga, USERS)
    event = events("second_factor.removed").get(organization_id=alice.organization_id)
    assert (event.actor["kind"], event.actor["id"]) == ("support", str(olga.pk))
    assert event.target["id"] == str(alice.pk)
    assert event.context["reason"] == "[CS-1204] Runaway job at the customer's"


def test_removing_no_app_says_so_and_records_nothing(
    as_olga: Client, alice: User
) -> None:
    remove_app(as_olga, alice, **REASON)

    assert "no second factor is set up" in said(as_olga, USERS)
    assert not events("second_factor.removed").exists()


def test_a_viewer_removes_no_app(as_victor: Client, alice: User) -> None:
    with_app(alice)

    assert remove_app(as_victor, alice, **REASON).status_code == 403
    assert second_factor.is_set_up(alice)
    assert 'value="remove_app"' not in as_victor.get(USERS).content.decode()


def test_whoever_proved_it_too_long_ago_is_asked_who_they_are_and_nothing_is_done(
    as_olga: Client, enabled_acme: Organization
) -> None:
    grow_stale(as_olga)
    before = AuditEvent.objects.count()

    asked = choose(as_olga, "pause", enabled_acme).text
    assert 'name="password"' in asked
    assert 'name="code"' in asked
    refused = choose(as_olga, "pause", enabled_acme, **REASON)  # of an older page

    assert refused.status_code == 422
    assert 'name="password"' in refused.text
    assert "Runaway job" in refused.text
    assert state_of(enabled_acme) == "on"
    assert AuditEvent.objects.count() == before


def test_with_a_proof_it_is_done_and_both_are_recorded(
    as_olga: Client, olga: StaffMember, enabled_acme: Organization
) -> None:
    grow_stale(as_olga)

    choose(as_olga, "pause", enabled_acme, password=STAFF_PASSWORD, **REASON)

    assert state_of(enabled_acme) == "paused"
    confirmed = events("login.confirmed").get()
    assert (confirmed.organization_id, confirmed.target["id"]) == (
        INSTALLATION,
        str(olga.pk),
    )
    assert STAFF_PASSWORD not in str(events("sync.paused").values_list("context"))
    choose(as_olga, "resume", enabled_acme, **REASON)  # is asked no more
    assert state_of(enabled_acme) == "on"


@pytest.mark.parametrize("code", ["", "000000"])
def test_a_password_alone_is_no_proof_of_who_has_a_second_factor(
    olga: StaffMember, enabled_acme: Organization, code: str
) -> None:
    key, _ = with_staff_app(olga)
    as_olga = proven(sign_in(Client(), olga))
    grow_stale(as_olga)
    said = REASON | {"password": STAFF_PASSWORD}

    answer = choose(as_olga, "pause", enabled_acme, code=code, **said)

    assert answer.status_code == 422
    assert "The password, the one-time code or the key is wrong." in answer.text
    assert state_of(enabled_acme) == "on"
    assert events("login.failed").get().target["id"] == str(olga.pk)
    assert not events("sync.paused").exists()
    choose(as_olga, "pause", enabled_acme, code=code_of(key), **said)
    assert state_of(enabled_acme) == "paused"


def test_a_code_is_not_used_up_where_the_reason_is_missing(
    olga: StaffMember, enabled_acme: Organization
) -> None:
    key, _ = with_staff_app(olga)
    as_olga = proven(sign_in(Client(), olga))
    grow_stale(as_olga)
    said = {"password": STAFF_PASSWORD, "code": code_of(key)}

    choose(as_olga, "pause", enabled_acme, reason="", **said)

    assert StaffSecondFactor.objects.get().last_step == 0
    choose(as_olga, "pause", enabled_acme, **REASON, **said)
    assert state_of(enabled_acme) == "paused"
