"""Whatever is sent, wherever, by whatever method: it is never our fault (I7)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.examples import DEAR
from tests.scim.conftest import CORE, ERROR, PATCH_OP, SCIM_JSON, Provisioning
from tests.scim.test_limits import OPERATIONS, VALUES, _dumped

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
ENDPOINTS = [
    "",
    ".search",
    "Users",
    "Users/{user}",
    "Users/.search",
    "Groups",
    "Groups/{group}",
    "Groups/.search",
    "Me",
    "Bulk",
    "ServiceProviderConfig",
    "ResourceTypes",
    "ResourceTypes/User",
    "Schemas",
    f"Schemas/{CORE}",
    "nope",
    "Users/{user}/emails",
    "Users/x",
]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"]
SENSIBLE = [
    ("POST", "Bulk"),
    ("POST", ".search"),
    ("POST", "Users/.search"),
    ("POST", "Groups/.search"),
    ("POST", "Users"),
    ("POST", "Groups"),
    ("PUT", "Users/{user}"),
    ("PUT", "Groups/{group}"),
    ("PATCH", "Users/{user}"),
    ("PATCH", "Groups/{group}"),
    ("PATCH", "Me"),
    ("GET", "Users"),
    ("GET", "Groups"),
]
TARGETS = st.sampled_from(
    ["/Users", "/Users/{user}", "/Groups/{group}", "/Users/bulkId:a", "/", "x"]
)
BULK_OPERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from([*METHODS[1:5], "post", 1]),
        "path": TARGETS | st.text(max_size=10),
        "bulkId": st.sampled_from(["a", "b", "", 1]),
        "data": VALUES | st.just({"userName": "a@example.jp"}),
        "version": st.sampled_from(['W/"1"', "", 1]),
    },
)
MESSAGES = st.one_of(
    st.fixed_dictionaries(
        {
            "schemas": st.just([BULK]),
            "Operations": st.lists(BULK_OPERATIONS, max_size=3),
        },
        optional={"failOnErrors": st.integers() | VALUES},
    ),
    st.fixed_dictionaries(
        {"schemas": st.just([PATCH_OP]), "Operations": st.lists(OPERATIONS, max_size=3)}
    ),
    st.fixed_dictionaries(
        {"schemas": st.just([SEARCH])},
        optional={
            name: VALUES | st.text(max_size=20)
            for name in (
                "filter",
                "startIndex",
                "count",
                "attributes",
                "sortBy",
                "cursor",
            )
        },
    ),
    VALUES,
)
QUERIES = st.dictionaries(
    st.sampled_from(
        ["filter", "startIndex", "count", "sortBy", "sortOrder", "cursor", "attributes"]
    ),
    st.text(max_size=20),
    max_size=2,
)
CONDITIONS = st.dictionaries(
    st.sampled_from(["If-Match", "If-None-Match", "If-Modified-Since"]),
    st.sampled_from(["*", 'W/"1"', '"1"', "W/", ",,", '"', "\xe9"]),
    max_size=1,
)
MEDIA_TYPES = st.sampled_from([*[SCIM_JSON] * 6, "application/json", "text/plain", ""])


@dataclass(frozen=True)
class Sent:
    """A request as a client might send it."""

    line: tuple[str, str]  # the method, and the address below /scim/v2/
    body: object
    query: dict[str, str]
    headers: dict[str, str]
    media_type: str

    def by(self, client: Client, places: dict[str, str]) -> Any:
        content = self.body if isinstance(self.body, bytes) else _dumped(self.body)
        method, endpoint = self.line
        return client.generic(
            method,
            _named(f"/scim/v2/{endpoint}", places),
            _named(content.decode("latin-1"), places).encode("latin-1"),
            content_type=self.media_type,
            query_params=self.query,
            headers=self.headers,
        )


REQUESTS = st.builds(
    Sent,
    line=st.sampled_from(SENSIBLE)
    | st.tuples(st.sampled_from(METHODS), st.sampled_from(ENDPOINTS)),
    body=MESSAGES | st.binary(max_size=60),
    query=QUERIES,
    headers=CONDITIONS,
    media_type=MEDIA_TYPES,
)


@contextmanager
def undone() -> Iterator[None]:
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(savepoint)


@pytest.fixture
def places(entra: Provisioning) -> dict[str, str]:
    user = entra.create("one@example.jp")
    return {"user": user, "group": entra.create_group("One", user)}


def _named(text: str, places: dict[str, str]) -> str:
    for name, resource_id in places.items():
        text = text.replace(f"{{{name}}}", resource_id)
    return text


@hypothesis_settings(DEAR, suppress_health_check=list(HealthCheck))
@given(sent=REQUESTS)
def test_no_request_is_ever_our_fault(
    entra: Provisioning, places: dict[str, str], sent: Sent
) -> None:
    with undone():
        response = sent.by(entra.client, places)

    assert response.status_code < 500 or response.status_code == 501, response.content
    if response.content:
        assert response.headers["Content-Type"] == SCIM_JSON
    if response.content and response.status_code >= 400:
        said = orjson.loads(response.content)
        assert said["schemas"] == [ERROR]
        assert said["status"] == str(response.status_code)
