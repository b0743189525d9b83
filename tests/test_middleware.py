"""What every request gets, and what its log lines say."""

from __future__ import annotations

import logging
import re
from logging.config import DictConfigurator
from typing import Any

import pytest
from django.test import Client, RequestFactory


def test_every_answer_carries_a_reference_number_of_its_own(client: Client) -> None:
    references = {client.get("/healthz")["X-Request-Id"] for _ in range(20)}

    assert len(references) == 20
    for reference in references:
        assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}", reference)


def test_a_client_does_not_choose_its_reference_number(client: Client) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": "chosen"})

    assert answer["X-Request-Id"] != "chosen"


def test_who_calls_us_by_another_name_is_refused_without_a_line_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/sign-in/", headers={"Host": "elsewhere.example"})

    assert answer.status_code == 400
    assert caplog.records == []


@pytest.mark.django_db
def test_a_form_that_is_too_large_is_one_line_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.post("/sign-in/", {"a": "a" * 2**21}).status_code == 413

    [line] = caplog.records
    assert (line.levelname, line.exc_info) == ("WARNING", None)


def test_no_query_is_in_the_log(settings: Any) -> None:
    request = RequestFactory().get("/oauth/authorize", {"state": "a-secret"})
    said = {"msg": "Forbidden", "levelname": "WARNING", "request": request}
    json = DictConfigurator(settings.LOGGING).configure_formatter(
        dict(settings.LOGGING["formatters"]["json"])
    )

    line = json.format(logging.makeLogRecord(said))

    assert "Forbidden" in line
    assert "a-secret" not in line
