"""The state `failing`: on the page, in its panel, on the overview, in two languages."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization import gate, health
from chatwork_admin.synchronization.failures import count_refusal

PAGE = "/manage/sync/"
IN_JAPANESE = {"Accept-Language": "ja"}
REFUSED = {"CW-REQ-2": 1, "CW-USER-4": 2, "CW-USER-1": 5, "CW-GROUP-1": 3}
REASON = re.compile(
    r'<li><a href="/help/errors/([^/]+)/"><code>\1</code></a> '
    r'<span>([^<]+)</span> <strong class="number">(\d+)</strong></li>'
)


@pytest.fixture
def failing_acme(enabled_acme: Organization) -> Organization:
    health.note_contact(gate.synchronization_of(enabled_acme))
    for code, number in REFUSED.items():
        for _ in range(number):
            count_refusal(enabled_acme, code)
    return enabled_acme


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}status/"])
def test_the_three_most_frequent_reasons_are_shown_in_their_order(
    as_alice: Client, failing_acme: Organization, path: str
) -> None:
    page = as_alice.get(path).text

    assert 'data-health="Failing"' in page
    assert "A tenth or more of the changes that Entra ID sent" in page
    assert REASON.findall(page) == [
        ("CW-USER-1", "No licence is left", "5"),
        ("CW-GROUP-1", "Another team has this name", "3"),
        ("CW-USER-4", "userName is not an e-mail address", "2"),
    ]
    assert '?action=scim.request_refused">11</a>' in page


def test_they_are_said_in_japanese_to_who_reads_japanese(
    as_alice: Client, failing_acme: Organization
) -> None:
    page = as_alice.get(PAGE, headers=IN_JAPANESE).text

    assert 'data-health="エラー多発"' in page
    assert "10% 以上が拒否されました" in page
    assert [(code, number) for code, _, number in REASON.findall(page)] == [
        ("CW-USER-1", "5"),
        ("CW-GROUP-1", "3"),
        ("CW-USER-4", "2"),
    ]
    assert "ライセンスの残りがない" in page


def test_each_reason_leads_to_its_explanation(
    as_alice: Client, failing_acme: Organization
) -> None:
    answer = as_alice.get("/help/errors/CW-USER-1/")

    assert answer.headers["Location"] == "/help/errors/#CW-USER-1"


def test_a_code_nobody_explains_is_shown_as_it_is(
    as_alice: Client, failing_acme: Organization
) -> None:
    """While a release goes out, the old pages read what the new API counts."""
    for _ in range(9):
        count_refusal(failing_acme, "CW-USER-99")

    page = as_alice.get(PAGE).text

    assert '<code>CW-USER-99</code> <span></span> <strong class="number">9<' in page


def test_the_overview_says_it_and_what_to_do(
    as_alice: Client, failing_acme: Organization
) -> None:
    english = as_alice.get("/manage/").text
    japanese = as_alice.get("/manage/", headers=IN_JAPANESE).text

    assert "Failing" in english
    assert "A tenth or more of the changes of Entra ID are refused." in english
    assert "See the reasons" in english
    assert "エラー多発" in japanese
    assert "原因を確認" in japanese


def test_the_neighbour_hears_nothing_of_it(
    as_mallory: Client, failing_acme: Organization
) -> None:
    for path in (PAGE, f"{PAGE}status/", "/manage/"):
        assert "CW-USER-1" not in as_mallory.get(path).text


def test_a_few_refusals_are_explained_without_alarm(
    as_alice: Client, enabled_acme: Organization
) -> None:
    count_refusal(enabled_acme, "CW-USER-2")

    page = as_alice.get(PAGE).text

    assert 'data-health="Waiting for the first contact"' in page
    assert [reason[0] for reason in REASON.findall(page)] == ["CW-USER-2"]
    assert "it can take up to a day" not in page
