"""What is told by mail, of each kind of event in `actions.MAILED`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.portal.mails import account_words, credential_words, saml_words
from chatwork_admin.portal.mails.parts import LOOK_AT_THE_LOG, Words


def words_of(event: AuditEvent) -> Words:
    """Return the words of the present language."""
    action = Action(event.action)
    return DEPENDING[action](event) if action in DEPENDING else WORDS[action]


def _transferred(event: AuditEvent) -> Words:
    if "connections" in event.context:
        return credential_words.TRANSFERRED_WITH_CONNECTIONS
    return TRANSFERRED


def _dismissed(event: AuditEvent) -> Words:
    return LOST if "why" in event.context else TAKEN_BACK


LOST = Words(
    _("A user manager has lost the right"),
    _(
        "Provisioning gave a user manager another login e-mail, or created that person "
        "anew after a deletion. It may be somebody else by now, and is a member."
    ),
    _(
        "If it is the same person, give the right again on their page in the user list. "
        "If nobody has changed this person in Entra ID, somebody else has your "
        "provisioning client's secret or token: revoke it."
    ),
    "portal:connection",
)
TAKEN_BACK = Words(
    _("The right of a user manager was taken back"),
    _("This person is a member from now on, and was signed out everywhere."),
    LOOK_AT_THE_LOG,
    "portal:audit",
    to_user_managers=True,
)
TRANSFERRED = Words(
    _("The administrator right was transferred"),
    _(
        "Somebody else is the organization administrator now. Whoever it was before "
        "is a user manager."
    ),
    LOOK_AT_THE_LOG,
    "portal:audit",
    to_user_managers=True,
)
WORDS = {
    **account_words.WORDS,
    **credential_words.WORDS,
    **saml_words.WORDS,
    Action.SYNC_DISABLED: Words(
        _("User synchronization was disabled"),
        _("Your identity provider can no longer create, change or suspend users here."),
        LOOK_AT_THE_LOG,
        "portal:synchronization",
        to_user_managers=True,
    ),
    Action.SYNC_ENABLED: Words(
        _("User synchronization was enabled"),
        _(
            "From now on your identity provider may create, change, suspend and delete "
            "users here."
        ),
        LOOK_AT_THE_LOG,
        "portal:synchronization",
        to_user_managers=True,
    ),
    Action.USER_MANAGER_APPOINTED: Words(
        _("Somebody was made a user manager"),
        _("User managers see all users, the audit log and the settings here."),
        LOOK_AT_THE_LOG,
        "portal:audit",
        to_user_managers=True,
    ),
}
# Of which it depends on what happened.
DEPENDING: Mapping[Action, Callable[[AuditEvent], Words]] = {
    Action.ADMINISTRATOR_TRANSFERRED: _transferred,
    Action.CREDENTIAL_EXPIRING: credential_words.ending,
    Action.GRANT_HANDOVER_DUE: credential_words.hand_over,
    Action.IDENTITY_CONFLICT: saml_words.conflict,
    Action.SAML_CERTIFICATE_EXPIRING: saml_words.expiring,
    Action.SAML_MODE_CHANGED: saml_words.switched,
    Action.USER_MANAGER_DISMISSED: _dismissed,
}
