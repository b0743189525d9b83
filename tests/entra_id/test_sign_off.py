"""Single logout of the stand-in, from either side."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from saml_sso.messages.logout_messages import (
    EndedSession,
    Sender,
    logout_request,
    logout_response,
    read_logout_request,
    read_logout_response,
)
from tests.entra_id.signing_on import (
    KEYS,
    asked,
    believed,
    browsing,
    new_tenant,
    path_of,
    signed_in,
)
from tests.saml_sso.answering import BOB, TENANT, acme, logout_expectations


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with browsing(new_tenant()) as client:
        yield client


def sender() -> Sender:
    return Sender(
        entity_id=acme().entity_id,
        single_logout_url=acme().provider.logout_url,
        signing_key=KEYS.private_key,
    )


def test_the_application_signs_out(browser: httpx.Client) -> None:
    signed_in(browser, asked())
    ended, now = EndedSession(name_id=BOB.mail), datetime.now(UTC)
    request_id, url = logout_request(ended, sender(), relay_state="r", now=now)
    answer = browser.get(path_of(url))
    query = urlsplit(answer.headers["Location"]).query
    read = read_logout_response(query, logout_expectations(), request_id=request_id)

    assert read.is_success
    assert read.relay_state == "r"
    assert 'id="sign-in"' in browser.get(path_of(asked().redirect_url)).text


def test_the_tenant_signs_out_of_every_application_in_turn(
    browser: httpx.Client,
) -> None:
    request = asked()
    assertion = believed(signed_in(browser, request), request)
    sent = browser.post(f"/{TENANT}/sign-out").headers["Location"]
    told = read_logout_request(urlsplit(sent).query, logout_expectations())
    back = logout_response(told, sender(), now=datetime.now(UTC))

    assert told.session_indexes == (assertion.session_index,)
    assert 'id="signed-out"' in browser.get(path_of(back)).text
    assert 'id="sign-in"' in browser.get(path_of(asked().redirect_url)).text
