"""What people are told of their own accounts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.portal.mails.parts import Words

ABOUT_YOU = _(
    "You get this mail because it is about your account. Answers to it are not read."
)
WORDS = {
    Action.CODES_RESTING: Words(
        _("Too many wrong one-time codes with your password"),
        _(
            "Somebody typed your password and, one after another, codes that were wrong. "
            "For up to an hour no code of your app counts. Recovery codes and security keys "
            "do, and so does SAML sign-in."
        ),
        _(
            "If it was not you, somebody knows your password: change it at once. Further "
            "attempts within a day are in the audit log only."
        ),
        "portal:password",
        to_person_meant=True,
        why=ABOUT_YOU,
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
}
