from __future__ import annotations

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Group, User
from chatwork_admin.support.columns import (
    change_page,
    column,
    json_column,
    organization_link,
)
from chatwork_admin.support.filters import (
    LinkedFilter,
    OrganizationFilter,
    RecycleBinFilter,
    uuid_in,
)
from chatwork_admin.support.read_only import ReadOnlyAdmin

MOST_SHOWN = 50


@admin.display(description=_("Groups"))
def groups(user: User) -> SafeString | None:
    mine = user.organization.groups.filter(memberships__user=user)
    links = [
        (change_page("organizations_group", group.pk), group.display_name)
        for group in mine.order_by("display_name_key")[:MOST_SHOWN]
    ]
    return format_html_join(", ", '<a href="{}">{}</a>', links) or None


@admin.display(description=_("Members (the first 50)"))
def members(group: Group) -> SafeString | None:
    people = group.organization.users.filter(memberships__group=group)
    links = [
        (change_page("organizations_user", person.pk), person.user_name)
        for person in people.order_by("user_name_key")[:MOST_SHOWN]
    ]
    return format_html_join(", ", '<a href="{}">{}</a>', links) or None


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Neither password nor anything secret of the document."""

    list_display = [
        "user_name",
        column("display_name", _("Display name")),
        organization_link,
        column("role", _("Role")),
        column("is_active", _("Active"), is_flag=True),
        column("external_id", _("External id")),
        column("linked_at", _("Linked at")),
        column("deleted_at", _("Deleted at")),
    ]
    list_filter = [
        OrganizationFilter,
        ("role", admin.ChoicesFieldListFilter),
        ("is_active", admin.BooleanFieldListFilter),
        LinkedFilter,
        RecycleBinFilter,
    ]
    list_select_related = ["organization"]
    search_help_text = _("Whole login e-mail, id, or externalId.")
    empty_list = _(
        "No user yet. Administrators come with the organization, "
        "everybody else by provisioning."
    )
    fields = [
        column("user_name", _("Login e-mail")),
        column("display_name", _("Display name")),
        organization_link,
        column("role", _("Role")),
        column("is_active", _("Active"), is_flag=True),
        column("deleted_at", _("Deleted at")),
        column("linked_at", _("Linked at")),
        column("external_id", _("External id")),
        column("pk", _("Id")),
        column("title", _("Title")),
        column("department", _("Department")),
        column("organization_name", _("Organization name")),
        column("employee_number", _("Employee number")),
        column("work_email", _("Work e-mail")),
        groups,
        column("created_at", _("Created at")),
        column("changed_at", _("Changed at")),
        column("version", _("Version")),
        column("last_login", _("Last sign-in")),
        json_column("document", _("SCIM document")),
    ]

    def found_by(self, term: str) -> Q:
        """Each way has its index: by e-mail among the present, then in the bin."""
        name = Q(user_name_key=fold(term))
        found = (name & Q(deleted_at=None)) | (name & Q(deleted_at__isnull=False))
        found |= Q(external_id=term)
        return found | Q(pk=pk) if (pk := uuid_in(term)) else found


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    list_display = [
        "display_name",
        organization_link,
        column("external_id", _("External id")),
        column("changed_at", _("Changed at")),
    ]
    list_filter = [OrganizationFilter]
    list_select_related = ["organization"]
    search_help_text = _("Whole name, id, or externalId.")
    empty_list = _("No group yet. Groups come by provisioning only.")
    fields = [
        column("display_name", _("Display name")),
        organization_link,
        column("external_id", _("External id")),
        column("pk", _("Id")),
        members,
        column("created_at", _("Created at")),
        column("changed_at", _("Changed at")),
        column("version", _("Version")),
        json_column("document", _("SCIM document")),
    ]

    def found_by(self, term: str) -> Q:
        found = Q(display_name_key=fold(term)) | Q(external_id=term)
        return found | Q(pk=pk) if (pk := uuid_in(term)) else found
