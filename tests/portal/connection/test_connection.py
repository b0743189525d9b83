from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.connection import once, token_form
from chatwork_admin.synchronization import gate
from tests.conftest import actor_for

PAGE = "/manage/sync/connection/"
ISSUE = "/manage/sync/connection/tokens/"


def issued(organization: Organization, name: str = "Entra ID") -> AccessToken:
    token, _ = tokens.issue(organization, name=name, expires_at=None, actor=SYSTEM)
    return token


def form(name: str, **more: str) -> dict[str, str]:
    return {"name": name, "nonce": once.new_nonce(), **more}


def revoke_url(token: AccessToken) -> str:
    return f"{ISSUE}{token.pk}/revoke/"


def test_the_page_gives_the_address(as_alice: Client) -> None:
    page = as_alice.get(PAGE).text

    assert "https://admin.example.jp/scim/v2" in page
    assert "No Test Connection seen yet" in page
    assert "No token has been issued yet." in page
    assert "every request is refused until it is" in page


def test_after_the_end_of_the_plan_the_page_says_why_all_is_refused(
    as_alice: Client, enabled_acme: Organization
) -> None:
    Organization.objects.update(plan="free")

    page = as_alice.get(PAGE).text

    assert "The plan does not include user synchronization: every request" in page
    assert "until it is" not in page


LANGUAGE, THEME = 'name="language"', 'name="theme"'


def test_where_a_token_is_shown_nothing_offers_to_lose_it(
    as_alice: Client, enabled_acme: Organization
) -> None:
    shown = as_alice.post(ISSUE, form("Entra ID")).text
    again = as_alice.get(PAGE).text

    assert LANGUAGE not in shown
    assert THEME not in shown
    assert LANGUAGE in again
    assert THEME in again


def test_a_token_is_shown_once_and_works(
    as_alice: Client, enabled_acme: Organization
) -> None:
    response = as_alice.post(ISSUE, form("Entra ID"))

    shown = re.search(r'<code id="issued-token">([^<]+)</code>', response.text)
    assert shown is not None
    client = tokens.admit(shown[1], reference="", address="")
    assert client.organization == enabled_acme
    assert "no-store" in response["Cache-Control"]
    later = as_alice.get(PAGE).text
    assert shown[1] not in later
    assert "issued-token" not in later
    assert f"…{AccessToken.objects.get().last_characters}" in later


def test_sending_the_form_again_issues_nothing(
    as_alice: Client, acme: Organization
) -> None:
    nonce = re.search(r'name="nonce" value="([^"]+)"', as_alice.get(PAGE).text)
    assert nonce is not None
    sent = {"name": "Entra ID", "nonce": nonce[1]}
    assert as_alice.post(ISSUE, sent).status_code == 200

    again = as_alice.post(ISSUE, sent | {"name": "Another"})

    assert again.status_code == 409
    assert "This token was issued already; if you did not copy it" in again.text
    assert "issued-token" not in again.text
    assert "no-store" in again["Cache-Control"]
    assert acme.access_tokens.count() == 1
    assert AuditEvent.objects.filter(action=Action.TOKEN_ISSUED).count() == 1


