from __future__ import annotations

from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from tests.conftest import actor_for

PAGE = "/manage/sync/stop/"
PAUSE = "/manage/sync/stop/pause/"
RESUME = "/manage/sync/stop/resume/"
DISABLE = "/manage/sync/stop/disable/"


def state_of(organization: Organization) -> str:
    return gate.synchronization_of(organization).state


def test_the_page_says_what_stays_and_what_ends(
    as_alice: Client, enabled_acme: Organization
) -> None:
    page = as_alice.get(PAGE).text

    assert "Links and tokens are kept." in page
    assert "Every token issued so far ends at once." in page
    assert "<strong><bdi>Acme 株式会社</bdi></strong>" in page


def test_there_is_nothing_to_stop_while_it_is_off(as_alice: Client) -> None:
    assert "there is nothing to stop" in as_alice.get(PAGE).text


def test_pausing_and_resuming(as_alice: Client, enabled_acme: Organization) -> None:
    paused = as_alice.post(PAUSE, {"reason": "audit week"}, follow=True).text
    assert "User synchronization is paused." in paused
    assert "audit week" in paused
    assert state_of(enabled_acme) == "paused"

    resumed = as_alice.post(RESUME, follow=True).text
    assert "User synchronization goes on." in resumed
    assert state_of(enabled_acme) == "on"
    actions = AuditEvent.objects.order_by("-pk").values_list("action", flat=True)
    assert list(actions[:2]) == [Action.SYNC_RESUMED, Action.SYNC_PAUSED]


def test_a_pause_needs_a_reason(as_alice: Client, enabled_acme: Organization) -> None:
    response = as_alice.post(PAUSE, {"reason": "  "})

    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert state_of(enabled_acme) == "on"


def test_pausing_what_is_off_is_a_conflict(
    as_alice: Client, acme: Organization
) -> None:
    for path in (PAUSE, RESUME):
        response = as_alice.post(path, {"reason": "because"})
        assert response.status_code == 409
        assert "Somebody else changed this meanwhile." in response.text
    assert not AuditEvent.objects.filter(action__startswith="sync.").exists()


def test_disabling_needs_the_name_of_the_organization(
    as_alice: Client, enabled_acme: Organization
) -> None:
    wrong = {"organization_name": "Acme", "reason": "other"}
    response = as_alice.post(DISABLE, wrong)

    assert response.status_code == 422
    assert "The name does not match. Nothing was changed." in response.text
    assert state_of(enabled_acme) == "on"


def test_disabling_needs_a_reason_of_the_list(
    as_alice: Client, enabled_acme: Organization
) -> None:
    for reason in ("", "because"):
        values = {"organization_name": "Acme 株式会社", "reason": reason}
        assert as_alice.post(DISABLE, values).status_code == 422
    assert state_of(enabled_acme) == "on"


def test_disabling_records_why_and_asks_to_stop_entra_too(
    as_alice: Client, enabled_acme: Organization
) -> None:
    values = {"organization_name": "Acme 株式会社", "reason": "set-up-again"}
    page = as_alice.post(DISABLE, values, follow=True).text

    assert "Also stop provisioning in Entra ID" in page
    assert 'id="enable-form"' in page
    assert state_of(enabled_acme) == "off"
    event = AuditEvent.objects.get(action=Action.SYNC_DISABLED)
    assert event.context["reason"] == "set-up-again"


def test_a_user_manager_may_not_disable(
    as_carol: Client, enabled_acme: Organization
) -> None:
    values = {"organization_name": "Acme 株式会社", "reason": "other"}

    assert as_carol.post(DISABLE, values).status_code == 403
    assert state_of(enabled_acme) == "on"
    assert "disable-form" not in as_carol.get(PAGE).text


def test_paused_offers_to_resume(
    as_alice: Client, alice: User, enabled_acme: Organization
) -> None:
    gate.pause(enabled_acme, actor=actor_for(alice), reason="audit")

    page = as_alice.get(PAGE).text

    assert 'id="resume-form"' in page
    assert 'id="pause-form"' not in page
