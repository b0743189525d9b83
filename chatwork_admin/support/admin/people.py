from __future__ import annotations

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Group, User, UserSession
from chatwork_admin.support.columns import (
    NOTHING,
    change_page,
    column,
    json_column,
    organization_link,
)
from chatwork_admin.support.filters import (
    ChoiceFilter,
    FlagFilter,
    LinkedFilter,
    OrganizationFilter,
    RecycleBinFilter,
    uuid_in,
)
from chatwork_admin.support.interventions import remove_app
from chatwork_admin.support.read_only import ReadOnlyAdmin, ReadOnlyInline

MOST_SHOWN = 50


@admin.display(description=_("Groups"))
def groups(user: User) -> str:
    mine = user.organization.groups.filter(memberships__user=user)
    links = [
        (change_page("organizations_group", group.pk), group.display_name)
        for group in mine.order_by("display_name_key")[:MOST_SHOWN]
    ]
    return format_html_join(", ", '<a href="{}">{}</a>', links) or NOTHING


@admin.display(description=_("Members (the first 50)"))
def members(group: Group) -> str:
    people = group.organization.users.filter(memberships__group=group)
    links = [
        (change_page("organizations_user", person.pk), person.user_name)
        for person in people.order_by("user_name_key")[:MOST_SHOWN]
    ]
    return format_html_join(", ", '<a href="{}">{}</a>', links) or NOTHING


class SessionInline(ReadOnlyInline):
    """Open and ended ones, of the last weeks; never the hash of a key."""

    model = UserSession
    fk_name = "user"
    empty_list = _("No session in the last 30 days.")
    fields = [
        column("began", _("Signed in with")),
        column("started_at", _("Signed in at")),
        column("last_seen_at", _("Last seen")),
        column("expires_at", _("Expires at")),
        column("address", _("IP address")),
        column("user_agent", _("Browser")),
        column("ended_at", _("Ended at")),
        column("ended_why", _("Ended by")),
    ]


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Neither password nor anything secret of the document."""

    list_display = [
        column("user_name", _("Login e-mail")),
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
        ("role", ChoiceFilter),
        ("is_active", FlagFilter),
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
    inlines = [SessionInline]
    actions = [remove_app]

    def found_by(self, term: str) -> Q:
        """Login e-mail, in both partial indexes, or id; an externalId only then.

        No index finds an externalId without its organization: choose that first.
        """
        name = Q(user_name_key=fold(term))
        known = (name & Q(deleted_at=None)) | (name & Q(deleted_at__isnull=False))
        if pk := uuid_in(term):
            known |= Q(pk=pk)
        return known if User.objects.filter(known).exists() else Q(external_id=term)


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    list_display = [
        column("display_name", _("Display name")),
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
