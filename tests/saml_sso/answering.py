"""Acme's identity provider and what it answers, for tests of reading it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from saml_sso.key_pairs import new_key_pair, parse_key_pair
from saml_sso.messages.assertions import Assertion
from saml_sso.messages.examinations import examine
from saml_sso.messages.expectations import Expectations
from saml_sso.messages.logout_messages import LogoutExpectations
from saml_sso.messages.response_reasons import InvalidResponse
from saml_sso.messages.responses import read_response
from tests.entra_id.directory import User
from tests.entra_id.identity_provider import IdentityProvider, new_identity_provider
from tests.entra_id.saml_responses import SamlResponse, form_value
from tests.saml_sso.hostile.target import Target

TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
NEIGHBOUR = "b2a7c9d4-1e5f-4f60-9d3b-6a8c0e2f4a61"
BOB = User(
    object_id="5f0d4a52-7c11-4f0e-9d59-0d1c36a2e0a1",
    user_principal_name="bob@acme.example",
    mail="bob@acme.example",
    display_name="田中 ボブ",
    given_name="ボブ",
    surname="田中",
)


@cache
def acme() -> Target:
    return Target(
        entity_id="https://admin.example.jp/saml/AcmeAcmeAcmeAcmeAcmeAc/metadata",
        acs_url="https://admin.example.jp/saml/AcmeAcmeAcmeAcmeAcmeAc/acs",
        logout_url="https://admin.example.jp/saml/AcmeAcmeAcmeAcmeAcmeAc/logout",
        request_id="_5b1c0e3f7a9d4c2e8b6f0a1d3c5e7f9b2d4f6a8c",
        provider=new_identity_provider(TENANT),
        neighbour=new_identity_provider(NEIGHBOUR),
        victim=BOB,
        pair=parse_key_pair(*new_key_pair("Test", now=datetime.now(UTC))),
    )


def pem_of(provider: IdentityProvider) -> str:
    return provider.certificate.public_bytes(Encoding.PEM).decode()


def expectations(**changes: object) -> Expectations:
    """Return what a response to Acme's request must agree with, just now."""
    target = acme()
    expected = Expectations(
        entity_id=target.entity_id,
        acs_url=target.acs_url,
        idp_entity_id=target.provider.entity_id,
        certificates=(pem_of(target.provider),),
        request_id=target.request_id,
        now=datetime.now(UTC),
        tenant_id=target.provider.tenant_id,
    )
    return replace(expected, **changes)  # type: ignore[arg-type]  # passed through


def logout_expectations() -> LogoutExpectations:
    """Return what a logout message to Acme must agree with, just now."""
    return LogoutExpectations(
        logout_url=acme().logout_url,
        idp_entity_id=acme().provider.entity_id,
        certificates=(pem_of(acme().provider),),
        now=datetime.now(UTC),
    )


def answer(**changes: object) -> SamlResponse:
    """Return what Acme's Entra answers when Bob has signed in."""
    return acme().answer(**changes)


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
    assert examined.reason is raised.value.reason
    assert examined.detail == raised.value.detail
    return raised.value
