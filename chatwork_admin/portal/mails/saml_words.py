"""What administrators are told of SAML: whom it trusts, how it is switched, ways around it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.portal.mails.parts import (
    DAYS_OF_CONCERN,
    LOOK_AT_THE_LOG,
    Words,
)
from saml_sso.models import IdentityProvider
from saml_sso.sign_in.login_reasons import LoginReason


def expiring(event: AuditEvent) -> Words:
    days, successor = int(event.context["days"]), event.context["successor"]
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


def conflict(event: AuditEvent) -> Words:
    by_provisioning = event.context.get("code") == LoginReason.EXTERNAL_ID_CONFLICT
    return EXTERNAL_ID_CONFLICT if by_provisioning else IDENTITY_CONFLICT


def switched(event: AuditEvent) -> Words:
    return MODES[event.changes[0]["after"]]


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
EXTERNAL_ID_CONFLICT = Words(
    _("An external ID led to another person's account"),
    _(
        "Provisioning gave this person the external ID of an account of your identity "
        "provider, and somebody signed in with that account. It was refused: it has "
        "another name, and is not the account that is linked to this person."
    ),
    _(
        "If it is another person's account, correct the external ID in Entra ID. If nobody "
        "has set it there, somebody else has the secret or token of your provisioning "
        "client: revoke it. Further attempts within an hour are in the audit log only."
    ),
    "portal:connection",
    to_user_managers=True,
)
IDENTITY_CONFLICT = Words(
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
)
WORDS = {
    Action.ADMINISTRATOR_LINKED: Words(
        _("An account was linked to the organization administrator"),
        _(
            "Whoever signs in to your identity provider with this account is the "
            "organization administrator here."
        ),
        _(
            "Compare the object id with that of the administrator's account in Entra ID. "
            "If it is another, unlink the identity on the page of the user, and look at "
            "the audit log."
        ),
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
    Action.SAML_REMOVED: Words(
        _("The SAML login settings were removed"),
        _("Nobody can sign in by SAML any more."),
        LOOK_AT_THE_LOG,
        "portal:saml",
        to_user_managers=True,
    ),
    Action.SAML_RESTORED: SETTINGS_CHANGED,
    Action.SAML_UPDATED: SETTINGS_CHANGED,
}
