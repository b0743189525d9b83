from __future__ import annotations

import re

import pytest
from django.test import Client

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import break_glass
from saml_sso.models import BreakGlassCode
from tests.conftest import actor_for

PAGE = "/manage/security/login/codes/"
ISSUE = f"{PAGE}issue/"
DOWNLOAD = f"{PAGE}file/"


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li><code>([A-Z2-9-]{19})</code>", page)


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def issue(client: Client):  # type: ignore[no-untyped-def]
    return client.post(ISSUE, {"seen": seen_on(client.get(PAGE).text)})


def events() -> int:
    return AuditEvent.objects.filter(action="saml.codes_issued").count()


def test_ten_codes_are_shown_once(as_alice: Client, acme: Organization) -> None:
    response = issue(as_alice)

    codes = codes_on(response.text)
    assert len(set(codes)) == 10
    assert "no-store" in response["Cache-Control"]
    assert break_glass.are_good(acme, codes)
    assert not codes_on(as_alice.get(PAGE).text)
    assert "10 of 10 are left." in as_alice.get(PAGE).text


def test_a_used_code_says_by_whom_also_when_nobody_knows_any_more(
    as_alice: Client, acme: Organization, alice: User
) -> None:
    codes = break_glass.issue(acme, seen=None, actor=actor_for(alice))
    break_glass.redeem(acme, codes[0], user=alice, actor=actor_for(alice))
    assert "<bdi>Alice</bdi>" in as_alice.get(PAGE).text

    BreakGlassCode.objects.update(used_by=None)  # as when that person is erased

    assert "<bdi>–</bdi>" in as_alice.get(PAGE).text


def test_reloading_the_page_with_the_codes_voids_nothing(
    as_alice: Client, acme: Organization
) -> None:
    form = {"seen": seen_on(as_alice.get(PAGE).text)}
    codes = codes_on(as_alice.post(ISSUE, form).text)
    again = as_alice.post(ISSUE, form)

    assert again.status_code == 409
    assert "Codes have been issued already" in again.text
    assert not codes_on(again.text)
    assert break_glass.are_good(acme, codes)
    assert events() == 1


def test_a_new_set_replaces_the_old(as_alice: Client, acme: Organization) -> None:
    old = codes_on(issue(as_alice).text)
    new = codes_on(issue(as_alice).text)

    assert not set(old) & set(new)
    assert not break_glass.are_good(acme, old)
    assert BreakGlassCode.objects.count() == 10
    assert events() == 2


@pytest.mark.parametrize("seen", ["x", "2026-02-31T00:00:00Z", "\0", "9" * 5000])
def test_a_form_nobody_showed_issues_nothing(
    as_alice: Client, acme: Organization, alice: User, seen: str
) -> None:
    break_glass.issue(acme, seen=None, actor=actor_for(alice))

    assert as_alice.post(ISSUE, {"seen": seen}).status_code == 409
    assert events() == 1


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_file_has_the_codes_and_where_they_are_used(
    as_alice: Client, language: str
) -> None:
    codes = codes_on(issue(as_alice).text)
    headers = {"Accept-Language": language}
    file = as_alice.post(DOWNLOAD, {"code": codes}, headers=headers)

    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert (
        file["Content-Disposition"] == 'attachment; filename="chatwork-acme-codes.txt"'
    )
    assert "no-store" in file["Cache-Control"]
    for expected in (*codes, "https://admin.example.jp/s/acme/?sso_skip=1"):
        assert expected in file.text
    assert ("緊急用コード" in file.text) == (language == "ja")


def test_only_the_present_codes_become_a_file(as_alice: Client) -> None:
    codes = codes_on(issue(as_alice).text)
    issue(as_alice)
    for sent in ([], codes, ["<script>"] * 10):
        response = as_alice.post(DOWNLOAD, {"code": sent})
        assert response.status_code == 409
        assert "no longer good" in response.text
        assert "<script>" not in response.text


def test_the_page_says_which_codes_were_used(
    as_alice: Client, acme: Organization, alice: User
) -> None:
    codes = codes_on(issue(as_alice).text)
    break_glass.redeem(acme, codes[0], user=alice, actor=actor_for(alice))

    page = as_alice.get(PAGE).text
    assert "9 of 10 are left." in page
    assert "192.0.2.1" in page


@pytest.mark.parametrize("path", [PAGE, ISSUE, DOWNLOAD])
def test_a_user_manager_neither_sees_nor_issues_codes(
    as_carol: Client, acme: Organization, path: str
) -> None:
    assert as_carol.get(path).status_code == 403
    assert as_carol.post(path, {"seen": ""}).status_code in {403, 405}
    assert not BreakGlassCode.objects.exists()
