"""django-scim2's addresses and names, with a slash at the end or without (A3).

The bearer token stands in for a session: each view asks for it (`ScimView`).
"""

from django.contrib.auth.decorators import login_not_required
from django.urls import re_path

from scim import dispatch, errors, jobs, search_views, views

app_name = "scim"

ME = dispatch.ScimView.as_view(implemented=False, not_implemented=errors.NobodyHere)
ADDRESSES = (
    (r"^$", search_views.RootView.as_view(), "root"),
    (r"^\.search/?$", search_views.RootSearchView.as_view(), "search"),
    (r"^Users/\.search/?$", search_views.UserSearchView.as_view(), "users-search"),
    (r"^Users(?:/(?P<uuid>[^/]+))?/?$", views.UsersView.as_view(), "users"),
    (r"^Groups/\.search/?$", search_views.GroupSearchView.as_view(), "groups-search"),
    (r"^Groups(?:/(?P<uuid>[^/]+))?/?$", views.GroupsView.as_view(), "groups"),
    (r"^Me/?$", ME, "me"),
    (r"^Bulk/?$", jobs.BulkView.as_view(), "bulk"),
    (
        r"^ServiceProviderConfig/?$",
        views.ServiceProviderConfigView.as_view(),
        "service-provider-config",
    ),
    (
        r"^serviceConfiguration/?$",  # C6: as Microsoft's Postman collection calls it
        views.ServiceProviderConfigView.as_view(),
        "service-configuration",
    ),
    (
        r"^ResourceTypes(?:/(?P<uuid>[^/]+))?/?$",
        views.ResourceTypesView.as_view(),
        "resource-types",
    ),
    (r"^Schemas(?:/(?P<uuid>[^/]+))?/?$", views.SchemasView.as_view(), "schemas"),
    (r"", views.UnknownView.as_view(), "no-such-endpoint"),
)

urlpatterns = [
    re_path(address, login_not_required(view), name=name)
    for address, view, name in ADDRESSES
]
