"""Writes before Django is asked: what clients send, and what it costs."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import connection

from scim import rate
from scim.frequent import writes
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    GROUPS,
    USERS,
    Provisioning,
)
from tests.scim.frequent.writing import (
    Send,
    at_once,
    creation,
    listing,
    operations,
    replacing,
    sent,
)
from tests.scim.statements import plan, recorded


def test_entras_own_requests_need_no_django(send: Send, user: str) -> None:
    """As Microsoft's reference shows them."""
    created = creation(
        {"userName": "b@example.jp", "externalId": "0a21f0f2", "active": True}
    )
    created |= {
        "schemas": [CORE, ENTERPRISE],
        "meta": {"resourceType": "User"},
        "roles": [],
    }
    changed = operations(
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "b@example.jp"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "営業部"},
    )

    assert at_once(send("POST", USERS, created))
    said = at_once(send("PATCH", f"{USERS}/{user}", changed))
    assert said is not None
    assert orjson.loads(said.body)["active"] is False


def test_what_says_much_goes_the_long_way(send: Send) -> None:
    """Reading it takes its time, and nobody else should wait."""
    said = orjson.dumps(creation({"userName": "b@example.jp"}))

    assert at_once(send("POST", USERS, said.ljust(writes.LARGEST + 1))) is None
    assert at_once(send("POST", USERS, said.ljust(writes.LARGEST)))


def test_a_creation_takes_one_statement_and_a_change_two(
    send: Send, user: str, django_assert_num_queries: Callable[[int], Any]
) -> None:
    assert at_once(send("POST", USERS, creation({"userName": "b@example.jp"})))

    with django_assert_num_queries(1):
        assert at_once(send("POST", USERS, creation({"userName": "c@example.jp"})))
    body = operations(replacing("title", "T"))
    with django_assert_num_queries(2):
        assert at_once(send("PATCH", f"{USERS}/{user}", body))


@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_its_statements_read_by_index(
    send: Send, entra: Provisioning, user: str, mode: str
) -> None:
    group = entra.create_group()
    moves = operations(listing("add", user), listing("remove", str(uuid.uuid4())))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for environ in (
        send("POST", USERS, creation({"userName": "b@example.jp"})),
        send("PATCH", f"{USERS}/{user}", operations(replacing("active", value=False))),
        send("PATCH", f"{GROUPS}/{group}", moves),
    ):
        with recorded() as statements:
            assert at_once(environ)
        for statement in statements:
            explained = plan(statement, mode)
            assert "Seq Scan" not in explained, explained


def test_who_goes_the_long_way_is_counted_once(
    send: Send, user: str, settings: Any
) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST, settings.CELERY_BROKER_URL = 1, 40, ""
    rate.ARRIVALS.at.clear()
    taken = send("POST", USERS, creation({"userName": "yamada@example.jp"}))

    assert sent(taken).status == "409 Conflict"

    (arrival,) = rate.ARRIVALS.at.values()
    assert arrival <= time.monotonic_ns() // 1000 + 1_000_000
