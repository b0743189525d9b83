"""django-scim2's views, corrected where they and RFC 7644 part ways."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django_scim import views as django_scim_views
from django_scim.constants import SCIM_CONTENT_TYPE

from chatwork_admin.identifiers import new_id
from chatwork_admin.synchronization import grouping, provisioning
from scim import discovery, errors, prepared, representation
from scim.adapters import projection_of
from scim.authentication import ScimRequest
from scim.dispatch import RefusingView, ScimView, answer, bodiless
from scim.documents.preconditions import tag
from scim.documents.resources import identifier
from scim.documents.schemas import Document
from scim.search import listing, queries, searches

OTHER_VERSION = re.compile(r"/scim/v(?!2(?:/|$))[0-9.]+(?:/|$)", re.IGNORECASE)


class OfUsers:
    """What views of users have in common."""

    request: ScimRequest
    kind = "user"
    missing: type[Exception] = provisioning.NoSuchUser
    representation = representation.USERS

    def collection(self) -> searches.Collection:
        return searches.users_of(self.request.organization)


class OfGroups:
    """What views of groups have in common."""

    request: ScimRequest
    kind = "group"
    missing: type[Exception] = grouping.NoSuchGroup
    representation = representation.GROUPS

    def collection(self) -> searches.Collection:
        return searches.groups_of(self.request.organization)


@dataclass(frozen=True, slots=True)
class Named:
    """A user or a group of which nothing is read or written yet."""

    pk: uuid.UUID


class ListView(ScimView):
    def page(self, asked: queries.Query) -> HttpResponse:
        collection = self.collection()
        return answer(listing.page(collection, asked, self.representation))


class ResourceView(ListView):
    new_id: uuid.UUID | None = None  # the id that a creation is to have, if known

    def allowed(self) -> list[str]:
        """§3.2: which methods a collection has, and which a resource."""
        is_one = self.kwargs.get("uuid") is not None
        return ["GET", "PUT", "PATCH", "DELETE"] if is_one else ["GET", "POST"]

    def get_object(self) -> Named:
        """Name the resource without reading it: the operation does, under its lock."""
        resource_id = identifier(self.kwargs["uuid"])
        if resource_id is None:
            raise self.missing(self.missing.__doc__)
        return Named(resource_id)

    def get_single(self, request: ScimRequest) -> HttpResponse:
        shown = projection_of(request)
        found = self.collection().one_of(Q(pk=self.get_object().pk))
        rows = self.representation.rows(found, shown)
        if not rows:
            raise self.missing(self.missing.__doc__)
        document: Document = self.representation.resource(rows[0])
        response = answer(shown.of(document))
        response["Location"] = document["meta"]["location"]
        return tagged(response, document["meta"]["version"])

    def get_many(self, request: ScimRequest) -> HttpResponse:
        return self.page(queries.query(request.GET))

    def post(self, request: ScimRequest, **_: str) -> HttpResponse:
        named = Named(self.new_id or new_id())
        return self.saved(self.scim_adapter(named, request=request), 201)

    def put(self, request: ScimRequest, **_: str) -> HttpResponse:
        adapter = self.scim_adapter(self.get_object(), request=request)
        return self.saved(adapter, 200)

    def patch(self, request: ScimRequest, **_: str) -> HttpResponse:
        return self.written_answer(self.patched(request), 200)

    def delete(self, request: ScimRequest, **_: str) -> HttpResponse:
        self.scim_adapter(self.get_object(), request=request).delete()
        return bodiless(204)

    def saved(self, adapter: Any, status: int) -> HttpResponse:
        adapter.from_dict(self.body)
        adapter.save()
        return self.written_answer(adapter, status)

    def written_answer(self, adapter: Any, status: int) -> HttpResponse:
        document: Document = adapter.to_dict()
        response = answer(projection_of(self.request).of(document), status)
        response["Location"] = document["meta"]["location"]
        return tagged(response, document["meta"]["version"])

    def patched(self, request: ScimRequest) -> Any:
        adapter = self.scim_adapter(self.get_object(), request=request)
        adapter.handle_operations(self.body)
        return adapter


class UsersView(OfUsers, ResourceView, django_scim_views.UsersView):  # type: ignore[misc]
    def get_single(self, request: ScimRequest) -> HttpResponse:
        if request.META.get("QUERY_STRING"):
            return super().get_single(request)
        return self.composed_answer(self.get_object().pk, 200)

    def written_answer(self, adapter: Any, status: int) -> HttpResponse:
        is_new = (
            self.request.method == "POST"
        )  # as a rule nobody's member: little to look up
        if is_new or self.request.META.get("QUERY_STRING"):
            return super().written_answer(adapter, status)
        return self.composed_answer(adapter.obj.pk, status)

    def composed_answer(self, user_id: uuid.UUID, status: int) -> HttpResponse:
        found = prepared.user(self.request.organization, user_id)
        if found is None:
            raise self.missing(self.missing.__doc__)
        response = HttpResponse(
            found.text, status=status, content_type=SCIM_CONTENT_TYPE
        )
        response["Location"] = found.location
        return tagged(response, found.tag)

    def get_many(self, request: ScimRequest) -> HttpResponse:
        text = prepared.matched(request.organization, request.GET)
        if text is None:
            return super().get_many(request)
        return HttpResponse(text, content_type=SCIM_CONTENT_TYPE)


class GroupsView(OfGroups, ResourceView, django_scim_views.GroupsView):  # type: ignore[misc]
    def patch(self, request: ScimRequest, **kwargs: str) -> HttpResponse:
        """H11: no body, for it could list everybody; with one if asked (§3.5.2)."""
        if "attributes" in request.GET:
            return super().patch(request, **kwargs)
        adapter = self.patched(request)
        return tagged(bodiless(204), tag(adapter.obj.version))


def tagged(response: HttpResponse, present: str) -> HttpResponse:
    response["ETag"] = present
    return response


class DiscoveryView(ScimView):
    """§4: query parameters are ignored, but a filter is refused."""

    documents: Callable[[], list[Document]]

    def get(self, request: ScimRequest, uuid: str = "") -> HttpResponse:
        if "filter" in request.GET:
            raise errors.FilterNotAllowed(errors.FilterNotAllowed.__doc__)
        return answer(self.document(uuid))

    def document(self, uuid: str) -> Document:
        listed = self.documents()
        if not uuid:
            return discovery.listed(listed)
        named = [each for each in listed if each["id"].lower() == uuid.lower()]
        if not named:
            raise errors.NoSuchEndpoint(errors.NoSuchEndpoint.__doc__)
        return named[0]


class ServiceProviderConfigView(DiscoveryView):
    def document(self, uuid: str) -> Document:
        return discovery.service_provider_config()


class ResourceTypesView(DiscoveryView):
    documents = staticmethod(discovery.resource_types)


class SchemasView(DiscoveryView):
    documents = staticmethod(discovery.schemas)


class UnknownView(RefusingView):
    """I4: what is unknown below /scim/ answers as SCIM does, and never redirects."""

    def performed(self, *args: object, **kwargs: object) -> HttpResponse:
        if OTHER_VERSION.match(self.request.path_info):  # §3.13
            raise errors.UnsupportedVersion(errors.UnsupportedVersion.__doc__)
        return super().performed(*args, **kwargs)
