"""Answers that nobody asked for."""

from __future__ import annotations

import pytest

from chatwork_admin.organizations.models import User
from saml_sso.models import (
    IdentityProvider,
)
from saml_sso.views import MOST_AGAIN
from tests.saml_sso.refusing import assert_refused
from tests.saml_sso.signing_in import (
    Entra,
    Visitor,
    asked_by,
    signer_of,
    written,
)


def test_an_answer_nobody_asked_for_is_refused(visitor: Visitor, bob: User) -> None:
    before = written()

    response = visitor.post(visitor.entra.answer("", bob), "")

    assert_refused(response, "unsolicited", before)


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ("garbage", "not-base64"),
        ("Z2FyYmFnZQ==", "not-xml"),
        ("PHg+PC94Pg==", "not-a-response"),
    ],
)
def test_what_cannot_be_read_was_not_started_at_the_identity_provider(
    visitor: Visitor, response: str, reason: str
) -> None:
    before = written()

    assert_refused(visitor.post(response, ""), reason, before)


def test_what_strangers_sign_was_not_started_at_the_identity_provider(
    visitor: Visitor, bob: User
) -> None:
    stranger = Entra(visitor.entra.organization, signer_of("stranger"))
    before = written()

    response = visitor.post(stranger.answer("", bob), "")

    assert_refused(response, "request-unknown", before)


def test_where_allowed_an_answer_nobody_asked_for_starts_a_sign_in_of_ours(
    visitor: Visitor, bob: User
) -> None:
    IdentityProvider.objects.update(allow_idp_initiated=True)
    before = written()

    response = visitor.post(visitor.entra.answer("", bob), "from my apps")

    assert response.status_code == 303
    assert response["Location"] == visitor.entra.address("login") + "?again"
    assert written() == before
    started = visitor.client.get(response["Location"])
    assert started.status_code == 302
    assert started["Location"].startswith(visitor.entra.signer.login_url)
    assert not visitor.is_signed_in


def test_an_identity_provider_that_never_answers_a_request_is_not_asked_for_ever(
    visitor: Visitor,
) -> None:
    IdentityProvider.objects.update(allow_idp_initiated=True)
    again = visitor.entra.address("login") + "?again"
    for _ in range(MOST_AGAIN):
        assert visitor.client.get(again).status_code == 302
    before = written()

    response = visitor.client.get(again)

    assert_refused(response, "started-again-in-vain", before)


def test_a_tile_that_is_clicked_twice_signs_in_both_tabs(
    visitor: Visitor, bob: User
) -> None:
    IdentityProvider.objects.update(allow_idp_initiated=True)
    tile = visitor.post(visitor.entra.answer("", bob), "")["Location"]
    tabs = [asked_by(visitor.client.get(tile)["Location"]) for _ in range(2)]

    for tab in tabs:
        assert visitor.follow(visitor.answer(tab, bob))["Location"] == "/"
        assert visitor.is_signed_in


def test_two_tabs_that_begin_at_the_same_moment_both_sign_in(
    visitor: Visitor, bob: User
) -> None:
    asked = []
    for _ in range(2):  # neither request brings the cookie of the other
        tab = Visitor(visitor.entra)
        asked.append(tab.start())
        visitor.client.cookies.update(tab.client.cookies)

    for each in asked:
        visitor.follow(visitor.answer(each, bob))
        assert visitor.is_signed_in
        visitor.client.post("/sign-out/")
