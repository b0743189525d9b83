"""Acme's identity provider and what it answers, for tests of reading it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from saml_sso.assertions import Assertion
from saml_sso.examinations import examine
from saml_sso.expectations import Expectations
from saml_sso.response_reasons import InvalidResponse
from saml_sso.responses import read_response
from tests.entra_id.directory import User
from tests.entra_id.identity_provider import IdentityProvider, new_identity_provider
from tests.entra_id.saml_claims import claims_of
from tests.entra_id.saml_responses import SamlResponse, form_value

TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
ACS_URL = "https://admin.example.jp/saml/AcmeAcmeAcmeAcmeAcmeAc/acs"
ENTITY_ID = "https://admin.example.jp/saml/AcmeAcmeAcmeAcmeAcmeAc/metadata"
REQUEST_ID = "_5b1c0e3f7a9d4c2e8b6f0a1d3c5e7f9b2d4f6a8c"
BOB = User(
    object_id="5f0d4a52-7c11-4f0e-9d59-0d1c36a2e0a1",
    user_principal_name="bob@acme.example",
    mail="bob@acme.example",
    display_name="田中 ボブ",
    given_name="ボブ",
    surname="田中",
)


@cache
def acme() -> IdentityProvider:
    return new_identity_provider(TENANT)


def pem_of(provider: IdentityProvider) -> str:
    return provider.certificate.public_bytes(Encoding.PEM).decode()


def expectations(**changes: object) -> Expectations:
    """Return what a response to Acme's request must agree with, just now."""
    expected = Expectations(
        entity_id=ENTITY_ID,
        acs_url=ACS_URL,
        idp_entity_id=acme().entity_id,
        certificates=(pem_of(acme()),),
        request_id=REQUEST_ID,
        now=datetime.now(UTC),
        tenant_id=TENANT,
    )
    return replace(expected, **changes)  # type: ignore[arg-type]  # passed through


def answer(**changes: object) -> SamlResponse:
    """Return what Acme's Entra answers when Bob has signed in."""
    issuer = acme().entity_id
    answered = SamlResponse(
        provider=acme(),
        destination=ACS_URL,
        audience=ENTITY_ID,
        in_response_to=REQUEST_ID,
        name_id=BOB.mail,
        claims=claims_of(BOB, tenant_id=TENANT, issuer=issuer),
    )
    return replace(answered, **changes)  # type: ignore[arg-type]  # passed through


def read(xml: str, **changes: object) -> Assertion:
    """Read a response, which both ways of asking must accept."""
    expected = expectations(**changes)
    examination = examine(form_value(xml), expected)
    assertion = read_response(form_value(xml), expected)
    assert examination.refusal is None
    assert examination.assertion == assertion
    return assertion


def refusal(xml: str, **changes: object) -> InvalidResponse:
    """Return why a response is refused, on which both ways of asking must agree."""
    return refusal_of(form_value(xml), **changes)


def refusal_of(form_value: str, **changes: object) -> InvalidResponse:
    expected = expectations(**changes)
    with pytest.raises(InvalidResponse) as raised:
        read_response(form_value, expected)
    examined = examine(form_value, expected).refusal
    assert examined is not None
    assert (examined.reason, examined.detail) == (
        raised.value.reason,
        raised.value.detail,
    )
    return raised.value
