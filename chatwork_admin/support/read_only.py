"""Admin pages on which nothing can be added, changed or deleted, of tables of any size."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from chatwork_admin.authorization.models import AccessToken, Grant, OAuthClient
from chatwork_admin.organizations.models import Group, Organization, User
from chatwork_admin.support import viewing
from chatwork_admin.support.columns import list_page
from chatwork_admin.support.sign_in import actor_for
from chatwork_admin.support.site import is_staff, staff_member

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
    AnyInline = admin.TabularInline[Any, Any]
    AnyPaginator = Paginator[Any]
else:  # Django's classes take no parameters when they run
    AnyAdmin, AnyInline, AnyPaginator = admin.ModelAdmin, admin.TabularInline, Paginator

ROWS_PER_PAGE = 50
MOST_COUNTED = 1_000


class CappedPaginator(AnyPaginator):
    """Counts no further than `MOST_COUNTED`: further down, search."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        counted: int = rows[:MOST_COUNTED].count()
        return counted


class LookOnly:
    """Staff may look, at everything registered; nobody may do anything else."""

    # Callables are columns too, which django-stubs does not know.
    fields: ClassVar[Any] = None
    fieldsets: ClassVar[Any] = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_staff(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(LookOnly, AnyAdmin):
    """A list with search, and a page; newest first, by the primary key.

    Subclasses say how a search term finds rows, and what an empty list means.
    """

    list_display: Any = ("__str__",)
    list_per_page = list_max_show_all = ROWS_PER_PAGE
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    ordering = ["-pk"]
    sortable_by = ()
    search_fields = ["pk"]  # shows the box; `found_by` decides
    empty_list: str | Promise = _("There is nothing here yet.")

    def found_by(self, term: str) -> Q:
        raise NotImplementedError

    def may_act(self, request: HttpRequest) -> bool:
        """Operators may, where there is anything to do."""
        return bool(self.actions) and staff_member(request).may_operate

    def get_urls(self) -> list[URLPattern]:
        """Django tells LoginRequiredMiddleware for the site, but not for its models."""
        urls = super().get_urls()
        for url in urls:
            vars(url.callback)["login_url"] = reverse_lazy("admin:login")
        return urls

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the filters offer: `?password__startswith=…` would be an oracle."""
        if "\x00" in value:  # PostgreSQL has no such character
            return False
        return lookup in {key for each in self.list_filter for key in _keys(each)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        term = search_term.strip()
        return (queryset.filter(self.found_by(term)) if term else queryset), False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if self.may_act(request) else {}

    @method_decorator(sensitive_post_parameters("password", "code", "key"))
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST" and not self.may_act(request):
            raise PermissionDenied
        return super().changelist_view(request, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,
        **named: Any,
    ) -> HttpResponse:
        """The customer sees in the audit log who has looked."""
        actor = actor_for(request, staff_member(request))
        viewing.note(context["original"], actor=actor)
        return super().render_change_form(request, context, *args, **named)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The history of anything is in its organization's audit log."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return HttpResponseRedirect(history_of(row))


class ReadOnlyInline(LookOnly, AnyInline):
    template = "support/inline.html"
    stock_template = "admin/edit_inline/tabular.html"
    is_wide = True  # scrolls by itself where it does not fit
    extra = 0
    ordering = ["-pk"]
    empty_list: str | Promise = _("There is nothing here yet.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields


class ReadOnlyPanel(ReadOnlyInline):
    """An inline for what there is one of."""

    stock_template = "admin/edit_inline/stacked.html"
    is_wide = False


def history_of(row: Any, **more: str) -> str:
    """Return the address of the audit events about a row of a customer."""
    organization = row.pk if isinstance(row, Organization) else row.organization_id
    filters = {"organization": str(organization), "days": "all"} | more
    if isinstance(row, User | Group | OAuthClient | Grant | AccessToken):
        filters["target"] = str(row.pk)
    return list_page("audit_auditevent", **filters)


def _keys(list_filter: Any) -> list[str]:
    if isinstance(list_filter, tuple):
        return [f"{list_filter[0]}__exact"]
    return [list_filter.parameter_name]
