"""The pages of the portal, in the order of the menu."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Item:
    """`views` are the URL names under which the item is the present one."""

    label: Promise
    icon: str
    views: tuple[str, ...]

    @property
    def url_name(self) -> str:
        return f"portal:{self.views[0]}"


@dataclass(frozen=True, slots=True)
class Section:
    label: Promise | None
    items: tuple[Item, ...]


SAML_VIEWS = (
    "saml",
    "saml-metadata",
    "saml-fetch",
    "saml-fetched",
    "saml-watch",
    "saml-manual",
    "saml-save",
    "saml-remove",
    "saml-options",
    "saml-add-certificate",
    "saml-activate-certificate",
    "saml-retire-certificate",
    "saml-remove-certificate",
    "saml-test",
    "saml-off",
    "saml-optional",
    "saml-required",
    "saml-sign-ins",
    "saml-matches",
    "saml-versions",
    "saml-restore",
    "saml-codes",
    "saml-issue-codes",
    "saml-download-codes",
)
NAVIGATION = (
    Section(None, (Item(_("Overview"), "home", ("overview",)),)),
    Section(
        _("Users"),
        (
            Item(
                _("User list"),
                "users",
                (
                    "users",
                    "user",
                    "transfer",
                    "end-sessions",
                    "restore-user",
                    "erase-user",
                    "remove-second-factor-of",
                ),
            ),
            Item(_("Teams"), "team", ("teams", "team")),
        ),
    ),
    Section(
        _("User Synchronization"),
        (
            Item(
                _("Setup and status"),
                "sync",
                ("synchronization", "enable", "confirm-notices"),
            ),
            Item(
                _("Connection"),
                "plug",
                (
                    "connection",
                    "issue-token",
                    "revoke-token",
                    "revoke-grant",
                    "register-client",
                    "client",
                    "remove-client",
                    "set-lifetime",
                    "hand-over-sheet",
                    "add-secret",
                    "revoke-secret",
                ),
            ),
            Item(
                _("Pause or disable"), "pause", ("stop", "pause", "disable", "resume")
            ),
        ),
    ),
    Section(
        _("Security"),
        (
            Item(
                _("Login (SAML)"),
                "key",
                SAML_VIEWS,
            ),
            Item(_("Audit log"), "list", ("audit",)),
        ),
    ),
    Section(_("Help"), (Item(_("Error codes"), "help", ("error-codes",)),)),
)
