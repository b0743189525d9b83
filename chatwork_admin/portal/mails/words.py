"""What administrators are told by mail, of each kind of event in `actions.MAILED`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.portal.mails import credential_words
from chatwork_admin.portal.mails.parts import DAYS_OF_CONCERN, Words
from saml_sso.models import IdentityProvider


def words_of(event: AuditEvent) -> Words:
    """Return the words of the present language."""
    match Action(event.action):
        case Action.SAML_CERTIFICATE_EXPIRING:
            return _expiring(int(event.context["days"]), event.context["successor"])
        case Action.CREDENTIAL_EXPIRING:
            return credential_words.ending(event)
        case Action.GRANT_HANDOVER_DUE:
            return credential_words.hand_over(int(event.context["days"]))
        case Action.ADMINISTRATOR_TRANSFERRED if "connections" in event.context:
            return credential_words.TRANSFERRED_WITH_CONNECTIONS
        case Action.SAML_MODE_CHANGED:
            return MODES[event.changes[0]["after"]]
        case action:
            return WORDS[action]


def _expiring(days: int, successor: str) -> Words:
    if not days:
        return EXPIRED
    subject = ngettext(
        "The SAML certificate expires within %(days)d day",
        "The SAML certificate expires within %(days)d days",
        days,
    )
    return Words(
        subject % {"days": days},
        SUCCESSOR_READY if successor else NO_SUCCESSOR,
        ROLL_OVER,
        "portal:saml",
        to_user_managers=days <= DAYS_OF_CONCERN,
    )


NO_SUCCESSOR = _(
    "The certificate with which your identity provider signs expires soon, and no later "
    "one is trusted yet. From then on nobody can sign in by SAML."
)
SUCCESSOR_READY = _(
    "A certificate of your identity provider expires soon. A later one is trusted already: "
    "see to it that your identity provider signs with it in time."
)
ROLL_OVER = _(
    "In Entra ID, open Single sign-on › SAML Certificates and make a new certificate. Add "
    "it here before you activate it there; then nobody is interrupted."
)
EXPIRED = Words(
    _("The SAML certificate has expired"),
    _(
        "A certificate of your identity provider has expired. Sign-ins that are signed "
        "with it are refused. User synchronization goes on."
    ),
    _(
        "Activate a new certificate in Entra ID and add it here. If you cannot sign in, use "
        "the address without SAML and one of your emergency codes."
    ),
    "portal:saml",
    to_user_managers=True,
)
LOOK_AT_THE_LOG = _(
    "If you did not expect this, look at the audit log, and end the sessions of whoever "
    "did it."
)
MODES = {
    IdentityProvider.Mode.OFF.value: Words(
        _("SAML sign-in was switched off"),
        _("Nobody can sign in by SAML any more."),
        LOOK_AT_THE_LOG,
        "portal:saml",
        to_user_managers=True,
    ),
    IdentityProvider.Mode.OPTIONAL.value: Words(
        _("SAML sign-in is optional now"),
        _(
            "People may sign in by SAML, and administrators with their password as well."
        ),
        LOOK_AT_THE_LOG,
        "portal:saml",
        to_user_managers=True,
    ),
    IdentityProvider.Mode.REQUIRED.value: Words(
        _("SAML sign-in is required now"),
        _(
            "Nobody can sign in with a password alone any more. If SAML fails, the "
            "organization administrator gets in with an emergency code."
        ),
        _(
            "See to it that the emergency codes are where you find them without Chatwork."
        ),
        "portal:saml",
        to_user_managers=True,
    ),
}
ABOUT_YOU = _(
    "You get this mail because it is about your account. Answers to it are not read."
)
SETTINGS_CHANGED = Words(
    _("The SAML login settings were changed"),
    _("Whoever the settings name as identity provider is trusted to sign people in."),
    _(
        "Compare entity ID, addresses and thumbprints with those of Entra ID. If it was "
        "none of you, restore the version before."
    ),
    "portal:saml-versions",
    to_user_managers=True,
)
WORDS = {
    Action.ADMINISTRATOR_TRANSFERRED: Words(
        _("The administrator right was transferred"),
        _(
            "Somebody else is the organization administrator now. Whoever it was before "
            "is a user manager."
        ),
        LOOK_AT_THE_LOG,
        "portal:audit",
        to_user_managers=True,
    ),
    Action.BYPASS_USED: Words(
        _("Emergency access was used"),
        _("Somebody signed in around SAML, as the organization administrator."),
        LOOK_AT_THE_LOG,
        "portal:audit",
        to_user_managers=True,
    ),
    Action.IDENTITY_CONFLICT: Words(
        _("Somebody else tried to sign in with a member's e-mail address"),
        _(
            "Your identity provider signed somebody in whose object id is not that of the "
            "member with this address. It was refused: the address may have been given to "
            "another person."
        ),
        _(
            "Compare the object id in Entra ID with that of the member. If the same person "
            "has a new account, unlink the former identity on the page of the user. Further "
            "attempts within an hour are in the audit log only."
        ),
        "portal:audit",
        to_user_managers=True,
    ),
    Action.LOGIN_URL_REQUESTED: Words(
        _("Your login URL"),
        _("Somebody, you perhaps, asked where you sign in to Chatwork."),
        _("This is the login URL of your organization. Keep it as a bookmark:"),
        "portal:dedicated-login",
        to_person_meant=True,
        why=_(
            "If it was not you, there is nothing to do: nobody else got this mail. Answers "
            "to it are not read."
        ),
    ),
    Action.RECOVERY_CODE_USED: Words(
        _("One of your recovery codes was used"),
        _(
            "Somebody signed in, or confirmed to be you, with your password and a recovery "
            "code."
        ),
        _(
            "If it was not you, end your sessions, issue new recovery codes, and tell the "
            "organization administrator."
        ),
        "portal:sessions",
        to_person_meant=True,
        why=ABOUT_YOU,
    ),
    Action.SAML_CERTIFICATE_ACTIVATED: Words(
        _("A SAML certificate was activated"),
        _("A certificate counts from now on as the one your identity provider uses."),
        LOOK_AT_THE_LOG,
        "portal:saml",
    ),
    Action.SAML_CERTIFICATE_ADDED: Words(
        _("A SAML certificate was added"),
        _("Whoever has the key of this certificate is trusted to sign people in."),
        _(
            "Compare the thumbprint with the one that Entra ID shows. If Entra ID does not "
            "show it, remove the certificate."
        ),
        "portal:saml",
    ),
    Action.SAML_CERTIFICATE_PROPOSED: Words(
        _("A new SAML certificate waits for your decision"),
        _(
            "The metadata of your identity provider names a new certificate. Nothing "
            "signed with it is accepted until you trust it."
        ),
        _(
            "Compare the thumbprint with the one that Entra ID shows. If it is the same, "
            "trust the certificate here before it is made active there."
        ),
        "portal:saml",
    ),
    Action.SAML_CODES_ISSUED: Words(
        _("Emergency codes were issued"),
        _(
            "There are ten new codes for signing in around SAML. Those that were issued "
            "before open nothing any more."
        ),
        LOOK_AT_THE_LOG,
        "portal:audit",
        to_user_managers=True,
    ),
    Action.PASSWORD_CHANGED: Words(
        _("Your password was changed"),
        _("All your other sessions have ended."),
        _(
            "If it was not you, somebody knows your password: tell your organization "
            "administrator at once."
        ),
        "portal:sessions",
        to_person_meant=True,
        why=ABOUT_YOU,
    ),
    Action.SAML_REMOVED: Words(
        _("The SAML login settings were removed"),
        _("Nobody can sign in by SAML any more."),
        LOOK_AT_THE_LOG,
        "portal:saml",
        to_user_managers=True,
    ),
    Action.SAML_RESTORED: SETTINGS_CHANGED,
    Action.SAML_UPDATED: SETTINGS_CHANGED,
    Action.SECOND_FACTOR_REMOVED: Words(
        _("Your one-time codes were removed"),
        _(
            "Unless you have a security key, your password alone lets you in from now on."
        ),
        _(
            "If you did not expect this, set up one-time codes again and tell your "
            "organization administrator."
        ),
        "portal:second-factor",
        to_person_meant=True,
        why=ABOUT_YOU,
    ),
    Action.SECOND_FACTOR_SET_UP: Words(
        _("One-time codes were set up for you"),
        _("From now on, an app shows the codes that your sign-in asks for."),
        _(
            "If it was not you, somebody knows your password: tell your organization "
            "administrator at once."
        ),
        "portal:second-factor",
        to_person_meant=True,
        why=ABOUT_YOU,
    ),
    Action.SECURITY_KEY_ADDED: Words(
        _("A security key was added to your account"),
        _("It lets in whoever has it and knows your password."),
        _(
            "If it was not you, remove the key, change your password, and tell your "
            "organization administrator at once."
        ),
        "portal:second-factor",
        to_person_meant=True,
        why=ABOUT_YOU,
    ),
    Action.SECURITY_KEY_DOUBTED: Words(
        _("One of your security keys may have been copied"),
        _(
            "Somebody signed in, or confirmed to be you, with your password and a key "
            "that has counted fewer uses than it had. It was refused."
        ),
        _(
            "Remove the key and use another. If it was not you, change your password, and "
            "tell your organization administrator at once."
        ),
        "portal:second-factor",
        to_person_meant=True,
        why=ABOUT_YOU,
    ),
    Action.SECURITY_KEY_REMOVED: Words(
        _("A security key was removed from your account"),
        _("It opens nothing any more."),
        _(
            "If you did not expect this, look whether you still have a second factor, and "
            "tell your organization administrator."
        ),
        "portal:second-factor",
        to_person_meant=True,
        why=ABOUT_YOU,
    ),
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
}
