"""Views of searches: by POST (RFC 7644 §3.4.3), and of the root (§3.4.2.1)."""

from __future__ import annotations

from django.http import HttpResponse
from django_scim import views as django_scim_views

from scim.authentication import ScimRequest
from scim.dispatch import answer
from scim.search import queries, root
from scim.views import ListView, OfGroups, OfUsers


class SearchView(ListView):
    """§3.4.3: the parameters of a list, in a body."""

    def allowed(self) -> list[str]:
        return ["POST"]

    def post(self, request: ScimRequest) -> HttpResponse:
        return self.page(queries.search(self.body))


class UserSearchView(OfUsers, SearchView, django_scim_views.UserSearchView):  # type: ignore[misc]
    pass


class GroupSearchView(OfGroups, SearchView, django_scim_views.GroupSearchView):  # type: ignore[misc]
    pass


class OfEverything:
    """§3.4.2.1: users and groups in one list."""

    request: ScimRequest

    def page(self, asked: queries.Query) -> HttpResponse:
        return answer(root.page(self.request.organization, asked))


class RootView(OfEverything, ListView):
    def get(self, request: ScimRequest) -> HttpResponse:
        return self.page(queries.query(request.GET))


class RootSearchView(OfEverything, SearchView):
    pass
