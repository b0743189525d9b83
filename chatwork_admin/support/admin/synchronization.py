from __future__ import annotations

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chatwork_admin.support.columns import column, organization_link
from chatwork_admin.support.filters import (
    OrganizationFilter,
    OwnStateFilter,
    matches_organization,
)
from chatwork_admin.support.read_only import ReadOnlyAdmin
from chatwork_admin.synchronization.models import NoticeAcceptance, UserSynchronization
from chatwork_admin.synchronization.notices import NOTICES

# What became of user synchronization, and who did it.
HISTORY = [
    column("enabled_at", _("Enabled at")),
    column("enabled_by", _("Enabled by")),
    column("paused_at", _("Paused at")),
    column("paused_by", _("Paused by")),
    column("pause_reason", _("Reason")),
    column("disabled_at", _("Last disabled at")),
    column("test_seen_at", _("Connection test seen at")),
    column("first_contact_at", _("First heard")),
    column("last_contact_at", _("Last heard")),
]
TEXTS = {(notice.key, notice.version): notice for notice in NOTICES}


@admin.display(description=_("Words"))
def words(acceptance: NoticeAcceptance) -> str:
    notice = TEXTS.get((acceptance.key, acceptance.text_version))
    if notice is None:
        return str(_("An earlier version of this note."))
    return notice.text(acceptance.language)


@admin.register(UserSynchronization)
class UserSynchronizationAdmin(ReadOnlyAdmin):
    list_display = [
        column("organization", _("Organization")),
        column("state", _("State")),
        column("last_contact_at", _("Last heard")),
        column("enabled_at", _("Enabled at")),
        column("enabled_by", _("Enabled by")),
        column("paused_by", _("Paused by")),
        column("pause_reason", _("Reason")),
    ]
    list_filter = [OrganizationFilter, OwnStateFilter]
    list_select_related = ["organization"]
    search_help_text = _("The organization's name, login address or id.")
    empty_list = _("No organization has ever enabled user synchronization.")
    fields = [
        organization_link,
        column("state", _("State")),
        column("identity_provider", _("Opened for the identity provider")),
        *HISTORY,
        column("changed_at", _("Changed at")),
    ]

    def found_by(self, term: str) -> Q:
        return matches_organization(term, "organization")


@admin.register(NoticeAcceptance)
class NoticeAcceptanceAdmin(ReadOnlyAdmin):
    list_display = [
        column("key", _("Note")),
        column("text_version", _("Text version")),
        organization_link,
        column("accepted_by_name", _("Confirmed by")),
        column("accepted_at", _("Confirmed at")),
        column("language", _("Language")),
    ]
    list_filter = [OrganizationFilter]
    list_select_related = ["organization"]
    search_help_text = _("The organization's name, login address or id.")
    empty_list = _(
        "No note was confirmed yet: nobody has enabled user synchronization."
    )
    fields = [
        organization_link,
        column("key", _("Note")),
        column("text_version", _("Text version")),
        column("language", _("Language")),
        words,
        column("accepted_by_name", _("Confirmed by")),
        column("accepted_at", _("Confirmed at")),
        column("address", _("IP address")),
    ]

    def found_by(self, term: str) -> Q:
        return matches_organization(term, "organization")
