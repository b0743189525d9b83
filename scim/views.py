"""django-scim2's views, corrected where they and RFC 7644 part ways."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django_scim import views as django_scim_views

from chatwork_admin.synchronization import grouping, provisioning
from scim import discovery, errors, listing, representation, searches
from scim.adapters import projection_of
from scim.authentication import ScimRequest
from scim.dispatch import ScimView, answer
from scim.resources import identifier
from scim.schemas import Document


class OfUsers:
    """What views of users have in common."""

    request: ScimRequest
    missing: type[Exception] = provisioning.NoSuchUser
    representation = representation.USERS

    def collection(self) -> searches.Collection:
        return searches.users_of(self.request.organization)


class OfGroups:
    """What views of groups have in common."""

    request: ScimRequest
    missing: type[Exception] = grouping.NoSuchGroup
    representation = representation.GROUPS

    def collection(self) -> searches.Collection:
        return searches.groups_of(self.request.organization)


class ListView(ScimView):
    def page(self, asked: listing.Query) -> HttpResponse:
        collection = self.collection()
        return answer(listing.page(collection, asked, self.representation))


class ResourceView(ListView):
    def allowed(self) -> list[str]:
        """§3.2: which methods a collection has, and which a resource."""
        is_one = self.kwargs.get("uuid") is not None
        return ["GET", "PUT", "PATCH", "DELETE"] if is_one else ["GET", "POST"]

    def get_object(self) -> Model:
        """Name the resource without reading it: the operation does, under its lock."""
        resource_id = identifier(self.kwargs["uuid"])
        if resource_id is None:
            raise self.missing(self.missing.__doc__)
        named: Model = self.model_cls(pk=resource_id)
        return named

    def get_single(self, request: ScimRequest) -> HttpResponse:
        shown = projection_of(request)
        found = self.collection().rows.filter(pk=self.get_object().pk)
        rows = self.representation.rows(found, shown)
        if not rows:
            raise self.missing(self.missing.__doc__)
        document: Document = self.representation.resource(rows[0])
        response = answer(shown.of(document))
        response["Location"] = document["meta"]["location"]
        return response

    def get_many(self, request: ScimRequest) -> HttpResponse:
        asked = listing.query(request.GET)
        return self.page(asked)

    def patched(self, request: ScimRequest) -> Any:
        adapter = self.scim_adapter(self.get_object(), request=request)
        adapter.handle_operations(self.body)
        return adapter

    def patch(self, request: ScimRequest, **_: str) -> HttpResponse:
        """§3.5.2: Operations in any letter case; the library reads them itself."""
        adapter = self.patched(request)
        response = answer(adapter.to_dict())
        response["Location"] = adapter.location
        return response


class UsersView(OfUsers, ResourceView, django_scim_views.UsersView):  # type: ignore[misc]
    written = "user"


class GroupsView(OfGroups, ResourceView, django_scim_views.GroupsView):  # type: ignore[misc]
    written = "group"

    def patch(self, request: ScimRequest, **kwargs: str) -> HttpResponse:
        """H11: no body, for it could list everybody; with one if asked (§3.5.2)."""
        if "attributes" in request.GET:
            return super().patch(request, **kwargs)
        self.patched(request)
        return HttpResponse(status=204)


class SearchView(ListView):
    """§3.4.3: the parameters of a list, in a body."""

    def allowed(self) -> list[str]:
        return ["POST"]

    def post(self, request: ScimRequest) -> HttpResponse:
        asked = listing.search(self.body)
        return self.page(asked)


class UserSearchView(OfUsers, SearchView, django_scim_views.UserSearchView):  # type: ignore[misc]
    pass


class GroupSearchView(OfGroups, SearchView, django_scim_views.GroupSearchView):  # type: ignore[misc]
    pass


class DiscoveryView(ScimView):
    """§4: query parameters are ignored, but a filter is refused."""

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

    def documents(self) -> list[Document]:
        raise NotImplementedError


class ServiceProviderConfigView(DiscoveryView):
    def document(self, uuid: str) -> Document:
        return discovery.service_provider_config()


class ResourceTypesView(DiscoveryView):
    def documents(self) -> list[Document]:
        return discovery.resource_types()


class SchemasView(DiscoveryView):
    def documents(self) -> list[Document]:
        return discovery.schemas()


def no_such_endpoint(request: HttpRequest, **_: str) -> HttpResponse:
    """I4: what is unknown below /scim/ answers as SCIM does, and never redirects."""
    error = errors.NoSuchEndpoint(errors.NoSuchEndpoint.__doc__)
    return errors.response_to(error, request)
