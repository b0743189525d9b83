"""The closed vocabulary of what can happen: `subject.verb`, past tense.

A value, once stored, is never renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Action(models.TextChoices):
    ADMINISTRATOR_LINKED = (
        "login.administrator_linked",
        _("Identity of the administrator linked"),
    )
    ADMINISTRATOR_TRANSFERRED = (
        "administrator.transferred",
        _("Administrator right transferred"),
    )
    ASSERTION_REFUSED = "oauth.assertion_refused", _("Client assertion refused")
    ATTRIBUTES_IGNORED = "scim.attributes_ignored", _("Unknown attributes ignored")
    BYPASS_USED = "login.bypass_used", _("Signed in around SAML")
    CLIENT_ADDRESSES_CHANGED = (
        "oauth.client_addresses_changed",
        _("Redirect addresses of a client changed"),
    )
    CLIENT_CHANGED = "oauth.client_changed", _("OAuth client changed")
    CLIENT_REFUSED = (
        "oauth.client_refused",
        _("Wrong client secret, of somebody unknown"),
    )
    CLIENT_REGISTERED = "oauth.client_created", _("OAuth client registered")
    CLIENT_REMOVED = "oauth.client_removed", _("OAuth client removed")
    CODE_REUSED = "oauth.code_reused", _("Authorization code used twice")
    CODES_RESTING = "second_factor.codes_resting", _("Too many wrong one-time codes")
    CREDENTIAL_EXPIRING = "oauth.credential_expiring", _("Way in ends soon")
    GRANT_AUTHORIZED = "oauth.authorized", _("Connection authorized")
    GRANT_DENIED = "oauth.denied", _("Connection denied")
    GRANT_HANDOVER_DUE = "oauth.handover_due", _("Connection to be authorized again")
    GRANT_REVOKED = "oauth.revoked", _("Connection revoked")
    GROUP_CHANGED = "group.changed", _("Team changed")
    GROUP_DELETED = "group.deleted", _("Team deleted")
    GROUP_PROVISIONED = "group.provisioned", _("Team created")
    IDENTITY_CONFLICT = "login.identity_conflict", _("Another identity refused")
    IDENTITY_CONFIRMED = "login.confirmed", _("Identity confirmed again")
    IDENTITY_LINKED = "login.identity_linked", _("Identity linked")
    IDENTITY_UNLINKED = "login.identity_unlinked", _("Identity unlinked")
    LOGIN_URL_REQUESTED = "login.url_requested", _("Login URL asked for")
    LOGOUT_REFUSED = "logout.refused", _("Logout message refused")
    MEMBERS_UNKNOWN = "scim.members_unknown", _("Unknown members left out")
    ORGANIZATION_FOUNDED = "organization.founded", _("Organization created")
    PASSWORD_CHANGED = "password.changed", _("Password changed")
    RECYCLE_BIN_EXTENDED = "recycle_bin.extended", _("Recycle bin kept longer")
    RECOVERY_CODE_USED = "second_factor.recovery_code_used", _("Recovery code used")
    RECOVERY_CODES_ISSUED = (
        "second_factor.recovery_codes_issued",
        _("Recovery codes issued"),
    )
    REQUEST_REFUSED = "scim.request_refused", _("Provisioning request refused")
    SAML_CERTIFICATE_ACTIVATED = (
        "saml.cert_activated",
        _("SAML certificate activated"),
    )
    SAML_CERTIFICATE_ADDED = "saml.cert_added", _("SAML certificate added")
    SAML_CERTIFICATE_EXPIRING = (
        "saml.certificate_expiring",
        _("SAML certificate expires soon"),
    )
    SAML_CERTIFICATE_PROPOSED = "saml.cert_proposed", _("SAML certificate proposed")
    SAML_CERTIFICATE_REMOVED = "saml.cert_removed", _("SAML certificate removed")
    SAML_CERTIFICATE_RETIRED = "saml.cert_retired", _("SAML certificate retired")
    SAML_CODES_ISSUED = "saml.codes_issued", _("Emergency codes issued")
    SAML_METADATA_REQUESTED = "saml.metadata_requested", _("SAML metadata requested")
    SAML_METADATA_WATCHED = "saml.metadata_watched", _("SAML metadata address changed")
    SAML_MODE_CHANGED = "saml.mode_changed", _("SAML sign-in switched")
    SAML_REMOVED = "saml.removed", _("SAML settings removed")
    SAML_RESTORED = "saml.restored", _("SAML settings restored")
    SAML_TESTED = "saml.tested", _("SAML test sign-in")
    SAML_UPDATED = "saml.updated", _("SAML settings changed")
    SECOND_FACTOR_REMOVED = "second_factor.removed", _("One-time codes removed")
    SECOND_FACTOR_SET_UP = "second_factor.set_up", _("One-time codes set up")
    SECRET_ADDED = "oauth.secret_added", _("Client secret issued")
    SECRET_REVOKED = "oauth.secret_revoked", _("Client secret revoked")
    SECURITY_KEY_ADDED = "second_factor.key_added", _("Security key added")
    SECURITY_KEY_DOUBTED = "second_factor.key_doubted", _("Copied security key refused")
    SECURITY_KEY_REMOVED = "second_factor.key_removed", _("Security key removed")
    SESSION_ENDED = "session.ended", _("Signed out")
    SIGN_IN_FAILED = "login.failed", _("Sign-in failed")
    SIGN_IN_SUCCEEDED = "login.succeeded", _("Signed in")
    SUPPORT_VIEWED = "support.viewed", _("Looked at by support")
    SYNC_DISABLED = "sync.disabled", _("User synchronization disabled")
    SYNC_ENABLED = "sync.enabled", _("User synchronization enabled")
    SYNC_NOTES_CONFIRMED = "sync.notes_confirmed", _("Notes confirmed")
    SYNC_PAUSED = "sync.paused", _("User synchronization paused")
    SYNC_RESUMED = "sync.resumed", _("User synchronization resumed")
    TOKEN_ISSUED = "token.issued", _("Access token issued")
    TOKEN_REVOKED = "token.revoked", _("Access token revoked")
    USER_CHANGED = "user.changed", _("User changed")
    USER_DELETED = "user.deleted", _("User deleted")
    USER_LINKED = "user.linked", _("User linked")
    USER_MANAGER_APPOINTED = (
        "user_manager.appointed",
        _("User manager right given"),
    )
    USER_MANAGER_DISMISSED = (
        "user_manager.dismissed",
        _("User manager right taken away"),
    )
    USER_PROVISIONED = "user.provisioned", _("User created")
    USER_PURGED = "user.purged", _("User erased from the recycle bin")
    USER_REACTIVATED = "user.reactivated", _("User reactivated")
    USER_RESTORED = "user.restored", _("User restored from the recycle bin")
    USER_SUSPENDED = "user.suspended", _("User suspended")
    WORKLOAD_IDENTITY_ADDED = (
        "oauth.workload_identity_added",
        _("Workload identity added"),
    )
    WORKLOAD_IDENTITY_REMOVED = (
        "oauth.workload_identity_removed",
        _("Workload identity removed"),
    )


def actions() -> list[tuple[str, StrPromise]]:
    """Return what the column may hold. Migrations name this, and not each new action."""
    return Action.choices


# What administrators are told by mail; `portal.mails.words` has the words.
MAILED = frozenset(
    {
        Action.ADMINISTRATOR_LINKED,
        Action.ADMINISTRATOR_TRANSFERRED,
        Action.BYPASS_USED,
        Action.CLIENT_ADDRESSES_CHANGED,
        Action.CLIENT_REGISTERED,
        Action.CODES_RESTING,
        Action.CREDENTIAL_EXPIRING,
        Action.GRANT_AUTHORIZED,
        Action.GRANT_HANDOVER_DUE,
        Action.IDENTITY_CONFLICT,
        Action.LOGIN_URL_REQUESTED,
        Action.PASSWORD_CHANGED,
        Action.RECOVERY_CODE_USED,
        Action.SAML_CERTIFICATE_ACTIVATED,
        Action.SAML_CERTIFICATE_ADDED,
        Action.SAML_CERTIFICATE_EXPIRING,
        Action.SAML_CERTIFICATE_PROPOSED,
        Action.SAML_CODES_ISSUED,
        Action.SAML_MODE_CHANGED,
        Action.SAML_REMOVED,
        Action.SAML_RESTORED,
        Action.SAML_UPDATED,
        Action.SECOND_FACTOR_REMOVED,
        Action.SECOND_FACTOR_SET_UP,
        Action.SECRET_ADDED,
        Action.SECURITY_KEY_ADDED,
        Action.SECURITY_KEY_DOUBTED,
        Action.SECURITY_KEY_REMOVED,
        Action.SYNC_DISABLED,
        Action.SYNC_ENABLED,
        Action.TOKEN_ISSUED,
        Action.USER_MANAGER_APPOINTED,
        Action.USER_MANAGER_DISMISSED,
        Action.WORKLOAD_IDENTITY_ADDED,
    }
)
