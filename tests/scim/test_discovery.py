"""Discovery (RFC 7643 §5-§7, RFC 7644 §4; rows C1-C10): true, and without nulls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from scim2_models import ResourceType, Schema, ServiceProviderConfig

from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    GROUP,
    LIST,
    USERS,
    Document,
    Provisioning,
    address,
)
from tests.scim.documents.examples import EVERY_ATTRIBUTE


def test_the_configuration_promises_what_is_kept(entra: Provisioning) -> None:
    """Rows C6, C7 and K9; RFC 7643 §5, §8.5; RFC 7644 §4; RFC 9865 §4."""
    answer = entra.get("/scim/v2/ServiceProviderConfig", sortBy="id", x="y")

    assert answer.body == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {
            "supported": True,
            "maxOperations": 100,
            "maxPayloadSize": 1024 * 1024,
        },
        "filter": {"supported": True, "maxResults": 200},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": 100,
            "maxPageSize": 200,
            "cursorTimeout": 3600,
        },
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth Bearer Token",
                "description": "RFC 6750",
            }
        ],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": address("/scim/v2/ServiceProviderConfig"),
        },
    }
    ServiceProviderConfig.model_validate(answer.body)
    # what Microsoft's Postman collection calls it (S18)
    assert entra.get("/scim/v2/serviceConfiguration").body == answer.body


def test_users_come_first_among_the_resource_types(entra: Provisioning) -> None:
    """Row C5; RFC 7643 §6, §8.6."""
    answer = entra.get("/scim/v2/ResourceTypes")

    assert answer.body == {
        "schemas": [LIST],
        "totalResults": 2,
        "startIndex": 1,
        "itemsPerPage": 2,
        "Resources": [
            {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
                "id": "User",
                "name": "User",
                "description": "User Account",
                "endpoint": "/Users",
                "schema": CORE,
                "schemaExtensions": [{"schema": ENTERPRISE, "required": False}],
                "meta": {
                    "resourceType": "ResourceType",
                    "location": address("/scim/v2/ResourceTypes/User"),
                },
            },
            {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
                "id": "Group",
                "name": "Group",
                "description": "Group",
                "endpoint": "/Groups",
                "schema": GROUP,
                "meta": {
                    "resourceType": "ResourceType",
                    "location": address("/scim/v2/ResourceTypes/Group"),
                },
            },
        ],
    }
    ResourceType.model_validate(answer.resources[0])


def test_the_schemas_are_those_of_rfc_7643(entra: Provisioning) -> None:
    """Row C1; RFC 7643 §7, §8.7.1."""
    answer = entra.get("/scim/v2/Schemas")

    assert [each["id"] for each in answer.resources] == [CORE, GROUP, ENTERPRISE]
    assert answer.body["totalResults"] == answer.body["itemsPerPage"] == 3
    assert answer.resources[0]["description"] == "User Account"  # C9
    assert b"null" not in answer.content  # C2
    for schema in answer.resources:
        Schema.model_validate(schema)


def test_one_can_be_asked_for(entra: Provisioning) -> None:
    """Row C4; RFC 7644 §4."""
    schemas = entra.get("/scim/v2/Schemas").resources
    types = entra.get("/scim/v2/ResourceTypes").resources

    assert entra.get(f"/scim/v2/Schemas/{ENTERPRISE}").body == schemas[2]
    assert entra.get(f"/scim/v2/Schemas/{CORE.lower()}/").body == schemas[0]
    assert entra.get("/scim/v2/ResourceTypes/Group").body == types[1]


@pytest.mark.parametrize("path", ["Schemas/urn:x", "ResourceTypes/Device"])
def test_an_unknown_one_is_not_found(entra: Provisioning, path: str) -> None:
    """Row C4."""
    assert entra.get(f"/scim/v2/{path}").refusal == (404, None, "CW-REQ-3")


@pytest.mark.parametrize("path", ["Schemas", "ResourceTypes", "ServiceProviderConfig"])
def test_a_filter_is_refused(entra: Provisioning, path: str) -> None:
    """Row C7; §4: "the service provider SHOULD respond with an HTTP 403"."""
    answer = entra.get(f"/scim/v2/{path}", filter="invalid")

    assert answer.refusal == (403, None, "CW-REQ-3")


def _attributes(entra: Provisioning, schema: str) -> dict[str, Document]:
    body = entra.get(f"/scim/v2/Schemas/{schema}").body
    return {each["name"]: each for each in body["attributes"]}


def test_types_are_published_so_that_entra_can_offer_them(entra: Provisioning) -> None:
    """Row C3."""
    user = _attributes(entra, CORE)

    def types(name: str) -> list[str]:
        parts = {each["name"]: each for each in user[name]["subAttributes"]}
        values: list[str] = parts["type"]["canonicalValues"]
        return values

    assert types("emails") == types("addresses") == ["work", "home", "other"]
    assert types("phoneNumbers") == ["work", "home", "mobile", "fax", "pager", "other"]


def test_what_is_not_honoured_is_not_advertised(entra: Provisioning) -> None:
    """Row C10; RFC 7643 §2.2."""
    user = _attributes(entra, CORE)

    assert "password" not in user
    assert user["groups"]["mutability"] == "readOnly"
    assert [name for name, each in user.items() if each["required"]] == ["userName"]
    assert user["userName"]["uniqueness"] == "server"
    assert user["emails"]["uniqueness"] == "none"
    manager = _attributes(entra, ENTERPRISE)["manager"]["subAttributes"]
    assert [each["name"] for each in manager] == ["value", "$ref"]
    assert user["x509Certificates"]["subAttributes"][0]["type"] == "binary"


def test_what_groups_promise_is_kept(entra: Provisioning) -> None:
    """Rows H2 and H13."""
    group = _attributes(entra, GROUP)
    parts = {each["name"]: each for each in group["members"]["subAttributes"]}

    assert group["displayName"]["uniqueness"] == "server"
    assert parts.keys() == {"value", "$ref", "type", "display"}
    assert parts["display"]["mutability"] == "readOnly"


@pytest.mark.parametrize("schema", [CORE, GROUP])
def test_every_attribute_of_a_mapping_can_be_discovered(
    entra: Provisioning, schema: str
) -> None:
    """Row C3: the gallery mapping has externalId, which is in no schema of RFC 7643."""
    external_id = _attributes(entra, schema)["externalId"]

    assert (external_id["caseExact"], external_id["uniqueness"]) == (True, "none")


def _leaves(attributes: list[Document]) -> Iterator[tuple[str, ...]]:
    for attribute in attributes:
        parts = attribute.get("subAttributes")
        for leaf in _leaves(parts) if parts else [()]:
            yield (attribute["name"], *leaf)


def test_the_example_of_every_attribute_has_every_one_that_is_advertised(
    entra: Provisioning,
) -> None:
    """So that "kept as it was sent" speaks of all of them."""

    def values(document: Document, path: tuple[str, ...]) -> list[object]:
        found: list[Any] = [document]
        for name in path:
            lists = [each if isinstance(each, list) else [each] for each in found]
            found = [each.get(name) for many in lists for each in many]
        return [each for each in found if each is not None]

    core = entra.get(f"/scim/v2/Schemas/{CORE}").body["attributes"]
    extension = entra.get(f"/scim/v2/Schemas/{ENTERPRISE}").body["attributes"]
    paths = [*_leaves(core), *((ENTERPRISE, *leaf) for leaf in _leaves(extension))]
    labels = {"display", "type", "primary"}

    missing = [
        path
        for path in paths
        if path[0] != "groups"
        and path[-1] not in labels
        and path[-2:] != ("manager", "displayName")
        and not values(EVERY_ATTRIBUTE, path)
    ]

    assert missing == []
    assert entra.post(USERS, EVERY_ATTRIBUTE).status == 201
