from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider, SettingsVersion
from tests.portal.saml.test_settings import MANUAL, SAVE, HiddenFields, typed
from tests.saml_sso import builders

PAGE = "/manage/security/login/versions/"
A = "https://idp.example.com/a"
B = "https://idp.example.com/b"


def restore(client: Client, number: int):  # type: ignore[no-untyped-def]
    return client.post(f"{PAGE}{number}/restore/", follow=True)


@pytest.fixture
def two_versions(as_alice: Client) -> Client:
    certificate = builders.pem()
    for entity_id in (A, B):
        fields = typed(entity_id=entity_id, certificates=certificate)
        preview = as_alice.post(MANUAL, fields).text
        as_alice.post(SAVE, HiddenFields(preview).values)
    return as_alice


def test_the_page_says_who_saved_what_when(two_versions: Client) -> None:
    page = two_versions.get(PAGE).text

    newest, first = page.split('<section class="panel"')[1:]
    assert "Version 2" in newest
    assert "Trusted now" in newest
    assert "Restore" not in newest
    changed = re.search(r"Entity ID</th>.*?</tr>", newest, re.DOTALL)
    assert changed is not None
    assert changed[0].index(A) < changed[0].index(B)
    assert "Version 1" in first
    assert ">Alice<" in first


def test_a_version_says_who_tested_it_also_when_nobody_knows_any_more(
    two_versions: Client, alice: User
) -> None:
    tested = SettingsVersion.objects.filter(number=1)
    tested.update(tested_at=timezone.now(), tested_by=alice)
    assert "by <bdi>Alice</bdi>" in two_versions.get(PAGE).text

    tested.update(tested_by=None)  # as when that person is erased

    assert "by <bdi>–</bdi>" in two_versions.get(PAGE).text


def test_one_click_brings_a_version_back(two_versions: Client) -> None:
    page = restore(two_versions, 1).text

    assert "Version 1 is restored, as a new version." in page
    provider = IdentityProvider.objects.get()
    assert (provider.entity_id, provider.config_version) == (A, 3)
    assert AuditEvent.objects.filter(action="saml.restored").count() == 1


def test_settings_that_were_removed_can_be_restored(two_versions: Client) -> None:
    two_versions.post("/manage/security/login/remove/")
    assert "All versions" in two_versions.get("/manage/security/login/").text

    restore(two_versions, 2)

    assert IdentityProvider.objects.get().entity_id == B


def test_a_version_whose_certificates_expired_says_so(two_versions: Client) -> None:
    version = SettingsVersion.objects.get(number=1)
    version.settings["certificates"] = []
    version.save()
    response = restore(two_versions, 1)

    assert response.status_code == 409
    assert "Every certificate of version 1 has expired." in response.text
    assert IdentityProvider.objects.get().entity_id == B
    assert not AuditEvent.objects.filter(action="saml.restored").exists()


@pytest.mark.parametrize("number", ["9", "9" * 30, "9" * 5000])
def test_a_version_that_never_was_is_not_found(
    two_versions: Client, number: str
) -> None:
    assert two_versions.post(f"{PAGE}{number}/restore/").status_code == 404


def test_a_user_manager_reads_and_restores_nothing(
    two_versions: Client, as_carol: Client
) -> None:
    assert "Version 1" in as_carol.get(PAGE).text
    assert "/restore/" not in as_carol.get(PAGE).text
    assert restore(as_carol, 1).status_code == 403
    assert IdentityProvider.objects.get().entity_id == B


def test_nothing_was_saved_yet(as_alice: Client, acme: Organization) -> None:
    assert "Nothing has been saved yet." in as_alice.get(PAGE).text