def test_a_double_click_issues_one_token(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    first, second = as_alice.session, as_alice.session
    assert dict(second.items())  # read before the other one stores anything

    def send(session: SessionBase) -> None:
        token_form.issue(
            acme,
            session,
            nonce="once",
            name=f"Token {id(session)}",
            expires_at=None,
            actor=actor_for(alice),
        )

    send(first)
    with pytest.raises(once.IssuedAlready):
        send(second)

    assert acme.access_tokens.count() == 1


def test_a_form_that_was_refused_may_be_sent_again(
    as_alice: Client, acme: Organization
) -> None:
    issued(acme, "Entra ID")
    sent = form("Entra ID")
    assert as_alice.post(ISSUE, sent).status_code == 422

    assert as_alice.post(ISSUE, sent | {"name": "Another"}).status_code == 200


def test_a_form_without_its_nonce_issues_nothing(
    as_alice: Client, acme: Organization
) -> None:
    response = as_alice.post(ISSUE, {"name": "Entra ID"})

    assert response.status_code == 422
    assert "Reload the page and try again." in response.text
    assert not acme.access_tokens.exists()


def test_two_valid_tokens_never_have_one_name(
    as_alice: Client, acme: Organization
) -> None:
    token = issued(acme, "Entra ID")

    refused = as_alice.post(ISSUE, form("entra id"))

    assert refused.status_code == 422
    assert "A valid token has this name already." in refused.text
    assert acme.access_tokens.count() == 1
    as_alice.post(revoke_url(token))
    assert as_alice.post(ISSUE, form("Entra ID")).status_code == 200


def test_ten_valid_tokens_are_enough(as_alice: Client, acme: Organization) -> None:
    for number in range(9):
        issued(acme, f"Token {number}")
    assert as_alice.post(ISSUE, form("The tenth")).status_code == 200

    refused = as_alice.post(ISSUE, form("The eleventh"))

    assert refused.status_code == 422
    assert "Ten tokens are valid already." in refused.text
    assert acme.access_tokens.count() == 10


def test_a_token_lasts_through_its_last_day(
    as_alice: Client, acme: Organization
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)

    as_alice.post(ISSUE, form("Short", expires_on=tomorrow.isoformat()))

    expires_at = acme.access_tokens.get().expires_at
    assert expires_at is not None
    assert timezone.localtime(expires_at).strftime("%F %H:%M") == f"{tomorrow} 23:59"
    assert "Expires soon" in as_alice.get(PAGE).text


def test_a_day_that_has_passed_is_refused(as_alice: Client, acme: Organization) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    for day in (yesterday.isoformat(), "soon", "9999-12-31"):
        response = as_alice.post(ISSUE, form("Late", expires_on=day))
        assert response.status_code == 422
    assert not acme.access_tokens.exists()


def test_a_token_needs_a_name(as_alice: Client, acme: Organization) -> None:
    assert as_alice.post(ISSUE, form("")).status_code == 422
    assert as_alice.post(ISSUE, form("x" * 101)).status_code == 422
    assert not acme.access_tokens.exists()
    assert not AuditEvent.objects.filter(action=Action.TOKEN_ISSUED).exists()


def test_the_name_of_a_token_is_only_text(as_alice: Client, acme: Organization) -> None:
    issued(acme, "<img src=x onerror=alert(1)>")

    page = as_alice.get(PAGE).text

    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_revoking_says_what_happens_and_ends_the_token(
    as_alice: Client, enabled_acme: Organization
) -> None:
    token = issued(enabled_acme)
    question = as_alice.get(revoke_url(token)).text
    assert "Whoever uses this token is refused at once" in question
    assert "It was never used." in question

    answer = as_alice.post(revoke_url(token), follow=True).text

    assert "The token “\u2068Entra ID\u2069” is revoked." in answer
    assert "Revoked" in answer
    token.refresh_from_db()
    assert token.revoked_by == "Alice"
    again = as_alice.get(revoke_url(token)).text
    assert "This token is revoked already" in again
    assert "revoke-form" not in again
    as_alice.post(revoke_url(token))
    assert AuditEvent.objects.filter(action=Action.TOKEN_REVOKED).count() == 1


def test_the_neighbour_finds_no_token_to_revoke(
    as_mallory: Client, acme: Organization
) -> None:
    token = issued(acme)

    assert as_mallory.get(revoke_url(token)).status_code == 404
    assert as_mallory.post(revoke_url(token)).status_code == 404
    assert "Entra ID" not in as_mallory.get(PAGE).text.split("<tbody>")[-1][:200]
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_user_manager_sees_tokens_and_issues_none(
    as_carol: Client, acme: Organization
) -> None:
    token = issued(acme)

    page = as_carol.get(PAGE).text

    assert "Only the organization administrator (\u2068Alice\u2069)" in page
    assert "issue-token-form" not in page
    assert as_carol.post(ISSUE, form("Mine")).status_code == 403
    assert as_carol.post(revoke_url(token)).status_code == 403
    assert acme.access_tokens.count() == 1


def test_tokens_say_how_they_ended(
    as_alice: Client, alice: User, enabled_acme: Organization
) -> None:
    expired = issued(enabled_acme, "old")
    AccessToken.objects.filter(pk=expired.pk).update(
        expires_at=timezone.now() - timedelta(days=1)
    )
    issued(enabled_acme, "ended")
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))

    page = as_alice.get(PAGE).text

    assert "Expired" in page
    assert "Ended when user synchronization was disabled" in page
    assert "Revoke…" not in page


def test_a_test_connection_is_seen(
    as_alice: Client, enabled_acme: Organization
) -> None:
    synchronization = gate.synchronization_of(enabled_acme)
    synchronization.test_seen_at = timezone.now()
    synchronization.save()

    page = as_alice.get(PAGE).text

    assert "Test Connection seen" in page
    assert "just now" in page
