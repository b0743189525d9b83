"""A form that is sent after the session has ended waits until its sender is back."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.sessions import kept_forms
from chatwork_admin.synchronization import gate
from tests.saml_sso.signing_in import Visitor, entra_of

DOOR, GO_ON = "/s/acme/", "/account/step-up/"
PAUSE, MANUAL = "/manage/sync/stop/pause/", "/manage/security/login/manual/"
METADATA = "/manage/security/login/metadata/"
KEPT, LOST = "It is kept for ten minutes", "Please send it again"


def be_idle(person: User) -> None:
    long_ago = timezone.now() - timedelta(minutes=241)
    UserSession.objects.filter(user=person).update(last_seen_at=long_ago)


def late(client: Client, person: User, path: str, fields: dict[str, Any]) -> str:
    """Send a form too late; return the page that this leads to."""
    be_idle(person)
    door = client.post(path, fields)["Location"]
    assert door.startswith(DOOR)
    return client.get(door).text


def hidden_in(page: str) -> dict[str, str]:
    """Return the fields of the form that goes on."""
    form = page.split('id="go-on-form"')[1].split("</form>", maxsplit=1)[0]
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def sign_in(client: Client, person: User, password: str) -> str:
    """Sign in at the door with a password; return where that leads."""
    proof = {"username": person.user_name, "password": password}
    location: str = client.post(f"{DOOR}?next={GO_ON}", proof)["Location"]
    return location


def test_the_form_is_shown_after_signing_in_and_sent_by_a_button(
    enabled_acme: Organization, as_alice: Client, alice: User, password: str
) -> None:
    be_idle(alice)
    door = as_alice.post(PAUSE, {"reason": "audit"})["Location"]
    assert parse_qs(urlsplit(door).query)["next"] == [GO_ON]
    assert KEPT in as_alice.get(door).text

    assert sign_in(as_alice, alice, password) == GO_ON
    page = as_alice.get(GO_ON).text
    assert "Pause user synchronization" in page
    assert gate.synchronization_of(enabled_acme).state == "on"
    assert not AuditEvent.objects.filter(action="sync.paused").exists()

    as_alice.post(PAUSE, hidden_in(page))
    assert gate.synchronization_of(enabled_acme).state == "paused"
    assert as_alice.get(GO_ON)["Location"] == "/manage/"


def test_a_form_of_another_tab_waits_although_its_sender_has_signed_out(
    enabled_acme: Organization, as_alice: Client, alice: User, password: str
) -> None:
    signed_out = as_alice.post("/sign-out/", follow=True).text
    assert "You have signed out." in signed_out
    assert "in another tab" not in signed_out

    door = as_alice.post(PAUSE, {"reason": "audit"})["Location"]
    page = as_alice.get(door).text
    assert "You had signed out, in another tab perhaps." in page
    assert KEPT in page
    assert sign_in(as_alice, alice, password) == GO_ON
    as_alice.post(PAUSE, hidden_in(as_alice.get(GO_ON).text))
    assert gate.synchronization_of(enabled_acme).state == "paused"


def test_nobody_else_is_shown_what_came_after_signing_out(
    enabled_acme: Organization, as_alice: Client, carol: User, password: str
) -> None:
    as_alice.post("/sign-out/")
    as_alice.post(PAUSE, {"reason": "audit"})

    sign_in(as_alice, carol, password)

    assert as_alice.get(GO_ON)["Location"] == "/manage/"
    assert kept_forms.NAME not in as_alice.session


def test_it_waits_through_a_sign_in_by_saml(acme: Organization, alice: User) -> None:
    visitor = Visitor(entra_of(acme))
    visitor.sign_in(alice)
    late(visitor.client, alice, PAUSE, {"reason": "audit"})

    visitor.sign_in(alice)

    assert "audit" in visitor.client.get(GO_ON).text


def test_what_was_typed_into_settings_is_previewed_after_signing_in(
    as_alice: Client, alice: User, password: str
) -> None:
    late(as_alice, alice, MANUAL, {"entity_id": "https://idp.example.com/typed"})
    sign_in(as_alice, alice, password)

    page = as_alice.get(GO_ON).text

    assert "Check the SAML login settings" in page
    assert hidden_in(page)["entity_id"] == "https://idp.example.com/typed"


def test_nobody_else_is_shown_it(
    as_alice: Client, alice: User, carol: User, password: str
) -> None:
    late(as_alice, alice, PAUSE, {"reason": "audit"})
    assert "next" not in sign_in(as_alice, carol, password)

    assert as_alice.get(GO_ON)["Location"] == "/manage/"
    sign_in(as_alice, alice, password)
    assert as_alice.get(GO_ON)["Location"] == "/manage/"


def test_it_waits_for_ten_minutes(
    as_alice: Client, alice: User, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late(as_alice, alice, PAUSE, {"reason": "audit"})
    monkeypatch.setattr(kept_forms, "KEPT_SECONDS", -1)
    sign_in(as_alice, alice, password)

    assert as_alice.get(GO_ON)["Location"] == "/manage/"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (METADATA, {"metadata_file": SimpleUploadedFile("x.xml", b"<x/>")}),
        ("/manage/security/login/certificates/", {"certificate": "BEGIN PRIVATE KEY"}),
        ("/account/password/", {"password": "old", "new_password": "new"}),
        ("/account/second-factor/replace/confirm/", {"code": "123456"}),
        ("/account/sessions/others/end/", {}),
        (PAUSE, {"reason": "x" * kept_forms.LONGEST}),
    ],
)
def test_what_may_not_be_kept_is_said_to_be_lost(
    as_alice: Client, alice: User, path: str, fields: dict[str, Any]
) -> None:
    page = late(as_alice, alice, path, fields)

    assert LOST in page
    assert KEPT not in page
    assert kept_forms.NAME not in as_alice.session


def test_another_site_leaves_no_form_behind(as_alice: Client, alice: User) -> None:
    be_idle(alice)
    client = Client(enforce_csrf_checks=True)
    client.cookies = as_alice.cookies

    assert client.post(PAUSE, {"reason": "planted"}).status_code == 403
    assert kept_forms.NAME not in client.session


def test_strangers_leave_none_either(client: Client, acme: Organization) -> None:
    client.post(PAUSE, {"reason": "planted"})

    assert kept_forms.NAME not in client.session


def test_whoever_has_no_access_any_more_is_told_of_no_form(
    as_carol: Client, carol: User
) -> None:
    User.objects.filter(pk=carol.pk).update(is_active=False)

    assert KEPT not in late(as_carol, carol, PAUSE, {"reason": "audit"})
