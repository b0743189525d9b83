"""A consent is to the words that the page showed, in the language it showed them in."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.models import NoticeAcceptance
from saml_sso.models import IdentityProvider
from tests.portal.synchronization.test_synchronization_page import (
    ENABLE,
    NOTES,
    VERSIONS,
    ticked,
)

CHANGED = "The notes have changed since this page was opened. Read them again."
ODD = [
    "",
    "en",
    "en:",
    f"fr:{VERSIONS}",
    f":{VERSIONS}",
    f"en:{VERSIONS}.1",
    "en:0.0.0.0.0.0.0.0.0",
    f"en:{VERSIONS}\0",
]


@pytest.mark.parametrize("words", ODD)
def test_a_consent_to_other_words_enables_nothing(
    as_alice: Client, acme: Organization, acme_idp: IdentityProvider, words: str
) -> None:
    before = AuditEvent.objects.count()

    response = as_alice.post(ENABLE, ticked(words=words))

    assert response.status_code == 422
    assert CHANGED in response.text
    assert not re.search(r'name="accepted"[^>]* checked', response.text)
    assert "0 / 9" in response.text
    assert gate.synchronization_of(acme).state == "off"
    assert not NoticeAcceptance.objects.exists()
    assert AuditEvent.objects.count() == before


def test_a_form_that_does_not_say_its_words_enables_nothing(
    as_alice: Client, acme: Organization, acme_idp: IdentityProvider
) -> None:
    form = ticked()
    del form["words"]

    response = as_alice.post(ENABLE, form, headers={"Accept-Language": "ja"})

    assert response.status_code == 422
    assert "注意事項の内容が変更されました" in response.text
    assert gate.synchronization_of(acme).state == "off"


def test_newer_notes_are_confirmed_in_their_own_words_only(
    as_alice: Client, enabled_acme: Organization
) -> None:
    NoticeAcceptance.objects.filter(key="delete").delete()
    before = NoticeAcceptance.objects.count()

    response = as_alice.post(NOTES, ticked(words="ja:1"))

    assert response.status_code == 422
    assert CHANGED in response.text
    assert NoticeAcceptance.objects.count() == before
