"""What errors say, and what answers before a view does (rows A6, A7, A13, I1-I8)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from scim.documents.bounds import MAX_CERTIFICATE, MAX_TEXT, MAX_VALUES
from scim.documents.values import MOST_SENT
from tests.conftest import ScimClientFor
from tests.scim.conftest import (
    ENTERPRISE,
    ERROR,
    GROUPS,
    SCIM_JSON,
    USERS,
    Answer,
    Document,
    Provisioning,
)

NO_MATCH = (
    'CW-REQ-2: Operations[1]: "ims[value eq "x"].type": '
    "no value of ims matches the filter; add it first"
)


def replace(path: str, value: object) -> Document:
    return {"op": "replace", "path": path, "value": value}


def text_of(answer: Answer) -> str:
    reference = answer.headers["X-Request-Id"]
    detail: str = answer.body["detail"]
    assert detail.endswith((f". Ref {reference}", f"… Ref {reference}"))
    return detail.removesuffix(f" Ref {reference}").removesuffix(".")


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (
            replace("title", 5),
            'CW-USER-7: Operations[1]: title must be a text, as in "x"',
        ),
        (
            replace("name.givenName", 5),
            'CW-USER-7: Operations[1]: name.givenName must be a text, as in "x"',
        ),
        (
            replace("emails", [{"value": "a", "primary": 3}]),
            "CW-USER-7: Operations[1]: emails.primary must be true or false",
        ),
        (
            replace("name", "x"),
            'CW-USER-7: Operations[1]: name must be an object, as in {"formatted": "x"}',
        ),
        (
            replace("userName", " "),
            "CW-USER-7: Operations[1]: userName is required; map a value to it",
        ),
        (
            {"op": "add", "path": "title"},
            'CW-REQ-2: Operations[1]: "title": add needs a "value"',
        ),
        (
            {"op": "remove", "path": "emails", "value": [{}]},
            'CW-REQ-2: Operations[1]: "emails": name what to remove by its "value"',
        ),
        (
            replace('ims[value eq "x"].type', "y"),
            NO_MATCH,
        ),
        (
            replace("id", "x"),
            'CW-REQ-2: Operations[1]: "id" is read-only; leave it out',
        ),
        (
            replace("title", "x" * 101),
            "CW-USER-7: title is 101 characters; the limit is 100. Shorten it.",
        ),
    ],
)
def test_an_error_names_the_operation_and_the_path(
    entra: Provisioning, operation: Document, said: str
) -> None:
    answer = entra.patch(f"{USERS}/{entra.create()}", replace("title", "T"), operation)

    assert (answer.status, text_of(answer)) == (400, said.removesuffix("."))


TOO_MUCH: list[tuple[Document, str]] = [
    (
        {"nickName": "x" * 1025},
        "nickName is 1025 characters; the limit is 1024. Shorten it.",
    ),
    (
        {"name": {"givenName": "x" * 1025}},
        "name.givenName is 1025 characters; the limit is 1024. Shorten it.",
    ),
    (
        {"roles": [{"value": "x" * 1025}]},
        "roles.value is 1025 characters; the limit is 1024. Shorten it.",
    ),
    (
        {"roles": [{"value": str(each)} for each in range(101)]},
        "roles has 101 values; the limit is 100. Send fewer.",
    ),
    (
        {"x509Certificates": [{"value": "x" * 65540}]},
        "x509Certificates.value is 65540 characters; the limit is 65536. Shorten it.",
    ),
    (
        {ENTERPRISE: {"costCenter": "x" * 1025}},
        f"{ENTERPRISE}:costCenter is 1025 characters; the limit is 1024. Shorten it.",
    ),
    (
        {ENTERPRISE: {"department": "x" * 312}},
        f"{ENTERPRISE}:department is 312 characters; the limit is 100. Shorten it.",
    ),
]


@pytest.mark.parametrize(("more", "said"), TOO_MUCH)
def test_every_text_and_every_list_has_a_limit(
    entra: Provisioning, more: Document, said: str
) -> None:
    answer = entra.post(USERS, {"userName": "a@example.jp", **more})

    assert answer.refusal == (400, "invalidValue", "CW-USER-7")
    assert text_of(answer) == f"CW-USER-7: {said.removesuffix('.')}"


@pytest.mark.parametrize(
    ("path", "name"), [(USERS, "userName"), (GROUPS, "displayName")]
)
@pytest.mark.parametrize("listed", [["a@example.jp"], ["a", "b"], []])
def test_what_is_required_is_no_list(
    entra: Provisioning, path: str, name: str, listed: list[str]
) -> None:
    """RFC 7643 §2.2: an optional value may come in a list of one (row F19)."""
    one = entra.create() if path == USERS else entra.create_group()
    replaced = {"op": "replace", "path": name, "value": listed}
    answers = [
        entra.post(path, {name: listed}),
        entra.put(f"{path}/{one}", {name: listed}),
        entra.patch(f"{path}/{one}", replaced),
    ]

    for answer in answers:
        assert answer.refusal == (400, "invalidValue", "CW-USER-7")
        assert f"{name} is one value; send it without a list" in text_of(answer)


@pytest.mark.parametrize(
    ("path", "name"), [(USERS, "userName"), (GROUPS, "displayName")]
)
def test_what_is_required_is_named(entra: Provisioning, path: str, name: str) -> None:
    """Row D11."""
    for body in ({}, {name: None}, {name: ""}, {name: " "}):
        answer = entra.post(path, body)
        assert answer.refusal == (400, "invalidValue", "CW-USER-7")
        assert text_of(answer) == f"CW-USER-7: {name} is required; map a value to it"


def test_what_is_within_the_limits_is_kept(entra: Provisioning) -> None:
    more: Document = {
        "nickName": "字" * MAX_TEXT,
        "roles": [{"value": str(each)} for each in range(MAX_VALUES)],
        "x509Certificates": [{"value": "A" * MAX_CERTIFICATE}],
    }
    read = entra.get(f"{USERS}/{entra.create(**more)}").body

    assert {name: read[name] for name in more} == more


def test_a_list_cannot_grow_beyond_its_limit_by_small_steps(
    entra: Provisioning,
) -> None:
    user = f"{USERS}/{entra.create(roles=[{'value': str(n)} for n in range(100)])}"

    answer = entra.patch(
        user, {"op": "add", "path": "roles", "value": [{"value": "x"}]}
    )

    assert answer.refusal == (400, "invalidValue", "CW-USER-7")
    assert len(entra.get(user).body["roles"]) == 100


@pytest.mark.parametrize(
    "address",
    [
        "yamada＠example.jp",
        "a@b＠example.jp",
        "yamada@example.j\u200bp",
        "\ufeffyamada@example.jp",
        "ｙamada@example.jp",
        "yamada@example。jp".replace("。", "\uff0e"),
        "yama\u00adda@example.jp",
        "yamada\u202e@example.jp",
        "yamada@example.jp\x7f",
    ],
)
def test_an_address_that_only_looks_like_one_is_refused(
    entra: Provisioning, address: str
) -> None:
    user = entra.create("yamada@example.jp")

    for answer in (
        entra.post(USERS, {"userName": address}),
        entra.patch(f"{USERS}/{user}", replace("userName", address)),
    ):
        assert answer.refusal == (400, "invalidValue", "CW-USER-4")


@pytest.mark.parametrize("address", ["o'neil+x@example.jp", "山田@例え.jp", "é@x.jp"])
def test_an_address_in_any_script_is_one(entra: Provisioning, address: str) -> None:
    user = entra.create(address)

    assert entra.get(f"{USERS}/{user}").body["userName"] == address


def test_a_compressed_body_is_not_supported(entra: Provisioning) -> None:
    body = {"userName": "a@example.jp"}

    for encoding, status in (("gzip", 415), ("x", 415), ("identity", 201)):
        answer = entra.send("POST", USERS, body, headers={"content-encoding": encoding})
        assert answer.status == status
        assert answer.headers["Content-Type"] == SCIM_JSON


def test_plain_http_is_refused_and_never_redirected(
    entra: Provisioning, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    for host in ("testserver", "evil.example"):
        answer = entra.send("POST", USERS, {}, headers={"host": host})
        assert answer.refusal == (403, None, "CW-REQ-3")
        event = AuditEvent.objects.get(reference=answer.headers["X-Request-Id"])
        assert "travelled in clear text" in event.context["detail"]
    assert entra.client.get(USERS, secure=True).status_code == 200


def test_an_address_has_a_limit(entra: Provisioning) -> None:
    for path in (f"{USERS}/{'x' * 20_000}", f"{USERS}?x={'y' * 20_000}"):
        answer = Answer(entra.client.get(path))
        assert answer.refusal == (414, None, "CW-REQ-3")
        assert answer.body["schemas"] == [ERROR]


def test_too_many_parameters_are_refused(entra: Provisioning) -> None:
    most = "&".join(["a=b"] * 1_000)
    assert Answer(entra.client.get(f"{USERS}?{most}")).status == 200

    answer = Answer(entra.client.get(f"{USERS}?{most}&a=b"))

    assert answer.refusal == (400, "invalidSyntax", "CW-REQ-2")
    said = "The address has more than 1,000 parameters. Send fewer. "
    assert said in answer.body["detail"]


@pytest.mark.parametrize(
    ("said", "scim_type"),
    [
        ("filter=displayName%20eq%20%22a%ff%22", "invalidFilter"),
        ("Filter=userName%20eq%20%22a%ff%22&count=1", "invalidFilter"),
        ("attributes=%e3%81", "invalidSyntax"),
        ("filter=userName%20pr&x%ff=1", "invalidSyntax"),
    ],
)
def test_parameters_that_are_not_utf_8_find_nobody(
    entra: Provisioning, said: str, scim_type: str
) -> None:
    """A5; RFC 7644 §3.8: somebody may well be called U+FFFD."""
    entra.create(displayName="a\ufffd")

    answer = Answer(entra.client.get(f"{USERS}?{said}"))

    assert answer.refusal[:2] == (400, scim_type)
    assert "not UTF-8" in answer.body["detail"]
    assert entra.get(USERS, filter='displayName eq "a\ufffd"').body["totalResults"] == 1


def test_an_answer_without_a_body_has_no_media_type(entra: Provisioning) -> None:
    group, user = f"{GROUPS}/{entra.create_group()}", f"{USERS}/{entra.create()}"

    for answer in (
        entra.patch(group, replace("displayName", "B")),
        entra.delete(group),
        entra.delete(user),
    ):
        assert (answer.status, answer.content) == (204, b"")
        assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("path", [USERS, f"{USERS}/x", "/scim/v2/Me", "/scim/x"])
@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
def test_a_method_of_no_use_is_answered_in_scim(
    entra: Provisioning, path: str, method: str
) -> None:
    response = entra.client.generic(method, path)

    assert response["Content-Type"] == SCIM_JSON
    assert response.status_code in {404, 405, 501}


@pytest.mark.parametrize(
    "path", [USERS, "/scim/v2/Schemas", "/scim/v2/ServiceProviderConfig", "a user"]
)
def test_a_head_is_a_get_without_its_body(entra: Provisioning, path: str) -> None:
    """RFC 9110 §9.3.2."""
    path = f"{USERS}/{entra.create()}" if path == "a user" else path
    got, head = entra.get(path), Answer(entra.client.head(path))

    assert (head.status, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.content))
    assert head.headers.get("ETag") == got.headers.get("ETag")


@pytest.mark.parametrize("path", [f"{USERS}/x", "/scim/v2/Me", "/scim/v2/Bulk"])
def test_a_refused_head_has_no_body_either(entra: Provisioning, path: str) -> None:
    got, head = entra.get(path), Answer(entra.client.head(path))

    assert (head.status, head.content) == (got.status, b"")


def test_many_operations_on_long_lists_are_too_much(entra: Provisioning) -> None:
    user = entra.create(emails=[{"value": f"a{n}@example.jp"} for n in range(100)])
    adding = [
        {"op": "add", "path": "emails", "value": [{"value": f"b{n}@example.jp"}]}
        for n in range(1000)
    ]
    marking = [
        {
            "op": "replace",
            "path": f'emails[value eq "a{n}@example.jp"].display',
            "value": "x",
        }
        for n in range(100)
    ]

    for operations in (adding, marking):
        answer = entra.patch(f"{USERS}/{user}", *operations)
        assert answer.refusal == (413, None, "CW-REQ-3")
    assert entra.patch(f"{USERS}/{user}", *marking[:40]).status == 200


@pytest.mark.parametrize("charset", ["utf-16", "iso-8859-1"])
def test_another_charset_is_refused(entra: Provisioning, charset: str) -> None:
    """RFC 7644 §3.8."""
    media_type = f"{SCIM_JSON}; charset={charset}"
    answer = entra.send("POST", USERS, {"userName": "a@example.jp"}, media_type)

    assert answer.refusal == (415, None, "CW-REQ-3")


def test_me_is_for_persons(entra: Provisioning) -> None:
    """RFC 7644 §3.11: a token of ours acts for no person."""
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = entra.send(method, "/scim/v2/Me", {})
        assert answer.refusal == (501, None, "CW-REQ-3")
        assert "no token acts for a person" in answer.body["detail"]


def test_without_a_token_errors_look_the_same(
    enabled_acme: Organization, scim_client: ScimClientFor
) -> None:
    answer = Answer(Client().get(USERS))

    assert answer.headers["Content-Type"] == SCIM_JSON
    assert text_of(answer).startswith("CW-AUTH-1: ")


def test_values_that_are_equal_are_not_read_without_end(entra: Provisioning) -> None:
    """Row I7: a hundred are kept, and equal ones are one."""
    equal = [{"type": "work", "value": "a@example.jp"}]

    few = entra.post(USERS, {"userName": "a@example.jp", "emails": equal * MOST_SENT})
    many = {"userName": "b@example.jp", "emails": equal * (MOST_SENT + 1)}

    assert few.body["emails"] == equal
    assert entra.post(USERS, many).refusal == (400, "invalidValue", "CW-USER-7")
    adding = {"op": "add", "path": "emails", "value": equal * (MOST_SENT + 1)}
    assert entra.patch(f"{USERS}/{few.id}", adding).status == 400
