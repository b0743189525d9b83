from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from chatwork_admin.authorization.models import BY_HAND, AccessToken
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.support.admin.synchronization import HISTORY
from chatwork_admin.support.columns import (
    NOTHING,
    change_page,
    column,
    in_words,
    list_page,
)
from chatwork_admin.support.filters import (
    ChoiceFilter,
    StateFilter,
    matches_organization,
)
from chatwork_admin.support.interventions import extend, pause, resume
from chatwork_admin.support.read_only import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    ReadOnlyPanel,
    history_of,
)
from chatwork_admin.support.saml_panels import (
    CertificateInline,
    IdentityProviderPanel,
    VersionInline,
)
from chatwork_admin.support.states import synchronization_of, word_for
from chatwork_admin.synchronization.models import NoticeAcceptance, UserSynchronization

CONNECTIONS = {
    "oauthclient": _("OAuth clients"),
    "grant": _("authorized connections"),
    "accesstoken": _("access tokens"),
}


class SynchronizationPanel(ReadOnlyPanel):
    model = UserSynchronization
    empty_list = _("User synchronization was never enabled.")
    fields = [column("state", _("State")), *HISTORY]


class TokenInline(ReadOnlyInline):
    """Those issued by hand; never the digest: last characters are what can be compared."""

    model = AccessToken
    empty_list = _("No access token was issued by hand.")
    fields = [
        column("name", _("Name")),
        column("last_characters", _("Last characters")),
        column("issued_at", _("Issued at")),
        column("issued_by", _("Issued by")),
        column("last_used_at", _("Last used")),
        column("expires_at", _("Expires at")),
        column("revoked_at", _("Revoked at")),
        column("revoked_by", _("Revoked by")),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(BY_HAND)


class NoticeInline(ReadOnlyInline):
    model = NoticeAcceptance
    empty_list = _("No note was confirmed.")
    fields = [
        column("text_version", _("Text version")),
        column("language", _("Language")),
        column("accepted_by_name", _("Confirmed by")),
        column("accepted_at", _("Confirmed at")),
        column("address", _("IP address")),
    ]


@admin.display(description=_("State"))
def state(organization: Organization) -> str:
    return str(word_for(organization).word)


@admin.display(description=_("What that means"))
def meaning(organization: Organization) -> str:
    return str(word_for(organization).meaning)


@admin.display(description=_("Last heard"))
def last_heard(organization: Organization) -> str:
    return in_words(synchronization_of(organization).last_contact_at)


@admin.display(description=_("Enabled by"))
def enabled_by(organization: Organization) -> str:
    return in_words(synchronization_of(organization).enabled_by)


@admin.display(description=_("Licences"))
def licences(organization: Any) -> str:
    return f"{organization.licences_used:,} / {organization.licences:,}"


@admin.display(description=_("Organization administrator"))
def administrator(organization: Organization) -> str:
    people = organization.users.filter(role=User.Role.ADMINISTRATOR)
    person = people.first()
    if person is None:
        return NOTHING
    address = change_page("organizations_user", person.pk)
    return format_html('<a href="{}">{}</a>', address, person.user_name)


@admin.display(description=_("See also"))
def related(organization: Organization) -> SafeString:
    chosen = organization.pk
    links = [
        (list_page("organizations_user", organization=chosen), capfirst(_("users"))),
        (list_page("organizations_group", organization=chosen), capfirst(_("groups"))),
        (
            list_page("synchronization_tombstone", organization=chosen),
            capfirst(_("recycle bin")),
        ),
        *(
            (list_page(f"authorization_{model}", organization=chosen), capfirst(name))
            for model, name in CONNECTIONS.items()
        ),
        (history_of(organization), _("Audit log")),
        (history_of(organization, topic="saml"), _("SAML and sign-ins")),
    ]
    return format_html_join(" · ", '<a href="{}">{}</a>', links)


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    list_display = [
        column("name", _("Name")),
        column("slug", _("Login address")),
        column("plan", _("Plan")),
        state,
        last_heard,
        licences,
        enabled_by,
    ]
    list_filter = [StateFilter, ("plan", ChoiceFilter)]
    list_select_related = ["user_synchronization"]
    search_help_text = _("Name or part of it, login address, id or public id.")
    empty_list = _(
        "No organization yet. They come with contracts; "
        "`manage.py demo_organization` makes one to look at."
    )
    actions = [pause, resume, extend]
    fieldsets = [
        (None, {"fields": [state, meaning, last_heard, enabled_by, related]}),
        (
            _("Contract"),
            {
                "fields": [
                    column("name", _("Name")),
                    column("plan", _("Plan")),
                    licences,
                    administrator,
                    column("slug", _("Login address")),
                    column("public_id", _("Public id")),
                    column("pk", _("Id")),
                    column("created_at", _("Created at")),
                ]
            },
        ),
    ]
    inlines = [
        SynchronizationPanel,
        IdentityProviderPanel,
        CertificateInline,
        VersionInline,
        TokenInline,
        NoticeInline,
    ]

    def found_by(self, term: str) -> Q:
        return matches_organization(term)

    def get_queryset(self, request: HttpRequest) -> Any:
        people = User.objects.filter(organization=OuterRef("pk"), deleted_at=None)
        number = people.order_by().values("organization").annotate(number=Count("pk"))
        used = Coalesce(Subquery(number.values("number")), 0)
        rows = super().get_queryset(request).prefetch_related("refusal_counts")
        return rows.annotate(licences_used=used)
