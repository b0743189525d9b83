"""Posts that are no form, and requests that name another host."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chatwork_admin.organizations.models import User
from saml_sso.sign_in.posted import LARGEST_BODY
from tests.saml_sso.refusing import assert_refused
from tests.saml_sso.signing_in import (
    Visitor,
    refusal_after,
    written,
)

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.test"},
        {"X-Forwarded-Proto": "http", "X-Forwarded-Port": "8443"},
        {"Forwarded": "host=evil.test;proto=http"},
        {"X-Original-URL": "/saml/evil/acs", "X-Rewrite-URL": "/saml/evil/acs"},
    ],
)
def test_forged_headers_change_nothing(
    visitor: Visitor, bob: User, headers: dict[str, str]
) -> None:
    plain = visitor.start().url.partition("SAMLRequest")[0]
    login = visitor.client.get(visitor.entra.address("login"), headers=headers)
    asked = visitor.start()
    saml_response = visitor.entra.answer(asked.request_id, bob)
    response = visitor.post(saml_response, asked.relay_state, headers=headers)

    assert login["Location"].startswith(plain)
    assert response["Location"].startswith(visitor.entra.address("complete"))


def test_a_response_minted_for_a_forged_host_is_refused(
    visitor: Visitor, bob: User, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    asked = visitor.start()
    acs = f"https://evil.test{visitor.entra.address('acs')}"
    saml_response = visitor.entra.answer(asked.request_id, bob, destination=acs)
    before = written()

    response = visitor.post(
        saml_response, asked.relay_state, headers={"Host": "evil.test"}
    )

    assert_refused(response, "wrong-destination", before)


# Forms


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        ("RelayState=x", FORM),
        ("SAMLResponse=a&SAMLResponse=b", FORM),
        ("SAMLResponse=a&RelayState=b&RelayState=c", FORM),
        ("SAMLResponse=" + "a" * LARGEST_BODY, FORM),
        ("&".join(f"a{each}=" for each in range(2000)), FORM),
        ("SAMLResponse=a", f"{FORM}; charset=utf-7"),
        ("SAMLResponse=a", "text/plain"),
        ('{"SAMLResponse": "a"}', "application/json"),
        ("--x\r\nbroken", "multipart/form-data; boundary=x"),
        ("--x\r\nbroken", "multipart/form-data"),
    ],
)
def test_a_form_that_is_none_is_refused(
    visitor: Visitor, body: str, content_type: str
) -> None:
    before = written()
    response = Client().post(
        visitor.entra.address("acs"), body, content_type=content_type
    )

    assert_refused(refusal_after(response), "form-malformed", before)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_only_a_post_is_an_answer(visitor: Visitor, method: str) -> None:
    response = getattr(visitor.client, method)(visitor.entra.address("acs"))

    assert response.status_code == 405


@pytest.mark.parametrize("name", ["login", "complete"])
def test_only_a_get_starts_and_ends(visitor: Visitor, name: str) -> None:
    assert visitor.client.post(visitor.entra.address(name)).status_code == 405


@pytest.mark.parametrize("name", ["login", "acs", "complete", "metadata"])
def test_an_organization_that_is_none_is_not_found(db: None, name: str) -> None:
    address = f"/saml/AAAAAAAAAAAAAAAAAAAAAA/{name}"
    answer = Client().post(address) if name == "acs" else Client().get(address)

    assert answer.status_code == 404
