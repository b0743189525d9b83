from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers.certificates import parse_certificates
from saml_sso.models import IdentityProvider, identity_provider_of
from tests.conftest import signed_in, trust_an_identity_provider
from tests.saml_sso import builders

PAGE = "/manage/security/login/"
METADATA = "/manage/security/login/metadata/"
MANUAL = "/manage/security/login/manual/"
SAVE = "/manage/security/login/save/"
REMOVE = "/manage/security/login/remove/"


class HiddenFields(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page.split('id="saml-save-form"')[1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = dict(attrs)
        if tag == "input" and fields.get("type") == "hidden":
            self.values[fields["name"] or ""] = fields["value"] or ""


def typed(**changes: str) -> dict[str, str]:
    return {
        "entity_id": "https://sts.windows.net/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/",
        "single_sign_on_url": "https://login.microsoftonline.com/8adf8e6e/saml2",
        "single_logout_url": "",
        "after_logout_url": "",
        "certificates": builders.pem(),
    } | changes


def errors_of(page: str) -> int:
    return page.split("error-summary")[1].split("</ul>", maxsplit=1)[0].count("<li>")


def saml_events() -> int:
    return AuditEvent.objects.filter(action__startswith="saml.").count()


def test_the_page_gives_the_values_for_entra(
    as_alice: Client, acme: Organization
) -> None:
    page = as_alice.get(PAGE).text

    base = f"https://admin.example.jp/saml/{acme.public_id}"
    assert f">{base}/metadata<" in page
    assert f">{base}/acs<" in page
    assert f">{base}/logout<" in page
    assert ">https://admin.example.jp/s/acme/<" in page
    assert "None yet. Do steps 1 and 2." in page


@pytest.mark.parametrize("way", ["paste", "file"])
def test_metadata_is_previewed_and_then_saved(
    as_alice: Client, acme: Organization, way: str
) -> None:
    xml = builders.entra_metadata()
    given = (
        {"metadata_xml": xml.decode("utf-8-sig")}
        if way == "paste"
        else {"metadata_file": SimpleUploadedFile("metadata.xml", xml)}
    )
    preview = as_alice.post(METADATA, given)
    assert preview.status_code == 200
    assert "Nothing is saved yet." in preview.text
    assert identity_provider_of(acme) is None

    fields = HiddenFields(preview.text).values
    for certificate in parse_certificates(fields["certificates"]):
        assert certificate.sha1 in preview.text
        assert certificate.sha256 in preview.text
    page = as_alice.post(SAVE, fields, follow=True).text

    assert "The SAML login settings are saved." in page
    provider = identity_provider_of(acme)
    assert provider is not None
    assert provider.entity_id in page
    assert provider.changed_by == "Alice"
    assert saml_events() == 1


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_certificate_says_what_key_it_is_for(
    as_alice: Client, acme: Organization, language: str
) -> None:
    curve = builders.pem(key=builders.ec_key())
    as_alice.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    preview = as_alice.post(MANUAL, typed(certificates=builders.pem() + curve)).text
    page = as_alice.post(SAVE, HiddenFields(preview).values, follow=True).text

    said = {"en": "{}, {} bits", "ja": "{}、{} ビット"}[language]
    for shown in (preview, page):
        assert said.format("RSA", 2048) in shown
        assert said.format("EC", 256) in shown


def test_values_typed_by_hand_are_previewed(
    as_alice: Client, acme: Organization
) -> None:
    preview = as_alice.post(MANUAL, typed())

    assert preview.status_code == 200
    assert "8adf8e6e-67b2-4cf2-a259-e3dc5476c621" in preview.text
    assert identity_provider_of(acme) is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"entity_id": ""}, "This value is required."),
        ({"entity_id": "https://sts.windows.net/{tenantid}/"}, "placeholder"),
        ({"single_sign_on_url": "http://login.test/"}, "must begin with https://"),
        ({"single_sign_on_url": "https://127.0.0.1/"}, "reachable on the internet"),
        ({"after_logout_url": "javascript:alert(1)"}, "must begin with https://"),
        ({"certificates": "hello"}, "This is not a certificate in PEM form."),
    ],
)
@pytest.mark.parametrize("path", [MANUAL, SAVE])
def test_what_may_not_be_trusted_is_refused_in_both_steps(
    as_alice: Client,
    acme: Organization,
    path: str,
    changes: dict[str, str],
    sentence: str,
) -> None:
    response = as_alice.post(path, typed(**changes))

    assert response.status_code == 422
    assert sentence in response.text
    assert 'role="alert"' in response.text
    assert identity_provider_of(acme) is None
    assert saml_events() == 0


