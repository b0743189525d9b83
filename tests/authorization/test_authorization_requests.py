"""What is asked of the authorization endpoint, and where the answer may go."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given, strategies

from chatwork_admin.authorization.models import Grant
from chatwork_admin.organizations.models import Organization
from tests.authorization.codes import ANSWER, AUTHORIZE, CHALLENGE, answered, query
from tests.authorization.conftest import authorizable
from tests.authorization.gallery import BACK, Gallery
from tests.examples import DEAR


@pytest.mark.parametrize("challenge", [{}, {"code_challenge": ""}])
def test_who_offers_a_proof_of_no_value_gets_no_code_without_one(
    as_alice: Client,
    gallery: Gallery,
    enabled_acme: Organization,
    challenge: dict[str, str],
) -> None:
    asked = query(gallery, code_challenge_method="S256", **challenge)
    page = as_alice.post(f"{AUTHORIZE}?{urlencode(asked)}")

    assert answered(page)["error"] == "invalid_request"
    assert not Grant.objects.exists()


def test_what_has_no_value_counts_as_left_out(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    asked = query(gallery, scope="", response_type="", state="")
    page = as_alice.post(f"{AUTHORIZE}?{urlencode(asked)}")

    assert answered(page).keys() == {"code", "iss"}


@pytest.mark.parametrize("state", ["1", "x" * 1500, "a b+c&d=é/%25?#"])
def test_the_state_comes_back_as_it_was(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization, state: str
) -> None:
    page = as_alice.post(f"{AUTHORIZE}?{urlencode(query(gallery, state=state))}")
    assert answered(page)["state"] == state
    assert answered(page)["iss"] == "https://admin.example.jp"


def test_who_is_marked_may_leave_the_response_type_out_and_nobody_else(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    asked = query(gallery)
    del asked["response_type"]
    marked = authorizable(enabled_acme, may_omit_response_type=True)
    for client in (gallery, marked):
        its = asked | {"client_id": client.client_id}
        assert as_alice.get(AUTHORIZE, its).status_code == 200

    unmarked = authorizable(enabled_acme, name="Okta")
    answer = as_alice.get(AUTHORIZE, asked | {"client_id": unmarked.client_id})

    assert answer.status_code == 400
    assert answered(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),  # means plain
        (
            {"code_challenge": "x" * 200, "code_challenge_method": "S256"},
            "invalid_request",
        ),
    ],
)
def test_what_is_not_supported_is_said_here_and_there(
    as_alice: Client,
    gallery: Gallery,
    enabled_acme: Organization,
    changed: dict[str, str],
    error: str,
) -> None:
    answer = as_alice.post(f"{AUTHORIZE}?{urlencode(query(gallery, **changed))}")
    assert answer.status_code == 400
    assert answered(answer) == {
        "error": error,
        "state": "1",
        "iss": "https://admin.example.jp",
    }
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://portal.azure.com/TokenAuthorize/",
        "https://portal.azure.com/TokenAuthorize?x=1",
        "https://portal.azure.com/TokenAuthorize#x",
        "https://portal.azure.com/tokenauthorize",
        "https://PORTAL.azure.com/TokenAuthorize",
        "https://portal.azure.com:443/TokenAuthorize",
        "http://portal.azure.com/TokenAuthorize",
        "https://portal.azure.com@evil.example/TokenAuthorize",
        "https://portal.azure.com.evil.example/TokenAuthorize",
        "https://evil.example/?https://portal.azure.com/TokenAuthorize",
        "//portal.azure.com/TokenAuthorize",
        "javascript:alert(1)",
    ],
)
def test_an_answer_goes_to_registered_addresses_only(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization, address: str
) -> None:
    asked = query(gallery, redirect_uri=address)
    for answer in (
        as_alice.get(AUTHORIZE, asked),
        as_alice.post(f"{AUTHORIZE}?{urlencode(asked)}"),
        as_alice.post(f"/oauth/deny?{urlencode(asked)}"),
    ):
        assert answer.status_code == 400
        assert "not registered. You are not led there." in answer.text
        assert "http-equiv" not in answer.text
        assert ANSWER.search(answer.text) is None
    assert not Grant.objects.exists()


def test_a_client_that_is_not_there_is_refused_on_a_page_of_ours(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization, globex: Organization
) -> None:
    theirs = authorizable(globex)
    for client_id in ("", "nobody", theirs.client_id, "\0", "é"):
        answer = as_alice.get(AUTHORIZE, query(gallery, client_id=client_id))
        assert answer.status_code == 400
        assert "is not registered for your organization" in answer.text
        assert ANSWER.search(answer.text) is None


def test_a_parameter_given_twice_is_refused_on_a_page_of_ours(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    for name in ("client_id", "redirect_uri", "state", "scope"):
        twice = [*query(gallery, scope="scim").items(), (name, "x")]
        answer = as_alice.get(f"{AUTHORIZE}?{urlencode(twice)}")
        assert answer.status_code == 400
        assert ANSWER.search(answer.text) is None


@DEAR
@given(
    asked=strategies.dictionaries(
        strategies.sampled_from(
            [
                "client_id",
                "redirect_uri",
                "state",
                "scope",
                "response_type",
                "code_challenge",
                "code_challenge_method",
                "response_mode",
                "request",
                "grant",
                "client",
            ]
        ),
        strategies.text(max_size=40)
        | strategies.sampled_from(["gallery-client", BACK, "S256", "code"]),
    )
)
def test_whatever_is_asked_leads_nowhere_else(
    as_alice: Client,
    gallery: Gallery,
    enabled_acme: Organization,
    asked: dict[str, str],
) -> None:
    encoded = urlencode(asked, errors="replace")
    for answer in (
        as_alice.get(f"{AUTHORIZE}?{encoded}"),
        as_alice.post(f"{AUTHORIZE}?{encoded}"),
    ):
        assert answer.status_code in {200, 400}
        if ANSWER.search(answer.text):
            assert answered(answer)
