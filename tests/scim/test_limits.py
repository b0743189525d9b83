"""Size, depth and garbage: whatever is sent is answered, and never as our fault (I7)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.authorization import credentials
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.web.bodies import Broken
from chatwork_admin.web.threshold import LARGEST, allowed
from scim.documents import messages
from scim.documents.member_changes import MAX_SEARCHES
from scim.documents.projection import MAX_NAMES
from scim.documents.schemas import USER_ATTRIBUTES
from tests.examples import DEAR
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    GROUPS,
    PATCH_OP,
    SCIM_JSON,
    USERS,
    Answer,
    Provisioning,
)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", (400, "invalidSyntax")),
        (b" ", (400, "invalidSyntax")),
        (b"{", (400, "invalidSyntax")),
        (b"[]", (400, "invalidSyntax")),
        (b"[1]", (400, "invalidSyntax")),
        (b'"text"', (400, "invalidSyntax")),
        (b"null", (400, "invalidSyntax")),
        (b"{}{}", (400, "invalidSyntax")),
        (b"\xff\xfe{}", (400, "invalidSyntax")),
        (b'{"userName":"\xff@example.jp"}', (400, "invalidSyntax")),
        (b'{"userName":"a@example.jp","title":NaN}', (400, "invalidSyntax")),
        (b'{"userName":"a@example.jp","title":Infinity}', (400, "invalidSyntax")),
        (b'{"userName":"a@example.jp","title":1e999}', (400, "invalidSyntax")),
        (b'{"userName":"a@example.jp","title":"\\ud800"}', (400, "invalidSyntax")),
        (b'{"userName":"a@example.jp","title":"\\u0000"}', (400, "invalidValue")),
        (b'{"userName":"a@example.jp","\\u0000":"x"}', (400, "invalidValue")),
        (b'{"userName":"a@example.jp","x":[[["\\u0000"]]]}', (400, "invalidValue")),
        (b'{"userName":"a@example.jp","title":%s}' % (b"9" * 400), (400, "")),
        (b"[" * 2000 + b"]" * 2000, (400, "invalidSyntax")),
        (b'{"a":' * 33 + b"1" + b"}" * 33, (400, "invalidSyntax")),
    ],
)
def test_what_cannot_be_read_is_refused(
    entra: Provisioning, body: bytes, refusal: tuple[int, str]
) -> None:
    """Rows D11 and I8."""
    answer = entra.send("POST", USERS, body)

    assert answer.status == refusal[0]
    assert refusal[1] in {"", answer.body["scimType"]}


def test_thirty_two_levels_are_deep_enough(entra: Provisioning) -> None:
    nested = b'{"a":' * 30 + b"1" + b"}" * 30

    answer = entra.send("POST", USERS, b'{"userName":"a@example.jp","x":%s}' % nested)

    assert answer.status == 201


def test_a_backslash_before_u0000_is_a_text(entra: Provisioning) -> None:
    answer = entra.post(USERS, {"userName": "a@example.jp", "title": r"\u0000"})

    assert answer.body["title"] == r"\u0000"


def test_a_body_that_did_not_come_whole_is_no_request(entra: Provisioning) -> None:
    sent: Any = {"CONTENT_LENGTH": "9", "wsgi.input": Broken()}
    answer = Answer(entra.client.post(USERS, content_type=SCIM_JSON, **sent))

    assert answer.status == 408
    assert "The body did not arrive whole" in answer.body["detail"]
    assert entra.get(USERS).body["totalResults"] == 1


@pytest.mark.parametrize(
    ("path", "said", "most"),
    [
        ("/scim/v2/Users", "Bearer {}", LARGEST),
        ("/scim/v2/Users", "bearer  {} ", LARGEST),
        ("/scim/v2/Users", "Basic {}", 0),
        ("/scim/v2/Users", "Bearer {}x", 0),
        ("/scim/v2/Users", "Bearer {0},Bearer {0}", 0),
        ("/scim", "", 0),
    ],
)
def test_the_body_of_who_shows_no_token_is_not_awaited(
    path: str,
    said: str,
    most: int,
) -> None:
    token = said.format(credentials.new(Prefix.ACCESS_TOKEN))
    environ = {"PATH_INFO": path, "HTTP_AUTHORIZATION": token}

    assert allowed(environ) == most


def test_a_body_has_a_limit(entra: Provisioning) -> None:
    """Row I8."""
    body = {"userName": "a@example.jp", "title": "x" * 1024 * 1024}

    assert entra.post(USERS, body).refusal == (413, None, "CW-REQ-3")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [*(each.name for each in USER_ATTRIBUTES.values()), "members", ENTERPRISE, "x"]
)
PATHS = st.one_of(
    NAMES,
    st.text(max_size=30),
    st.builds("{}.{}".format, NAMES, NAMES),
    st.builds(
        '{}[{} eq "x"].{}'.format, NAMES, NAMES, st.sampled_from(["value", "type"])
    ),
    st.builds(
        "{}[{}]".format,
        NAMES,
        st.sampled_from(['type eq "work"', 'value eq "x"', "x pr"]),
    ),
    st.builds("{}:{}".format, st.sampled_from([CORE, ENTERPRISE, "urn:x"]), NAMES),
)
VALUES = JSON | st.dictionaries(NAMES, JSON, max_size=3)
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove"])},
    optional={"path": PATHS, "value": VALUES},
)


@DEAR
@given(body=st.binary(max_size=200))
def test_random_bytes_are_never_our_fault(entra: Provisioning, body: bytes) -> None:
    for path in (USERS, GROUPS, f"{USERS}/.search"):
        assert entra.send("POST", path, body).status in {400, 415}


@DEAR
@given(body=st.dictionaries(NAMES, VALUES, max_size=6))
def test_random_documents_are_never_our_fault(
    entra: Provisioning, body: dict[str, Any]
) -> None:
    for path in (USERS, GROUPS, f"{USERS}/.search"):
        answer = entra.send("POST", path, _dumped(body | {"userName": "a@example.jp"}))
        assert answer.status in {200, 201, 400, 409}, answer.content


@DEAR
@given(operations=st.lists(OPERATIONS, max_size=5))
def test_random_operations_are_never_our_fault(
    entra: Provisioning, operations: list[dict[str, Any]]
) -> None:
    ids = _one_of_each(entra)

    for path in ids:
        answer = entra.send("PATCH", path, _dumped({"Operations": operations}))
        assert answer.status in {200, 204, 400}, answer.content
        assert entra.get(path).status == 200


@DEAR
@given(
    query=st.dictionaries(
        st.sampled_from(
            ["filter", "startIndex", "count", "attributes", "excludedAttributes"]
        ),
        st.text(max_size=40) | PATHS,
        max_size=4,
    ),
    name=st.text(max_size=20),
)
def test_random_queries_are_never_our_fault(
    entra: Provisioning, query: dict[str, str], name: str
) -> None:
    for path in (USERS, GROUPS):
        assert entra.get(path, **query).status in {200, 400}
    assert entra.get(f"{USERS}/{name.replace('/', '')}", **query).status < 500


def _dumped(body: object) -> bytes:
    """As JSON; what JSON cannot say is sent nevertheless, as texts."""
    return (
        orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS, default=str)
        if _is_sayable(body)
        else b'{"userName": "\xed\xa0\x80"}'
    )


def _is_sayable(body: object) -> bool:
    try:
        orjson.dumps(body)
    except TypeError:
        return False
    return True


def _one_of_each(entra: Provisioning) -> list[str]:
    found = entra.get(USERS, filter='userName eq "one@example.jp"').resources
    if not found:
        user = entra.create("one@example.jp")
        group = entra.create_group("One", user)
        return [f"{USERS}/{user}", f"{GROUPS}/{group}"]
    groups = entra.get(GROUPS, count=1).resources
    return [f"{USERS}/{found[0]['id']}", f"{GROUPS}/{groups[0]['id']}"]


@pytest.mark.parametrize("name", ["attributes", "excludedAttributes"])
def test_more_names_than_are_published_are_refused(
    entra: Provisioning, name: str
) -> None:
    """Row I7: each is looked for in each entry of each resource."""
    search = {"schemas": [messages.SEARCH_REQUEST], "count": 1}

    most = entra.post(f"{USERS}/.search", search | {name: ["title"] * MAX_NAMES})
    more = entra.post(f"{USERS}/.search", search | {name: ["title"] * (MAX_NAMES + 1)})
    listed = entra.post(f"{USERS}/.search", search | {name: "title," * 100_000})

    assert most.status == 200
    assert more.refusal == listed.refusal == (400, "invalidValue", "CW-REQ-2")


def test_members_are_not_searched_for_by_one_bulk_request_more_than_by_another(
    entra: Provisioning,
) -> None:
    """Row H6: each search reads all members of the group."""
    group = f"/Groups/{entra.create_group('A', entra.create())}"
    removal = {"op": "remove", "path": 'members[display co "zz"]'}
    change = {
        "method": "PATCH",
        "path": group,
        "data": {"schemas": [PATCH_OP], "Operations": [removal] * (MAX_SEARCHES // 2)},
    }

    bulk = {"schemas": [messages.BULK_REQUEST], "Operations": [change] * 3}
    answer = entra.post("/scim/v2/Bulk", bulk)

    assert [each["status"] for each in answer.body["Operations"]] == [
        "204",
        "204",
        "413",
    ]
