from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM, Target, record
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.help.error_codes import BY_CODE
from chatwork_admin.synchronization import gate
from saml_sso.sign_in.rejections import MOST_OF_STRANGERS
from tests.conftest import actor_for
from tests.saml_sso.signing_in import entra_of

PAGE = "/manage/audit/"


def happened(
    organization: Organization, person: User, action: Action, label: str
) -> None:
    with transaction.atomic():
        record(
            action,
            organization_id=organization.pk,
            actor=actor_for(person),
            target=Target("user", "1", label),
            changes=[{"attribute": "title", "before": "<i>", "after": ["a", {"b": 1}]}],
            context={"reason": "because"},
        )


def test_an_event_says_who_what_whom_where_from_and_the_reference(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    happened(acme, alice, Action.USER_CHANGED, "bob@acme.test")

    page = as_alice.get(PAGE).text

    for text in (
        "alice@acme.test",
        "User changed",
        "user.changed",
        "bob@acme.test",
        "192.0.2.1",
        "TEST-REF",
        "because",
        "&lt;i&gt;",
        "a, {&quot;b&quot;: 1}",
    ):
        assert text in page
    assert (
        "ユーザーを変更" in as_alice.get(PAGE, headers={"Accept-Language": "ja"}).text
    )


def test_filters_narrow_the_list(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    happened(acme, alice, Action.USER_CHANGED, "bob@acme.test")
    happened(acme, alice, Action.USER_DELETED, "eve@acme.test")
    today = timezone.localdate()
    narrow: dict[str, tuple[bool, bool]] = {
        "action=user.deleted": (False, True),
        "text=BOB": (True, False),
        "text=test-ref": (True, True),
        f"since={today}&until={today}&text=acme.test": (True, True),
        f"since={today + timedelta(days=1)}": (False, False),
        f"until={today - timedelta(days=1)}": (False, False),
    }
    for query, (bob, eve) in narrow.items():
        page = as_alice.get(f"{PAGE}?{query}").text
        assert ("bob@acme.test" in page) is bob, query
        assert ("eve@acme.test" in page) is eve, query
    assert "Nothing matches." in as_alice.get(f"{PAGE}?text=zebra").text


def test_the_filter_shows_what_was_chosen(as_alice: Client) -> None:
    page = as_alice.get(f"{PAGE}?action=user.deleted").text

    assert re.search(r'<select [^>]*name="action"[^>]*>', page)
    assert 'id="id_action"' in page
    assert '<option value="user.deleted" selected>User deleted</option>' in page
    assert page.count(" selected") == 1
    assert page.count("<option ") == len(Action) + 1


def test_a_filter_nobody_can_read_says_so(as_alice: Client) -> None:
    response = as_alice.get(f"{PAGE}?action=nonsense&since=yesterday")

    assert response.status_code == 422
    assert response.text.count('aria-invalid="true"') == 2
    assert "nothing is listed" in response.text
    assert "Organization created" not in response.text.split("</form>")[-2]
    assert 'class="events"' not in response.text


@pytest.mark.parametrize(
    "query",
    ["until=9999-12-31", "since=0001-01-01", "text=%00", "action=%00", "since=%00"],
)
def test_a_filter_beyond_all_bounds_is_refused(as_alice: Client, query: str) -> None:
    response = as_alice.get(f"{PAGE}?{query}")

    assert response.status_code == 422
    assert response.text.count('aria-invalid="true"') == 1


@pytest.mark.parametrize("query", ["text=%ED%A0%80", "after=%00", "before=%ED%A0%80"])
def test_half_a_character_finds_nothing_and_breaks_nothing(
    as_alice: Client, query: str
) -> None:
    assert as_alice.get(f"{PAGE}?{query}").status_code == 200


def test_a_period_that_ends_before_it_begins_says_so(as_alice: Client) -> None:
    response = as_alice.get(f"{PAGE}?since=2026-02-02&until=2026-02-01")

    assert response.status_code == 422
    assert "“To” lies before “From”." in response.text
    assert 'class="events"' not in response.text


def test_an_event_says_the_second_and_its_particulars_in_words(
    as_alice: Client, alice: User, enabled_acme: Organization
) -> None:
    gate.disable(
        enabled_acme, administrator=alice, actor=actor_for(alice), reason="contract"
    )

    page = as_alice.get(PAGE).text
    japanese = as_alice.get(PAGE, headers={"Accept-Language": "ja"}).text

    event = AuditEvent.objects.latest("pk")
    assert f">{timezone.localtime(event.occurred_at):%Y-%m-%d %H:%M:%S}</time>" in page
    assert "<dt>Confirmed notes</dt><dd><bdi>1, 2, 3, 4, 5, 6, 7, 8, 9</bdi>" in page
    assert "<dt>Reason</dt><dd><bdi>The contract changes</bdi>" in page
    assert "<dt>Version</dt>" in page
    assert "<dt>確認済みの注意事項</dt>" in japanese


def test_a_refused_request_says_its_code_at_once_and_the_rest_in_words(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    refused = {"code": "CW-USER-4", "request": "POST /scim/v2/Users", "more": "no"}
    with transaction.atomic():
        record(
            Action.REQUEST_REFUSED,
            organization_id=acme.pk,
            actor=actor_for(alice),
            target=Target("user", "", ""),
            context=refused,
        )

    page = as_alice.get(PAGE).text
    japanese = as_alice.get(PAGE, headers={"Accept-Language": "ja"}).text

    with override("en"):
        situation = str(BY_CODE["CW-USER-4"].situation)
    assert f"</bdi> {situation} <code>CW-USER-4</code></span>" in page
    assert "<dt>Target</dt><dd><bdi>–</bdi>" in page
    assert "<dt>Request</dt><dd><bdi>POST /scim/v2/Users</bdi>" in page
    assert "<bdi>counted, but not recorded in this hour</bdi>" in page
    assert "<dt>要求</dt>" in japanese
    assert "<dt>以降の拒否</dt>" in japanese


def test_pages_go_from_the_latest_to_the_first(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    for number in range(60):
        happened(acme, alice, Action.USER_CHANGED, f"n{number:02}@acme.test")
    first = as_alice.get(PAGE)
    assert "n59@" in first.text
    assert "n09@" not in first.text

    older = as_alice.get(PAGE, {"after": first.context["page"].after})

    assert "n09@" in older.text
    assert "Organization created" in older.text
    back = as_alice.get(PAGE, {"before": older.context["page"].before})
    assert back.context["page"].rows == first.context["page"].rows


def test_the_neighbour_reads_her_own_log_only(
    as_mallory: Client, alice: User, acme: Organization
) -> None:
    happened(acme, alice, Action.USER_CHANGED, "bob@acme.test")

    assert "bob@acme.test" not in as_mallory.get(PAGE).text


def test_a_user_manager_reads_the_log(as_carol: Client) -> None:
    assert as_carol.get(PAGE).status_code == 200


@pytest.mark.parametrize(
    ("code", "english", "japanese"),
    [
        ("person-suspended", "This person is suspended.", "停止"),
        ("signature-missing", "What should be signed is not.", ""),
        ("saml-required", "SAML sign-in is required", "SAML ログインが必須"),
        ("bypass-refused", "Somebody tried emergency access", ""),
        ("of-the-future", "", ""),
    ],
)
def test_a_refused_sign_in_is_said_in_words_beside_its_code(
    as_alice: Client, acme: Organization, code: str, english: str, japanese: str
) -> None:
    with transaction.atomic():
        record(
            Action.SIGN_IN_FAILED,
            organization_id=acme.pk,
            actor=SYSTEM,
            target=Target("organization", "", ""),
            context={"channel": "saml", "code": code},
        )

    page = as_alice.get(PAGE).text
    said = page.split(f" <code>{code}</code>")[0].rpartition("</bdi>")[2].strip()
    assert said.startswith(english)
    assert bool(said) == bool(english)
    assert ". " not in said
    in_japanese = as_alice.get(PAGE, headers={"Accept-Language": "ja"}).text
    assert japanese in in_japanese.split(f" <code>{code}</code>")[0]


def test_what_strangers_repeat_in_an_hour_is_one_line(
    as_alice: Client, acme: Organization
) -> None:
    entra = entra_of(acme)
    for _ in range(MOST_OF_STRANGERS + 2):
        Client().post(entra.address("acs"), {"SAMLResponse": "garbage"})
    page = as_alice.get(PAGE).text

    assert page.count("<strong>Sign-in failed</strong>") == 1
    assert f"{MOST_OF_STRANGERS + 2} times in this hour" in page
    recorded = AuditEvent.objects.filter(action="login.failed")
    assert recorded.count() == MOST_OF_STRANGERS
    assert all(each.reference in page for each in recorded)


def test_what_people_did_is_never_folded(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    for _ in range(2):
        happened(acme, alice, Action.SYNC_PAUSED, "acme")

    page = as_alice.get(PAGE, {"action": "sync.paused"}).text

    assert page.count("<strong>User synchronization paused</strong>") == 2
