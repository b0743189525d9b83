"""The hand-over sheet: all that Entra ID asks for, in both languages, and no secret."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import OAuthClient
from chatwork_admin.organizations.models import Organization, User
from tests.authorization.conftest import authorizable, granted, registered
from tests.authorization.workloads import trusted
from tests.conftest import signed_in

SHEET, TEXT = "/manage/sync/connection/sheet/", "/manage/sync/connection/sheet.txt"
BOTH = pytest.mark.parametrize("address", [SHEET, TEXT], ids=["page", "text"])
BASE = "https://admin.example.jp"
OKTA = "https://system-admin.okta.com/admin/app/cpc/chatwork_1/oauth/callback"


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@BOTH
def test_it_has_each_value_that_entra_asks_for(
    as_alice: Client, acme: Organization, address: str
) -> None:
    client = registered(acme).row

    said = read(as_alice, address)

    for value in (
        f"{BASE}/scim/v2",
        f"{BASE}/oauth/token",
        f"{BASE}/oauth/authorize",
        f"{BASE}/saml/{acme.public_id}/metadata",
        f"{BASE}/saml/{acme.public_id}/acs",
        f"{BASE}/saml/{acme.public_id}/logout",
        f"{BASE}/s/acme/",
        client.client_id,
        "Acme 株式会社",
        f"{timezone.localdate()}",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "externalId",
    ):
        assert value in said


@BOTH
@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_is_in_both_languages_whichever_one_reads(
    as_alice: Client, address: str, language: str
) -> None:
    said = as_alice.get(address, headers={"Accept-Language": language}).content.decode()

    for words in (
        "引き継ぎシート",
        "Hand-over sheet",
        "シングルサインオン（SAML）",
        "Single sign-on (SAML)",
        "トークン エンドポイント",
        "Token Endpoint",
        "このシートには記載していません",
        "Not on this sheet.",
    ):
        assert words in said


@BOTH
def test_it_knows_whom_a_client_trusts_and_where_its_codes_go(
    as_alice: Client, enabled_acme: Organization, globex: Organization, address: str
) -> None:
    theirs = trusted(registered(globex).row)
    ours = authorizable(enabled_acme, OKTA)
    assert theirs.row.subject not in read(as_alice, address)

    identity = trusted(ours.row).row
    said = read(as_alice, address)

    for value in (identity.subject, identity.issuer, identity.audience, OKTA):
        assert value in said
    assert "Workload identity federation: no secret is needed" in said
    assert "ワークロード ID フェデレーション（シークレットは不要）" in said
    assert "Redirect address (Entra ID)" in said


@BOTH
def test_it_has_nothing_that_is_secret(
    as_alice: Client, enabled_acme: Organization, address: str
) -> None:
    entra = registered(enabled_acme)
    _, token = tokens.issue(enabled_acme, name="x", expires_at=None, actor=SYSTEM)
    granted(enabled_acme)

    said = read(as_alice, address)

    for secret in (entra.secret, token):
        assert secret not in said
        assert secret.rpartition("_")[0][-4:] not in said
    assert "sso_skip" not in said


@BOTH
def test_the_sheet_is_the_organizations_own(
    as_mallory: Client, acme: Organization, address: str
) -> None:
    client = registered(acme).row

    said = read(as_mallory, address)

    assert client.client_id not in said
    assert acme.public_id not in said
    assert "Acme" not in said


def test_user_managers_may_hand_it_on_and_members_may_not(
    as_carol: Client, bob: User
) -> None:
    assert as_carol.get(SHEET).status_code == 200
    assert signed_in(bob).get(SHEET).status_code == 403
    assert signed_in(bob).get(TEXT).status_code == 403
    assert Client().get(TEXT).status_code == 302


def test_the_text_is_a_file(as_alice: Client) -> None:
    answer = as_alice.get(TEXT)

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == (
        'attachment; filename="chatwork-acme-entra-id.txt"'
    )


@BOTH
def test_a_name_stays_on_its_line_and_is_only_text(
    as_alice: Client, acme: Organization, address: str
) -> None:
    client = registered(acme).row
    forged = "Entra\n   Tenant URL\n      https://evil.example/<b>"
    OAuthClient.objects.filter(pk=client.pk).update(name=forged)

    said = read(as_alice, address)

    assert "Entra Tenant URL https://evil.example/" in said
    assert "\n      https://evil.example" not in said
    assert address == TEXT or "&lt;b&gt;" in said


@pytest.mark.parametrize(
    "page", ["/manage/sync/connection/", "/manage/security/login/"]
)
def test_it_is_found_where_its_values_are(as_alice: Client, page: str) -> None:
    assert SHEET in as_alice.get(page).text
