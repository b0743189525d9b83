"""What is no bulk request, and how many operations are one (RFC 7644 §3.7; rows I8, K1)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.organizations.models import Organization
from scim.documents import bulk, messages
from tests.examples import DEAR
from tests.scim.bulk_requests import (
    BULK,
    managed,
    patch,
    post,
    results,
    run,
    statuses,
    user,
)
from tests.scim.conftest import (
    CORE,
    GROUP,
    PATCH_OP,
    USERS,
    Document,
    Provisioning,
)


@pytest.mark.parametrize(
    ("operation", "status", "code"),
    [
        (5, 400, "CW-REQ-2"),
        ({"method": "POST", "path": "/Users", "data": {}}, "400", "CW-REQ-2"),
        ({"path": "/Users", "bulkId": "q", "data": {}}, "400", "CW-REQ-2"),
        ({"method": "GET", "path": "/Users"}, "400", "CW-REQ-2"),
        ({"method": 5, "path": ["x"]}, "400", "CW-REQ-2"),
        ({}, "400", "CW-REQ-2"),
        ({"method": "DELETE", "path": "/Users"}, "405", "CW-REQ-3"),
        ({"method": "POST", "path": "/Users/x", "bulkId": "q"}, "405", "CW-REQ-3"),
        ({"method": "POST", "path": "/Bulk", "bulkId": "q"}, "404", "CW-REQ-3"),
        (
            {"method": "POST", "path": "/Users/.search", "bulkId": "q"},
            "404",
            "CW-REQ-3",
        ),
        ({"method": "DELETE", "path": "/Users/x?y"}, "404", "CW-REQ-3"),
        ({"method": "DELETE", "path": "https://x/Users/x"}, "400", "CW-REQ-2"),
        ({"method": "DELETE", "path": "Users/x"}, "400", "CW-REQ-2"),
        ({"method": "DELETE"}, "400", "CW-REQ-2"),
        ({"method": "PATCH", "path": "/"}, "404", "CW-REQ-3"),
        ({"method": "POST", "path": "Users", "bulkId": "q"}, "400", "CW-REQ-2"),
        ({"method": "DELETE", "path": "/Users/../Groups/x"}, "404", "CW-REQ-3"),
        ({"method": "POST", "path": "/Users", "bulkId": "q"}, "400", "CW-REQ-2"),
        (user("q") | {"data": []}, "400", "CW-REQ-2"),
        ({"method": "PATCH", "path": "/Users/x"}, "404", "CW-USER-6"),
    ],
)
def test_an_operation_that_cannot_be_done_says_why(
    entra: Provisioning, operation: Any, status: str | int, code: str
) -> None:
    answer = run(entra, operation, user("a"))

    if status == 400:  # not one operation, but the request
        assert answer.refusal == (400, "invalidSyntax", code)
        return
    assert statuses(answer) == [status, "201"]
    refused = results(answer)[0]
    assert refused["response"]["detail"].startswith(f"{code}: ")
    is_of_resource = operation == {"method": "PATCH", "path": "/Users/x"}
    assert ("location" in refused) is is_of_resource  # §3.7.3


def test_a_refused_operation_has_the_address_of_its_resource_and_no_other(
    entra: Provisioning,
) -> None:
    """§3.7.3: nobody has the id of a creation that failed, and addresses are URIs."""
    change = {"op": "replace", "path": "title", "value": "T"}
    answer = run(
        entra,
        post("/Users", "q", displayName="no user name"),
        patch("/Users/bulkId:q", change),
        patch("/Users/a b‹é", change),
    )

    assert statuses(answer) == ["400", "409", "404"]
    locations = [each.get("location") for each in results(answer)]
    known = f"{USERS}/{entra.create('a@example.jp')}"
    there = entra.get(known).body["meta"]["location"].removesuffix(known)
    assert locations == [None, None, f"{there}{USERS}/a%20b%E2%80%B9%C3%A9"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"schemas": [messages.BULK_REQUEST]},
        {"schemas": [messages.BULK_REQUEST], "Operations": []},
        {"schemas": [messages.BULK_REQUEST], "Operations": {}},
        {"schemas": [PATCH_OP], "Operations": [user("a")]},
        {
            "schemas": [messages.BULK_REQUEST],
            "Operations": [user("a")],
            "failOnErrors": 0,
        },
        {
            "schemas": [messages.BULK_REQUEST],
            "Operations": [user("a")],
            "failOnErrors": True,
        },
        {"schemas": [messages.BULK_REQUEST], "Operations": [user("a"), user("a")]},
    ],
)
def test_what_is_no_bulk_request_does_nothing(
    entra: Provisioning, enabled_acme: Organization, body: object
) -> None:
    answer = entra.post(BULK, body)

    assert answer.refusal == (400, "invalidSyntax", "CW-REQ-2")
    assert enabled_acme.users.count() == 1


def test_a_bulk_request_need_not_say_that_it_is_one(entra: Provisioning) -> None:
    assert statuses(entra.post(BULK, {"Operations": [user("a")]})) == ["201"]


def test_more_operations_than_published_are_too_many(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    published = entra.get("/scim/v2/ServiceProviderConfig").body["bulk"]

    answer = run(entra, *(user(str(n)) for n in range(published["maxOperations"] + 1)))

    assert answer.refusal == (413, None, "CW-REQ-3")
    assert enabled_acme.users.count() == 1


def test_the_operations_in_all_bodies_are_counted_together(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    """RFC 7644 §3.7.4; row I8: a PATCH alone may have a thousand."""
    one = f"/Users/{entra.create()}"
    change = {"op": "replace", "path": "title", "value": "T"}
    half = [change] * (bulk.MAX_CHANGES // 2)

    done = run(entra, patch(one, *half), patch(one, *half))
    refused = run(entra, user("a"), patch(one, *half), patch(one, change, *half))

    assert statuses(done) == ["200", "200"]
    assert refused.refusal == (413, None, "CW-REQ-3")
    assert "1001 operations" in refused.body["detail"]
    assert "several requests" in refused.body["detail"]
    assert enabled_acme.users.count() == 2


def test_the_terms_in_all_paths_are_counted_together(entra: Provisioning) -> None:
    terms = " or ".join(['value eq "x"'] * (bulk.MAX_TERMS // 2))
    removal = {"op": "remove", "path": f"emails[{terms}]"}
    key = {"op": "add", "value": {'emails[value eq "x"].display': "x"}}

    answer = run(entra, *[patch("/Users/x", each) for each in (removal, removal, key)])

    assert answer.refusal == (413, None, "CW-REQ-3")
    assert "terms" in answer.body["detail"]


def test_the_keys_that_are_paths_are_counted_too(entra: Provisioning) -> None:
    terms = " or ".join(['value eq "x"'] * (bulk.MAX_TERMS // 2))
    nested = {"op": "add", "value": {CORE: {f"emails[{terms}].display": "x"}}}

    answer = run(entra, *[patch("/Users/x", nested)] * 3)

    assert answer.refusal == (413, None, "CW-REQ-3")


def test_the_values_that_all_bodies_visit_are_counted_together(
    entra: Provisioning,
) -> None:
    many = [{"value": f"{number}@example.jp"} for number in range(100)]
    one = f"/Users/{entra.create(emails=many)}"
    terms = " or ".join(['value eq "x"'] * 40)
    removal = {"op": "remove", "path": f"emails[{terms}]"}

    answer = run(entra, *[patch(one, removal)] * 4)

    assert statuses(answer) == ["200", "200", "413", "413"]


def test_the_values_that_all_bodies_bring_are_counted_together(
    entra: Provisioning,
) -> None:
    """Row I8: those of who is refused too, for they were read."""
    many = [{"value": f"{number}@example.jp"} for number in range(90)]
    change = {"op": "replace", "path": "emails", "value": many}
    one, nobody = f"/Users/{entra.create()}", f"/Users/{uuid.uuid4()}"

    known = run(entra, *[patch(one, *[change] * 25)] * 4)
    unknown = run(entra, *[patch(nobody, *[change] * 50)] * 4)

    assert statuses(known) == ["200", "200", "413", "413"]
    assert statuses(unknown) == ["404", "404", "413", "413"]


def test_so_are_those_of_whoever_is_created(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    """Row I8: lists of a thousand equal values cost a body of 1 MB three seconds."""
    same = {name: ["a@example.jp"] * 1000 for name in ("emails", "roles", "ims")}

    answer = run(entra, *(user(str(number), **same) for number in range(5)))

    assert statuses(answer) == ["201"] * 3 + ["413"] * 2


def test_as_many_as_published_are_done(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    most = entra.get("/scim/v2/ServiceProviderConfig").body["bulk"]["maxOperations"]
    Organization.objects.filter(pk=enabled_acme.pk).update(licences=most + 1)

    people = [managed(str(n), str(n + 1)) for n in range(most - 1)]
    answer = run(entra, *people, user(str(most - 1)))

    assert statuses(answer) == ["201"] * most


def test_only_post_is_meant_for_bulk(entra: Provisioning) -> None:
    answer = entra.get(BULK)

    assert (answer.status, answer.headers["Allow"]) == (405, "POST, OPTIONS")


def test_schemas_of_another_version_of_scim_are_refused_in_bulk_too(
    entra: Provisioning,
) -> None:
    answer = run(entra, user("a", schemas=[GROUP]), user("b", schemas=[CORE]))

    assert statuses(answer) == ["400", "201"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 9)
    | st.sampled_from(["bulkId:a", "/Users"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "userName", "Operations"]), inner)
    ),
    max_leaves=8,
)


@DEAR
@given(
    operations=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "method": st.sampled_from(["POST", "PUT", "PATCH", "DELETE"]) | JSON,
                "path": st.sampled_from(["/Users", "/Groups/bulkId:a", "/Users/x"])
                | JSON,
                "bulkId": st.sampled_from(["a", "b"]) | JSON,
                "version": JSON,
                "data": JSON,
            },
        ),
        max_size=4,
    )
)
def test_no_bulk_request_is_our_fault(
    entra: Provisioning, operations: list[Document]
) -> None:
    answer = run(entra, *operations)

    assert answer.status in {200, 400}
    if answer.status == 200:
        assert all(int(each["status"]) < 500 for each in results(answer))
