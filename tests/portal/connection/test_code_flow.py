"""Where the administrator says how a client asks for a code, and where it may go."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization.models import OAuthClient
from chatwork_admin.organizations.models import Organization
from tests.authorization.conftest import authorizable, registered
from tests.authorization.gallery import BACK
from tests.portal.connection.test_clients import page_of
from tests.portal.mails.mailing import deliver, sent

OKTA = "https://system-admin.okta.com/admin/app/cpc/chatwork_1/oauth/callback"
OFFERED = "https://system-admin.okta.com/admin/app/cpc/{appName}/oauth/callback"


def addresses_of(client: OAuthClient) -> str:
    return f"{page_of(client)}addresses/"


def typed(*addresses: str, **more: str) -> dict[str, str]:
    return {"redirect_uris": "\r\n".join(addresses), **more}


def test_the_page_has_what_a_provider_asks_for_and_offers_known_addresses(
    as_alice: Client, acme: Organization
) -> None:
    page = as_alice.get(page_of(registered(acme).row)).text

    assert (
        '<code id="authorize-address">https://admin.example.jp/oauth/authorize' in page
    )
    assert '<code id="token-address">https://admin.example.jp/oauth/token' in page
    assert f"<code>{BACK}</code>" in page
    assert f"<code>{OFFERED}</code>" in page


def test_addresses_and_the_mark_are_saved_and_shown(
    as_alice: Client, acme: Organization
) -> None:
    client = registered(acme).row
    form = typed(f" {BACK} ", "", OKTA, BACK, may_omit_response_type="on")

    page = as_alice.post(addresses_of(client), form, follow=True).text

    assert "Saved. It counts for the next authorization." in page
    client.refresh_from_db()
    assert client.redirect_uris == [BACK, OKTA]
    assert client.may_omit_response_type
    assert f"{BACK}\n{OKTA}</textarea>" in page
    assert 'id="id_may_omit_response_type" ' in page.replace("checked", "")
    [event] = AuditEvent.objects.filter(action=Action.CLIENT_ADDRESSES_CHANGED)
    assert event.actor["label"] == "Alice"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://portal.azure.com/TokenAuthorize", "it begins with https://"),
        (f"{BACK}#x", "must have no part behind “#”"),
        (OFFERED, "Put the real value in the place of what is between brackets"),
        ("https://127.0.0.1/x", "must be reachable on the internet"),
        (" ".join(f"{BACK}/{number}" for number in range(6)), "Five addresses are"),
    ],
)
def test_what_is_typed_wrong_is_shown_again_and_changes_nothing(
    as_alice: Client, acme: Organization, address: str, said: str
) -> None:
    client = authorizable(acme).row

    answer = as_alice.post(addresses_of(client), typed(BACK, address))

    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert address in unescape(answer.text)
    client.refresh_from_db()
    assert client.redirect_uris == [BACK]


def test_nobody_else_changes_where_codes_go(
    as_carol: Client, as_mallory: Client, acme: Organization
) -> None:
    client = authorizable(acme).row

    for stranger, code in ((as_carol, 403), (as_mallory, 404)):
        sent = stranger.post(addresses_of(client), typed("https://evil.example/"))
        assert sent.status_code == code
    client.refresh_from_db()
    assert client.redirect_uris == [BACK]
    page = as_carol.get(page_of(client)).text
    assert f"<li><code>{BACK}</code></li>" in page
    assert "code-flow-form" not in page


def test_consent_says_where_one_is_led_and_a_refusal_where_addresses_are(
    as_alice: Client, enabled_acme: Organization
) -> None:
    client = authorizable(enabled_acme, OKTA)
    asked = {"client_id": client.client_id, "response_type": "code", "state": "1"}

    page = as_alice.get("/oauth/authorize", asked | {"redirect_uri": OKTA}).text
    refused = as_alice.get("/oauth/authorize", asked | {"redirect_uri": BACK}).text

    assert "Afterwards you are led to <bdi>system-admin.okta.com</bdi>." in page
    assert "Addresses of your own clients are on their pages" in refused


def test_the_mail_says_which_addresses_came_and_went_without_their_queries(
    as_alice: Client, acme: Organization
) -> None:
    client = authorizable(acme, BACK, f"{OKTA}?key=hush").row
    as_alice.post(addresses_of(client), typed(BACK, "https://id.example/new"))
    deliver(acme)

    mail = sent()[-1]
    assert "Redirect addresses of a client were changed" in mail.subject
    assert "  Address added: https://id.example/new\n" in mail.body
    assert f"  Address removed: {OKTA}?…\n" in mail.body
    assert BACK not in mail.body
    assert "hush" not in mail.body
    assert "  追加されたリダイレクト先: https://id.example/new\n" in mail.body


def test_a_mail_of_the_mark_alone_names_no_address(
    as_alice: Client, acme: Organization
) -> None:
    client = authorizable(acme).row
    as_alice.post(
        addresses_of(client), typed(BACK, may_omit_response_type="on"), follow=True
    )
    deliver(acme)

    mail = sent()[-1]
    assert "Redirect addresses of a client were changed" in mail.subject
    assert "Address added" not in mail.body
