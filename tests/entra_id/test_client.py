from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from tests.entra_id.client import Retries, ScimClient, quoted
from tests.entra_id.failures import BadConnection, NoAnswer, RequestFailed
from tests.entra_id.small_target import BASE_URL, TOKEN, SmallTarget, refusal


def connect(target: SmallTarget, waits: list[float] | None = None) -> ScimClient:
    waited: list[float] = [] if waits is None else waits
    return ScimClient(
        BASE_URL,
        TOKEN,
        retries=Retries(attempts=2, longest_wait=10, first_wait=1),
        transport=target.transport,
        sleep=waited.append,
    )


def test_a_read_has_neither_content_type_nor_user_agent() -> None:
    target = SmallTarget()

    connect(target).find("Users", 'userName eq "x"')

    headers = target.requests[0].headers
    assert "content-type" not in headers
    assert "user-agent" not in headers


def test_a_write_is_scim_json_in_utf_8() -> None:
    target = SmallTarget()

    connect(target).create("Users", {"userName": "𠮷田@example.jp"})

    [request] = target.requests
    assert request.headers["content-type"] == "application/scim+json; charset=utf-8"
    assert "𠮷田".encode() in request.content


def test_the_flag_in_the_tenant_url_stays_on_every_request() -> None:
    target = SmallTarget()

    connect(target).find("Users", 'userName eq "a+b&c@example.jp"', attributes="id")

    query = target.requests[0].url.query
    assert query.startswith(b"aadOptscim062020&attributes=id&filter=")
    assert b"a%2Bb%26c%40example.jp" in query


@pytest.mark.parametrize("status", [429, 503])
def test_a_request_is_repeated_after_the_stated_wait(status: int) -> None:
    target, waits = SmallTarget(), list[float]()
    target.planned = [refusal(status, "Busy.", **{"Retry-After": "7"})]

    client = connect(target, waits)
    client.find("Users", 'userName eq "x"')

    assert waits == [7.0]
    assert client.requests == 2


def test_a_wait_may_be_stated_as_an_instant() -> None:
    target, waits = SmallTarget(), list[float]()
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True)
    target.planned = [refusal(503, "Busy.", **{"Retry-After": later})]

    connect(target, waits).find("Users", 'userName eq "x"')

    assert 3 <= waits[0] <= 5


def test_a_wait_beyond_the_bound_is_left_to_the_next_cycle() -> None:
    target, waits = SmallTarget(), list[float]()
    held = "CW-GUARD-1: Held: 38 users would be suspended within an hour."
    target.planned = [refusal(429, held, **{"Retry-After": "3600"})]

    with pytest.raises(RequestFailed) as caught:
        connect(target, waits).find("Users", 'userName eq "x"')

    assert caught.value.failure.code == "CW-GUARD-1"
    assert waits == []


def test_repeating_ends_with_the_last_refusal() -> None:
    target, waits = SmallTarget(), list[float]()
    target.planned = [refusal(503, "Busy.") for _ in range(3)]

    with pytest.raises(RequestFailed) as caught:
        connect(target, waits).find("Users", 'userName eq "x"')

    assert caught.value.failure.status == 503
    assert waits == [1.0, 2.0]


def test_a_broken_connection_is_tried_again() -> None:
    target = SmallTarget(planned=[httpx.ReadError("reset")])

    assert connect(target).find("Users", 'userName eq "x"') == []


def test_a_post_without_answer_is_not_repeated_blindly() -> None:
    target = SmallTarget(planned=[httpx.ReadError("reset")])

    with pytest.raises(NoAnswer):
        connect(target).create("Users", {"userName": "x"})

    assert len(target.requests) == 1


def test_a_refusal_is_read_with_its_code_and_reference() -> None:
    target = SmallTarget(refused_names={"x"})

    with pytest.raises(RequestFailed) as caught:
        connect(target).create("Users", {"userName": "x"})

    failure = caught.value.failure
    assert (failure.status, failure.code) == (403, "CW-USER-1")
    assert failure.detail.startswith("CW-USER-1: No licence left")
    assert failure.request_id == "7F3C-21"


def test_a_page_in_html_is_an_incompatible_service() -> None:
    target = SmallTarget(planned=[httpx.Response(500, text="<h1>Oops</h1>")])

    with pytest.raises(RequestFailed) as caught:
        connect(target).find("Users", 'userName eq "x"')

    assert caught.value.failure.code == "ServiceIncompatible"


@pytest.mark.parametrize("status", [401, 404])
def test_401_and_404_to_a_query_mean_a_bad_connection(status: int) -> None:
    target = SmallTarget(planned=[refusal(status, "No.")])

    with pytest.raises(BadConnection):
        connect(target).find("Users", 'userName eq "x"')


def test_quotes_and_backslashes_are_escaped_in_a_filter() -> None:
    assert quoted('a"b\\c田') == '"a\\"b\\\\c田"'
