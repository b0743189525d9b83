"""What this service provider says of itself (RFC 7643 §5-§7), and only what is true."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django_scim.constants import SchemaURI
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    Patch,
    Resource,
    ResourceType,
    ServiceProviderConfig,
    Sort,
)

from scim.documents import bulk
from scim.documents.schemas import (
    ENTERPRISE_USER,
    ENTERPRISE_USER_SCHEMA,
    GROUP,
    GROUP_SCHEMA,
    USER,
    USER_SCHEMA,
    Document,
)
from scim.limits import MAX_COUNT
from scim.search.listing import PAGINATION

CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(
        supported=True,
        max_operations=bulk.MAX_OPERATIONS,
        max_payload_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    ),
    filter=Filter(supported=True, max_results=MAX_COUNT),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    pagination=PAGINATION,
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme.model_validate(scheme)
        for scheme in settings.SCIM_SERVICE_PROVIDER["AUTHENTICATION_SCHEMES"]
    ],
)
RESOURCE_TYPES = [  # C5: Users first
    ResourceType.model_validate(
        {
            "id": "User",
            "name": "User",
            "description": "User Account",
            "endpoint": "/Users",
            "schema": USER,
            "schemaExtensions": [{"schema": ENTERPRISE_USER, "required": False}],
        }
    ),
    ResourceType.model_validate(
        {
            "id": "Group",
            "name": "Group",
            "description": "Group",
            "endpoint": "/Groups",
            "schema": GROUP,
        }
    ),
]
SCHEMAS = [USER_SCHEMA, GROUP_SCHEMA, ENTERPRISE_USER_SCHEMA]


def service_provider_config() -> Document:
    return _document(CONFIG, _address("scim:service-provider-config"))


def resource_types() -> list[Document]:
    return [_listed(each, "scim:resource-types") for each in RESOURCE_TYPES]


def schemas() -> list[Document]:
    return [_listed(each, "scim:schemas") for each in SCHEMAS]


def listed(documents: list[Document]) -> Document:
    """Return a ListResponse; the library's own lacks totalResults (§3.4.2)."""
    return {
        "schemas": [SchemaURI.LIST_RESPONSE],
        "totalResults": len(documents),
        "startIndex": 1,
        "itemsPerPage": len(documents),
        "Resources": documents,
    }


def _listed(resource: Resource[Any], name: str) -> Document:
    return _document(resource, f"{_address(name)}/{resource.id}")


def _document(
    resource: ServiceProviderConfig | Resource[Any], location: str
) -> Document:
    """Return a resource as JSON: no nulls, the RFC's own letter case (C2)."""
    document: Document = resource.model_dump(scim_ctx=Context.DEFAULT)
    meta = {"resourceType": type(resource).__name__, "location": location}
    return document | {"meta": meta}


def _address(name: str) -> str:
    return f"{settings.BASE_URL}{reverse(name)}"