def test_an_expired_certificate_is_refused_with_its_day(as_alice: Client) -> None:
    past = timezone.now() - timedelta(days=30)
    pem = builders.pem(
        not_before=past - timedelta(days=30),
        not_after=past,
    )
    response = as_alice.post(MANUAL, typed(certificates=pem))

    assert response.status_code == 422
    day = f"{timezone.localtime(past):%Y-%m-%d}"
    assert f"This certificate expired on {day}." in response.text


def test_a_private_key_is_refused_and_not_shown_again(as_alice: Client) -> None:
    key = builders.private_key_pem()

    response = as_alice.post(MANUAL, typed(certificates=key))

    assert response.status_code == 422
    assert "This is a private key, not a certificate." in response.text
    assert key.splitlines()[1] not in response.text


@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        ("", "Choose the metadata file, or paste its text."),
        ("<x>", "This is not a complete XML document."),
        ("<x/>", "This XML is not SAML metadata."),
        ("\0", "Null characters are not allowed."),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x/>', "contains a DOCTYPE"),
    ],
)
def test_metadata_that_cannot_be_read_says_why(
    as_alice: Client, acme: Organization, xml: str, sentence: str
) -> None:
    response = as_alice.post(METADATA, {"metadata_xml": xml})

    assert response.status_code == 422
    assert sentence in response.text
    assert errors_of(response.text) == 1
    assert identity_provider_of(acme) is None


def test_an_empty_file_is_one_message(as_alice: Client) -> None:
    file = SimpleUploadedFile("metadata.xml", b"")

    response = as_alice.post(METADATA, {"metadata_file": file})

    assert response.status_code == 422
    assert errors_of(response.text) == 1
    assert "The submitted file is empty." in response.text


@pytest.mark.parametrize("is_same", [True, False])
def test_a_file_and_another_text_are_one_too_many(
    as_alice: Client, *, is_same: bool
) -> None:
    xml = builders.entra_metadata()
    text = xml.decode("utf-8-sig").replace("\n", "\r\n") if is_same else "<x/>"
    file = SimpleUploadedFile("metadata.xml", xml)

    response = as_alice.post(METADATA, {"metadata_file": file, "metadata_xml": text})

    assert response.status_code == (200 if is_same else 422)
    refusal = "Choose a file or paste the text, not both."
    assert (refusal in response.text) != is_same


@pytest.mark.parametrize("is_checked", [True, False])
def test_a_text_of_three_megabytes_is_too_large(
    alice: User, *, is_checked: bool
) -> None:
    client = Client(enforce_csrf_checks=is_checked)
    signed_in(alice, client)
    client.get(PAGE)  # as a browser that has the cookie of the form

    response = client.post(METADATA, {"metadata_xml": "x" * 3 * 1024 * 1024})

    assert response.status_code == 413
    assert "larger than 1 MB" in response.text


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(
    as_alice: Client, acme: Organization
) -> None:
    fields = HiddenFields(as_alice.post(MANUAL, typed()).text).values
    assert fields["version"] == ""
    trust_an_identity_provider(acme)
    before = saml_events()

    late = fields | {"entity_id": "https://idp.other.test/"}
    response = as_alice.post(SAVE, late)
    japanese = as_alice.post(SAVE, late, headers={"Accept-Language": "ja"})

    provider = identity_provider_of(acme)
    assert provider is not None
    at = f"{timezone.localtime(provider.changed_at):%H:%M}"
    assert response.status_code == 409
    said = f"\u2068Chatwork Admin\u2069 changed this at {at}. Reload and try again."
    assert said in response.text
    assert "がこの設定を変更しました" in japanese.text
    assert provider.entity_id != "https://idp.other.test/"
    assert saml_events() == before


