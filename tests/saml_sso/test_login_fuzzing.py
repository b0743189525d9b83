"""Whatever is posted: one page, no session, nothing written; and never an error of ours."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwork_admin.organizations.models import User
from tests.examples import DEAR
from tests.saml_sso.signing_in import Asked, Visitor, refusal_after, written

FORM = "application/x-www-form-urlencoded"
FEW = settings(DEAR, database=None)
TEXT = st.text(max_size=300)


@pytest.fixture
def asked(visitor: Visitor) -> Asked:
    return visitor.start()


@pytest.fixture
def genuine(visitor: Visitor, asked: Asked, bob: User) -> bytes:
    return base64.b64decode(visitor.entra.answer(asked.request_id, bob))


def assert_harmless(response: Any, before: dict[str, list[Any]]) -> None:
    response = refusal_after(response)
    assert response.status_code == 403
    assert set(response.cookies) <= {"__Host-csrf"}  # of the choice of language
    assert written() == before


@FEW
@given(edits=st.data())
def test_a_genuine_answer_with_bytes_changed(
    visitor: Visitor, asked: Asked, genuine: bytes, edits: st.DataObject
) -> None:
    before, changed = written(), bytearray(genuine)
    for _ in range(edits.draw(st.integers(1, 4))):
        at = edits.draw(st.integers(0, len(changed) - 1))
        length = edits.draw(st.sampled_from([0, 1, 1, 2, 40, 2000]))
        changed[at : at + length] = edits.draw(
            st.binary(max_size=8) | st.sampled_from([genuine[at : at + 300], b"<x/>"])
        )
    if bytes(changed) == genuine:
        return
    said = base64.b64encode(changed).decode()

    response = visitor.post(said, asked.relay_state)

    # White space between attributes is nobody's business.
    if response.status_code != 303:
        assert_harmless(response, before)


@FEW
@given(
    fields=st.lists(
        st.tuples(st.sampled_from(["SAMLResponse", "RelayState"]) | TEXT, TEXT),
        max_size=5,
    )
)
def test_any_form(visitor: Visitor, fields: list[tuple[str, str]]) -> None:
    before = written()
    body = urlencode(fields, errors="surrogatepass")

    response = Client().post(visitor.entra.address("acs"), body, content_type=FORM)

    assert_harmless(response, before)


@FEW
@given(
    body=st.binary(max_size=2000),
    content_type=st.sampled_from(
        [
            FORM,
            f"{FORM}; charset=shift_jis",
            f"{FORM}; charset=none",
            "multipart/form-data; boundary=b",
            "multipart/form-data; boundary=" + "b" * 300,
            "text/xml",
            "",
            ";;;",
        ]
    ),
)
def test_any_bytes(visitor: Visitor, body: bytes, content_type: str) -> None:
    before = written()

    response = Client().generic(
        "POST", visitor.entra.address("acs"), body, content_type=content_type
    )

    assert_harmless(response, before)


@FEW
@given(
    code=TEXT, ticket=st.text(st.characters(codec="ascii", exclude_categories=["C"]))
)
def test_any_code_and_ticket(visitor: Visitor, code: str, ticket: str) -> None:
    before = written()
    browser = Client()
    browser.cookies["__Secure-saml-flow-1"] = ticket

    query = urlencode({"c": code}, errors="surrogatepass")
    response = browser.get(f"{visitor.entra.address('complete')}?{query}")

    assert response.status_code == 403
    assert written() == before


@FEW
@given(wanted=TEXT | TEXT.map("/{}".format) | TEXT.map("//{}".format))
def test_any_place_to_go(visitor: Visitor, wanted: str) -> None:
    query = urlencode({"next": wanted}, errors="surrogatepass")
    response = visitor.client.get(f"{visitor.entra.address('login')}?{query}")

    assert response.status_code == 302
    assert response["Location"].startswith(visitor.entra.signer.login_url)
