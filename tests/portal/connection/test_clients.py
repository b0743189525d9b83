"""OAuth clients on the Connection page, and the page of each."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization import clients
from chatwork_admin.authorization.models import OAuthClient
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.connection import once
from tests.authorization.conftest import FORM, TOKEN, Registered, registered
from tests.conftest import actor_for

CONNECTION = "/manage/sync/connection/"
REGISTER = f"{CONNECTION}clients/"


def page_of(client: OAuthClient) -> str:
    return f"{REGISTER}{client.pk}/"


def secret_form(**changed: str) -> dict[str, str]:
    return {"note": "portal", "years": "1", "nonce": once.new_nonce()} | changed


def revoke_url(client: OAuthClient) -> str:
    return f"{page_of(client)}secrets/{client.secrets.get().pk}/revoke/"


@pytest.mark.parametrize("name", ["W\u202eevil", "zero\u200bwidth", "two\x85lines"])
def test_a_name_holds_nothing_that_is_not_seen(
    as_alice: Client, acme: Organization, name: str
) -> None:
    page = as_alice.post(REGISTER, {"client_name": name, "token_minutes": "90"})

    assert page.status_code == 422
    assert "a character in it that cannot be seen" in page.text
    assert not acme.oauth_clients.exists()


def test_names_in_any_script_may_be_given(as_alice: Client, acme: Organization) -> None:
    for name in ("本社　Entra ID", "מזהה", "👩\u200d💻"):
        as_alice.post(REGISTER, {"client_name": name, "token_minutes": "90"})

    assert acme.oauth_clients.count() == 3


def test_a_client_is_registered_and_its_page_says_what_entra_asks_for(
    as_alice: Client, acme: Organization
) -> None:
    form = {"client_name": "Entra ID", "token_minutes": "90"}
    page = as_alice.post(REGISTER, form, follow=True)

    client = acme.oauth_clients.get()
    assert page.redirect_chain == [(page_of(client), 302)]
    assert client.client_id in page.text
    assert "https://admin.example.jp/oauth/token" in page.text
    assert "https://admin.example.jp/scim/v2" in page.text
    assert "An access token lasts 90 minutes." in page.text
    assert "No secret has been issued yet" in page.text
    assert client.client_id in as_alice.get(CONNECTION).text
    [event] = AuditEvent.objects.filter(action=Action.CLIENT_REGISTERED)
    assert event.actor["label"] == "Alice"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"client_name": ""}, "This field is required."),
        ({"client_name": "x" * 101}, "at most 100 characters"),
        ({"client_name": "entra id"}, "A client has this name already."),
        ({"token_minutes": "59"}, "greater than or equal to 60"),
        ({"token_minutes": "361"}, "less than or equal to 360"),
        ({"token_minutes": "soon"}, "Enter a whole number."),
    ],
)
def test_what_is_typed_wrong_registers_nothing(
    as_alice: Client, acme: Organization, changed: dict[str, str], said: str
) -> None:
    registered(acme)
    form = {"client_name": "Another", "token_minutes": "60"} | changed

    answer = as_alice.post(REGISTER, form)

    assert answer.status_code == 422
    assert said in answer.text
    assert acme.oauth_clients.count() == 1


def test_a_secret_is_shown_once_and_works(
    as_alice: Client, client: Client, enabled_acme: Organization
) -> None:
    row = registered(enabled_acme).row
    row.secrets.all().delete()

    answer = as_alice.post(f"{page_of(row)}secrets/", secret_form(years="2"))

    shown = re.search(r'<code id="issued-secret">([^<]+)</code>', answer.text)
    assert shown is not None
    assert "no-store" in answer["Cache-Control"]
    assert 'name="language"' not in answer.text  # choosing one would lose it
    fields = Registered(row, shown[1]).body | {"grant_type": "client_credentials"}
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    assert client.post(TOKEN, body, content_type=FORM).status_code == 200
    assert "just now" in as_alice.get(CONNECTION).text
    later = as_alice.get(page_of(row)).text
    assert shown[1] not in later
    secret = row.secrets.get()
    assert f"…{secret.last_characters}" in later
    assert "just now" in later
    assert secret.expires_at is not None
    assert 728 < (secret.expires_at - timezone.now()).days < 731


def test_sending_the_form_again_issues_no_other_secret(
    as_alice: Client, acme: Organization
) -> None:
    row, form = registered(acme).row, secret_form()
    assert as_alice.post(f"{page_of(row)}secrets/", form).status_code == 200

    again = as_alice.post(f"{page_of(row)}secrets/", form)

    assert again.status_code == 409
    assert "This secret was issued already" in again.text
    assert row.secrets.count() == 2


@pytest.mark.parametrize(
    "changed", [{"note": ""}, {"years": "4"}, {"years": ""}, {"nonce": ""}]
)
def test_what_is_typed_wrong_issues_no_secret(
    as_alice: Client, acme: Organization, changed: dict[str, str]
) -> None:
    row = registered(acme).row
    answer = as_alice.post(f"{page_of(row)}secrets/", secret_form(**changed))
    assert answer.status_code == 422
    assert row.secrets.count() == 1


def test_five_secrets_are_enough(as_alice: Client, acme: Organization) -> None:
    row = registered(acme).row
    answers = [
        as_alice.post(f"{page_of(row)}secrets/", secret_form()) for _ in range(5)
    ]
    assert [each.status_code for each in answers] == [200] * 4 + [422]
    assert "Five secrets are valid already." in answers[-1].text


def test_revoking_a_secret_says_what_happens(
    as_alice: Client, acme: Organization
) -> None:
    row = registered(acme).row
    question = as_alice.get(revoke_url(row)).text
    assert "or a token that it was good for, is refused at once" in question

    answer = as_alice.post(revoke_url(row), follow=True).text

    assert "The secret “\u2068first\u2069” is revoked." in answer
    assert row.secrets.get().revoked_by == "Alice"
    assert "This secret is revoked already" in as_alice.get(revoke_url(row)).text


def test_removing_a_client_says_what_happens(
    as_alice: Client, acme: Organization
) -> None:
    row = registered(acme).row
    question = as_alice.get(f"{page_of(row)}remove/").text
    assert "connections and tokens are refused at once" in question

    answer = as_alice.post(f"{page_of(row)}remove/", follow=True).text

    assert "The client “\u2068Entra ID\u2069” is removed." in answer
    assert "No client has been registered yet." in answer
    assert as_alice.get(page_of(row)).status_code == 404
    assert as_alice.post(f"{page_of(row)}remove/").status_code == 404
    assert AuditEvent.objects.filter(action=Action.CLIENT_REMOVED).count() == 1


def test_a_user_manager_sees_clients_and_changes_nothing(
    as_carol: Client, acme: Organization
) -> None:
    row = registered(acme).row

    page = as_carol.get(page_of(row)).text

    assert row.client_id in page
    assert "add-secret-form" not in page
    assert "register-client-form" not in as_carol.get(CONNECTION).text
    form = {"client_name": "Mine", "token_minutes": "60"}
    for address, fields in (
        (REGISTER, form),
        (f"{page_of(row)}secrets/", secret_form()),
        (revoke_url(row), {}),
        (f"{page_of(row)}remove/", {}),
    ):
        assert as_carol.post(address, fields).status_code == 403
    assert acme.oauth_clients.get().secrets.filter(revoked_at=None).count() == 1


def test_names_are_only_text(as_alice: Client, acme: Organization) -> None:
    row = registered(acme, "<img src=x>").row
    for address in (CONNECTION, page_of(row), f"{page_of(row)}remove/"):
        page = as_alice.get(address).text
        assert "<img" not in page
        assert "&lt;img src=x&gt;" in page


def lifetime_url(client: OAuthClient) -> str:
    return f"{page_of(client)}lifetime/"


def test_the_lifetime_of_tokens_is_changed_and_those_there_are_live_out(
    as_alice: Client, enabled_acme: Organization
) -> None:
    entra = registered(enabled_acme)
    fields = entra.body | {"grant_type": "client_credentials"}
    as_alice.post(TOKEN, urlencode(fields), content_type=FORM)
    given = enabled_acme.access_tokens.get()

    page = as_alice.post(
        lifetime_url(entra.row), {"token_minutes": "360"}, follow=True
    ).text

    assert "Saved. It counts for the next token." in page
    assert "An access token lasts 360 minutes." in page
    assert enabled_acme.access_tokens.get().expires_at == given.expires_at
    answer = as_alice.post(TOKEN, urlencode(fields), content_type=FORM)
    assert answer.json()["expires_in"] == 360 * 60
    as_alice.post(lifetime_url(entra.row), {"token_minutes": "360"})
    [event] = AuditEvent.objects.filter(action=Action.CLIENT_CHANGED)
    assert event.actor["label"] == "Alice"
    assert event.changes == [{"attribute": "token_minutes", "before": 60, "after": 360}]


@pytest.mark.parametrize("minutes", ["59", "361", "", "soon"])
def test_a_lifetime_that_entra_does_not_take_is_refused(
    as_alice: Client, acme: Organization, minutes: str
) -> None:
    client = registered(acme).row

    page = as_alice.post(lifetime_url(client), {"token_minutes": minutes})

    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    client.refresh_from_db()
    assert client.token_minutes == 60
    assert not AuditEvent.objects.filter(action=Action.CLIENT_CHANGED).exists()


def test_nobody_else_changes_the_lifetime(
    as_carol: Client, as_mallory: Client, acme: Organization
) -> None:
    client = registered(acme).row

    for stranger, code in ((as_carol, 403), (as_mallory, 404)):
        sent = stranger.post(lifetime_url(client), {"token_minutes": "90"})
        assert sent.status_code == code
    client.refresh_from_db()
    assert client.token_minutes == 60
    assert not AuditEvent.objects.filter(action=Action.CLIENT_CHANGED).exists()


def test_who_is_no_longer_the_administrator_when_it_is_done_changes_nothing(
    acme: Organization, carol: User
) -> None:
    client = registered(acme).row

    with pytest.raises(NotAllowed):
        clients.set_lifetime(acme, client.pk, token_minutes=90, actor=actor_for(carol))

    client.refresh_from_db()
    assert client.token_minutes == 60
    assert not AuditEvent.objects.filter(action=Action.CLIENT_CHANGED).exists()