@pytest.mark.parametrize("version", [None, "", "x", "9" * 5000, "0"])
def test_a_version_nobody_showed_overwrites_nothing(
    as_alice: Client, acme_idp: IdentityProvider, version: str | None
) -> None:
    preview = as_alice.post(MANUAL, typed(entity_id="https://idp.other.test/"))
    fields = HiddenFields(preview.text).values
    assert fields["version"] == str(acme_idp.organization.saml_versions)
    del fields["version"]

    sent = fields if version is None else fields | {"version": version}
    assert as_alice.post(SAVE, sent).status_code == 409

    acme_idp.refresh_from_db()
    assert acme_idp.entity_id != "https://idp.other.test/"


def test_a_certificate_that_begins_later_says_when(as_alice: Client) -> None:
    begins = timezone.now() + timedelta(days=34)
    later = builders.pem(not_before=begins, not_after=begins + timedelta(days=365))

    page = as_alice.post(MANUAL, typed(certificates=builders.pem() + later)).text

    day = f"{timezone.localtime(begins):%Y-%m-%d}"
    badges = re.findall(r'<span class="badge (\w+)">(.*?)</p>', page, re.DOTALL)
    assert [kind for kind, text in badges if "Valid from" in text] == ["warn"]
    assert f">{day} " in page
    assert "398 days left" not in page


def test_a_file_that_is_too_large_is_not_read(as_alice: Client) -> None:
    file = SimpleUploadedFile("metadata.xml", b"<" * (512 * 1024 + 1))

    response = as_alice.post(METADATA, {"metadata_file": file})

    assert response.status_code == 422
    assert "larger than 512 kB" in response.text


def test_the_preview_escapes_what_strangers_write(as_alice: Client) -> None:
    entity_id = "https://evil.test/?a='onmouseover=alert(1)&b"

    preview = as_alice.post(MANUAL, typed(entity_id=entity_id)).text

    assert entity_id not in preview
    assert "&#x27;onmouseover=alert(1)&amp;b" in preview


def test_replacing_another_provider_is_said(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    changed = typed(entity_id="https://idp.other.test/")

    assert (
        "This replaces another identity provider" in as_alice.post(MANUAL, changed).text
    )


def test_settings_are_removed_after_a_question(
    as_alice: Client, acme: Organization, acme_idp: IdentityProvider
) -> None:
    assert "Nobody can sign in with Entra ID any more." in as_alice.get(REMOVE).text

    page = as_alice.post(REMOVE, follow=True).text

    assert "The SAML login settings are removed." in page
    assert identity_provider_of(acme) is None
    assert AuditEvent.objects.filter(action=Action.SAML_REMOVED).count() == 1


def test_an_open_gate_keeps_the_settings(
    as_alice: Client, enabled_acme: Organization
) -> None:
    response = as_alice.post(REMOVE)
    japanese = as_alice.post(REMOVE, headers={"Accept-Language": "ja"})

    assert response.status_code == 409
    assert "Disable user synchronization first." in response.text
    for path in (PAGE, REMOVE):
        page = as_alice.get(path).text
        assert "Disable user synchronization first." in page
        assert "Remove…" not in page
        assert "saml-remove-form" not in page
    assert "先にユーザー同期を無効にしてください。" in japanese.text
    assert identity_provider_of(enabled_acme) is not None
    assert not AuditEvent.objects.filter(action=Action.SAML_REMOVED).exists()


@pytest.mark.parametrize("path", [METADATA, MANUAL, SAVE, REMOVE])
def test_a_user_manager_changes_nothing(
    as_carol: Client, acme: Organization, acme_idp: IdentityProvider, path: str
) -> None:
    before = saml_events()

    response = as_carol.post(path, typed(entity_id="https://idp.other.test/"))

    assert response.status_code == 403
    provider = identity_provider_of(acme)
    assert provider is not None
    assert provider.entity_id == acme_idp.entity_id
    assert saml_events() == before


def test_reloading_the_preview_leads_back(as_alice: Client) -> None:
    for path in (METADATA, MANUAL):
        assert as_alice.get(path)["Location"] == PAGE
    assert as_alice.get(REMOVE)["Location"] == PAGE
