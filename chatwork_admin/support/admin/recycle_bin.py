from __future__ import annotations

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.folding import fold
from chatwork_admin.support.columns import (
    change_page,
    column,
    in_words,
    organization_link,
)
from chatwork_admin.support.filters import OrganizationFilter, uuid_in
from chatwork_admin.support.read_only import ReadOnlyAdmin
from chatwork_admin.synchronization.models import Tombstone


@admin.display(description=_("Login e-mail"))
def login_email(tombstone: Tombstone) -> str:
    return tombstone.user.user_name


@admin.display(description=_("User"))
def user_link(tombstone: Tombstone) -> SafeString:
    address = change_page("organizations_user", tombstone.user_id)
    return format_html('<a href="{}">{}</a>', address, tombstone.user.user_name)


@admin.display(description=_("Deleted at"))
def deleted_at(tombstone: Tombstone) -> str:
    return in_words(tombstone.user.deleted_at)


@admin.display(description=_("Teams"))
def teams(tombstone: Tombstone) -> int:
    return len(tombstone.teams)


@admin.display(description=_("Managed people"))
def reports(tombstone: Tombstone) -> int:
    return len(tombstone.reports)


@admin.register(Tombstone)
class TombstoneAdmin(ReadOnlyAdmin):
    """Only the customer's administrator restores or erases; operators keep for longer."""

    list_display = [
        login_email,
        organization_link,
        deleted_at,
        column("deleted_by", _("Deleted by")),
        column("erase_after", _("Erased after")),
        teams,
    ]
    list_filter = [OrganizationFilter]
    list_select_related = ["organization", "user"]
    search_help_text = _("Whole login e-mail, id, or externalId.")
    empty_list = _("Nobody is in the recycle bin.")
    fields = [
        user_link,
        organization_link,
        deleted_at,
        column("deleted_by", _("Deleted by")),
        column("erase_after", _("Erased after")),
        column("external_id", _("External id")),
        teams,
        reports,
    ]

    def found_by(self, term: str) -> Q:
        """Its indexes begin with the organization: among many, choose that first."""
        if pk := uuid_in(term):
            return Q(user_id=pk) | Q(organization_id=pk)
        return Q(user_name_key=fold(term)) | Q(external_id=term)
