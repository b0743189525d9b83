"""A text search reads so many events at once, says so, and goes on when it is asked to."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import transaction
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.audit_log import search
from tests.portal.audit_log.test_audit_page import PAGE, happened
from tests.portal.page_costs import EVENTS
from tests.scim.crowds import as_owner
from tests.scim.statements import plan, recorded

FURTHER = re.compile(r'href="([^"]+)">Look further back<')


@pytest.fixture(autouse=True)
def ten_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LOOKED_THROUGH", 10)


def happen(organization: Organization, person: User, *labels: str) -> None:
    for label in labels:
        happened(organization, person, Action.USER_CHANGED, label)


def further(page: str) -> str:
    [address] = FURTHER.findall(page)
    return f"{PAGE}{unescape(address)}"


def test_what_lies_further_back_is_found_by_looking_further_back(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    happen(acme, alice, "eve@acme.test", *["bob@acme.test"] * 25)

    first = as_alice.get(f"{PAGE}?text=EVE").text
    assert "Nothing matches." in first
    assert "events were looked through, back to <time" in first
    second = as_alice.get(further(first)).text
    third = as_alice.get(further(second)).text

    assert "eve@acme.test</bdi>" not in second
    assert "eve@acme.test</bdi>" in third
    assert not FURTHER.findall(third)


def test_each_event_is_looked_at_once(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    labels = [f"n{number:02}@acme.test" for number in range(25)]
    happen(acme, alice, *labels)
    seen: list[str] = []
    address = f"{PAGE}?text=n&action=user.changed"
    for _ in range(3):
        page = as_alice.get(address).text
        seen += re.findall(r"<strong>User changed</strong> <bdi>(n\d\d)@", page)
        address = further(page) if FURTHER.search(page) else ""

    assert seen == [label[:3] for label in reversed(labels)]
    assert not address


def test_without_a_text_there_is_nothing_to_look_through(
    as_alice: Client, alice: User, acme: Organization
) -> None:
    happen(acme, alice, *["bob@acme.test"] * 12)

    assert not FURTHER.findall(as_alice.get(PAGE).text)


@pytest.mark.parametrize("start", ["x", "%00", "0", "%ED%A0%80"])
def test_a_start_that_is_no_id_is_none(as_alice: Client, start: str) -> None:
    assert "Organization created" in as_alice.get(f"{PAGE}?text=&start={start}").text
    answer = as_alice.get(f"{PAGE}?text=acme&start={start}")
    assert "Organization created" in answer.text


def test_a_search_walks_an_index_and_stops(
    as_alice: Client, acme: Organization
) -> None:
    with transaction.atomic(), as_owner() as cursor:
        cursor.execute(EVENTS, [acme.pk, Action.USER_CHANGED, 3_000])
        cursor.execute("ANALYZE audit_auditevent")
    with recorded() as statements:
        as_alice.get(f"{PAGE}?text=eve")

    of_events = [each for each in statements if 'FROM "audit_auditevent"' in each[0]]
    assert len(of_events) == 2
    for each in of_events:
        assert "LIMIT" in each[0]
        said = plan(each, "custom", how="(COSTS OFF)")
        assert re.search("Index(?: Only)? Scan", said), said
        assert "Sort" not in said.partition("Limit")[2], said  # but what is shown
