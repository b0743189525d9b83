"""Values have the form that their attribute's type asks for (RFC 7643 §2.3.6, §2.3.7)."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User
from scim.documents import values
from tests.scim.conftest import ENTERPRISE, USERS, Document, Provisioning

CERTIFICATE = b64encode(b"\x30\x82" + bytes(range(256)) * 3).decode()
BASE64 = "must be base64 in one line (RFC 4648 §4), without BEGIN and END"
URI = "must be a URI (RFC 3986); write spaces and what is not ASCII as %XX"


def certificate(value: str) -> Document:
    return {"x509Certificates": [{"value": value}]}


def photo(value: str) -> Document:
    return {"photos": [{"value": value, "type": "photo"}]}


def manager(reference: str | None) -> Document:
    return {ENTERPRISE: {"manager": {"value": "26118915", "$ref": reference}}}


FORMED: list[Document] = [
    certificate(CERTIFICATE),
    certificate(CERTIFICATE.rstrip("=")),  # §2.3.6 lets it be left out
    {"profileUrl": "https://login.example.jp/bjensen?a=b#c"},
    {"profileUrl": "https://example.jp/%E5%B1%B1%E7%94%B0"},
    photo("https://photos.example.jp/72930000000Ccne/F"),
    photo("data:image/png;base64,AAAA"),
    manager("../Users/26118915-6090-4610-87e4-49d8ca9f808d"),  # RFC 7643 §8.3
    manager("http://example.jp/scim/Users/2"),  # F19
]


@pytest.mark.parametrize("formed", FORMED)
def test_a_value_of_the_right_form_is_kept_as_it_was_sent(
    entra: Provisioning, formed: Document
) -> None:
    """RFC 7643 §2.3.6, §2.3.7."""
    one = f"{USERS}/{entra.create(**formed)}"

    kept = entra.get(one).body

    assert {name: kept[name] for name in formed} == formed


MALFORMED: list[tuple[Document, str, str]] = [
    (certificate("not base64!"), "x509Certificates.value", BASE64),
    (certificate("AAAAA"), "x509Certificates.value", BASE64),
    (certificate("AA=A"), "x509Certificates.value", BASE64),
    (certificate("AA-_"), "x509Certificates.value", BASE64),  # of URLs: §5, not §4
    (certificate(f"{CERTIFICATE[:64]}\n"), "x509Certificates.value", BASE64),
    (certificate("-----BEGIN CERTIFICATE-----"), "x509Certificates.value", BASE64),
    ({"profileUrl": "https://example.jp/a b"}, "profileUrl", URI),
    ({"profileUrl": "https://example.jp/山田"}, "profileUrl", URI),
    ({"profileUrl": "https://"}, "profileUrl", URI),
    (photo("<img>"), "photos.value", URI),
    (photo("https://example.jp/%zz"), "photos.value", URI),
    (manager("not a URI"), f"{ENTERPRISE}:manager.$ref", URI),
]


@pytest.mark.parametrize(("malformed", "path", "said"), MALFORMED)
def test_a_value_of_another_form_is_refused_by_every_write(
    entra: Provisioning, malformed: Document, path: str, said: str
) -> None:
    """RFC 7643 §2.3.6, §2.3.7: nothing is written, nothing recorded but the refusal."""
    whole = {"userName": "a@example.jp", **malformed}
    one = f"{USERS}/{entra.create('b@example.jp')}"
    before = entra.get(one).body

    answers = [
        entra.post(USERS, whole),
        entra.put(one, whole),
        entra.patch(one, {"op": "add", "value": malformed}),
        *(
            entra.patch(one, {"op": "replace", "path": name, "value": value})
            for name, value in malformed.items()
        ),
    ]

    for answer in answers:
        assert answer.refusal == (400, "invalidValue", "CW-USER-7")
        assert f"{path} {said}" in answer.body["detail"]
    assert entra.get(one).body == before
    written = [Action.USER_PROVISIONED, Action.USER_CHANGED]
    assert AuditEvent.objects.filter(action__in=written).count() == 1


def test_what_was_kept_before_is_no_reason_to_refuse_other_changes(
    entra: Provisioning,
) -> None:
    user = entra.create()
    User.objects.filter(pk=user).update(
        document={"userName": "yamada@example.jp", **certificate("not base64!")}
    )
    one = f"{USERS}/{user}"

    changed = entra.patch(one, {"op": "replace", "path": "title", "value": "T"})

    assert (changed.status, changed.body["title"]) == (200, "T")
    assert entra.patch(one, {"op": "remove", "path": "x509Certificates"}).status == 200


@given(st.binary(max_size=300))
def test_whatever_is_encoded_is_base64(held: bytes) -> None:
    encoded = b64encode(held).decode()

    assert values.is_base64(encoded)
    assert values.is_base64(encoded.rstrip("="))
    assert not values.is_base64(f"{encoded} ")


@given(st.text(max_size=200))
def test_a_uri_holds_only_what_rfc_3986_lets_it(text: str) -> None:
    if values.is_uri(text):
        assert text.isascii()
        assert set(text).isdisjoint(' "<>\\^`{|}\n\t')


@pytest.mark.parametrize(
    "reference", ["", "/", "?q", "#f", "//host", "a/b:c", "./a:b", "urn:x:y", "m:a@b"]
)
def test_a_reference_may_be_relative(reference: str) -> None:
    assert values.is_uri(reference)


@pytest.mark.parametrize("reference", ["1a:b", "http:", "https:///x", "a%", "[", ":"])
def test_not_every_text_is_a_reference(reference: str) -> None:
    assert not values.is_uri(reference)


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "a@" * 10**5, "%41" * 10**5, "a:" * 10**5]
)
def test_a_long_text_takes_no_time(text: str) -> None:
    for each in (text, f"{text} ", f"//{text} ", f"//[{text} "):
        values.is_uri(each)
        values.is_base64(each)
