"""Why a sign-in by SAML was refused, in sentences an administrator can act on."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.proofs.one_time_codes import Resting, UsedAlready
from saml_sso.messages.response_reasons import ResponseReason
from saml_sso.sign_in.login_reasons import LoginReason

FORM = _(
    "The message cannot be read: it is not in the form that identity providers send. "
    "Anybody can send such a thing. If somebody could not sign in at this time, contact "
    "Chatwork support."
)
NO_REQUEST = _(
    "No request of ours matches this message, or none any more. Anybody can send such a "
    "thing. If somebody could not sign in at this time, let them start again."
)
SIGNATURE = _(
    "The signature does not fit the message: it was changed on its way, or made up. "
    "Anybody can send such a thing, and other settings would not let it in. If somebody "
    "could not sign in at this time, contact Chatwork support."
)
TIMES = _(
    "The message came too late, too early, or says times that cannot be right. Sign in "
    "again; if it stays, check the clock of the identity provider."
)
START_AGAIN = _("The sign-in took too long or was continued twice. Start it again.")
NAME = _(
    "The name (NameID) cannot be used. In Entra ID, map Unique User Identifier to "
    "user.mail, in the form that the options ask for."
)
ADDRESSES = _(
    "The message was meant for another address or application than ours. Copy the "
    "values of step 1 into Entra ID again, exactly as they are shown."
)

# What is not named here is something about the form of the message.
REASONS: dict[str, Promise] = {
    ResponseReason.STATUS_NOT_SUCCESS: _(
        "The sign-in failed at the identity provider."
    ),
    ResponseReason.DECRYPTION_FAILED: _(
        "The assertion is encrypted, but not for our present key. In Entra ID, under "
        "Token encryption, upload the certificate of our metadata, or switch encryption "
        "off."
    ),
    ResponseReason.SIGNATURE_MISSING: _(
        "What should be signed is not. In Entra ID, under SAML Certificates, see the "
        "signing option; with “Require a signed response” it must be “Sign SAML response "
        "and assertion”."
    ),
    ResponseReason.ALGORITHM_NOT_ALLOWED: _(
        "The signature or the encryption uses an outdated algorithm. In Entra ID, under "
        "SAML Certificates, choose SHA-256."
    ),
    ResponseReason.SIGNATURE_INVALID: SIGNATURE,
    ResponseReason.REFERENCE_ELSEWHERE: SIGNATURE,
    ResponseReason.TRANSFORM_NOT_ALLOWED: SIGNATURE,
    ResponseReason.CERTIFICATE_PROPOSED: _(
        "The certificate that signed was found in the metadata and is only proposed. "
        "Compare its thumbprint with the one that Entra ID shows, and trust it among the "
        "certificates here."
    ),
    ResponseReason.CERTIFICATE_RETIRED: _(
        "The certificate that signed is retired here. If Entra ID shows its thumbprint "
        "as active, activate it again; else make the present one active there."
    ),
    ResponseReason.CERTIFICATE_UNKNOWN: _(
        "A certificate that is not known here has signed. Only if Entra ID shows its "
        "thumbprint as active, bring the present metadata (step 2); else somebody made "
        "the message up, and nothing is to be done."
    ),
    ResponseReason.CERTIFICATE_EXPIRED: _(
        "The certificate that signed has expired. Make a new one active in Entra ID and "
        "add it here."
    ),
    ResponseReason.CERTIFICATE_NOT_YET_VALID: _(
        "The certificate that signed is not valid yet. Make the present one active in "
        "Entra ID."
    ),
    ResponseReason.WRONG_ISSUER: _(
        "Another identity provider sent this than the one that is trusted here. Bring "
        "the metadata of the same application and tenant (step 2)."
    ),
    ResponseReason.WRONG_TENANT: _(
        "The person signed in with an account of another Entra tenant."
    ),
    ResponseReason.WRONG_DESTINATION: ADDRESSES,
    ResponseReason.WRONG_AUDIENCE: ADDRESSES,
    ResponseReason.WRONG_RECIPIENT: ADDRESSES,
    ResponseReason.WRONG_SUBJECT_CONFIRMATION: ADDRESSES,
    ResponseReason.WRONG_IN_RESPONSE_TO: _(
        "The message does not answer the request of this sign-in. Start it again."
    ),
    ResponseReason.INVALID_TIME: TIMES,
    ResponseReason.NOT_YET_VALID: TIMES,
    ResponseReason.EXPIRED: TIMES,
    ResponseReason.LIFETIME_TOO_LONG: TIMES,
    ResponseReason.TOO_OLD: TIMES,
    ResponseReason.SESSION_EXPIRED: TIMES,
    ResponseReason.AUTHENTICATION_TOO_OLD: _(
        "The person had to sign in anew at the identity provider, and did not."
    ),
    ResponseReason.BAD_NAME_ID: NAME,
    ResponseReason.DUPLICATE_ATTRIBUTE: _(
        "A claim is sent twice. In Entra ID, under Attributes & Claims, remove one."
    ),
    ResponseReason.BAD_IDENTITY_CLAIM: _(
        "The claim objectidentifier or tenantid cannot be read. In Entra ID, under "
        "Attributes & Claims, leave these two as they came."
    ),
    ResponseReason.REFUSED_BY_LIBRARY: _(
        "A second implementation, asked last, refuses the message. If nothing else has "
        "failed, contact Chatwork support."
    ),
    LoginReason.FORM_MALFORMED: FORM,
    LoginReason.LOGOUT_REPLAYED: _(
        "A message about a logout came a second time; the first one was obeyed."
    ),
    LoginReason.OTHER_PERSON: _(
        "Another person signed in at the identity provider than the one who started this "
        "here. Sign out there, or use a private window, and try again."
    ),
    LoginReason.NOT_SIGNED_IN_ANEW: _(
        "Somebody was to confirm that it is them, but the identity provider did not ask "
        "them to sign in anew (ForceAuthn)."
    ),
    "saml-required": _(
        "SAML sign-in is required, and a password was tried. Tell the person to use the "
        "login URL."
    ),
    "too-many-attempts": _(
        "It was the tenth in a row: from there, or with that browser, the account rests "
        "for 15 minutes."
    ),
    UsedAlready.reason: _(
        "The password was right, but the one-time code was used already. The next one "
        "would have counted."
    ),
    Resting.reason: _(
        "The password was right, but after too many wrong one-time codes none of the app "
        "counts for up to an hour. If it was not the person, somebody knows the password."
    ),
    "bypass-refused": _(
        "Somebody tried emergency access without the right password and code. If it was "
        "nobody of yours, issue a new set of codes and change the password."
    ),
    LoginReason.UNSOLICITED: _(
        "It was started at Microsoft and not here. Use the Sign on URL, or allow the "
        "start from My Apps in the options."
    ),
    LoginReason.REQUEST_UNKNOWN: NO_REQUEST,
    LoginReason.REQUEST_TOO_OLD: START_AGAIN,
    LoginReason.REQUEST_ANSWERED: START_AGAIN,
    LoginReason.COMPLETION_UNKNOWN: START_AGAIN,
    LoginReason.COMPLETION_TOO_OLD: START_AGAIN,
    LoginReason.STARTED_AGAIN_IN_VAIN: START_AGAIN,
    LoginReason.ASSERTION_REPLAYED: _(
        "The same message came a second time. If nobody reloaded a page, somebody has "
        "copied it: contact Chatwork support."
    ),
    LoginReason.OTHER_BROWSER: _(
        "It was started in another browser than the one that came back. Start and end "
        "it in the same browser."
    ),
    LoginReason.SAML_OFF: _("SAML sign-in was switched off."),
    LoginReason.SETTINGS_CHANGED: _(
        "The SAML settings were changed during the sign-in. Start it again."
    ),
    LoginReason.PERSON_UNKNOWN: _(
        "Nobody here has this login e-mail or object id. Add the person, or map Unique "
        "User Identifier to user.mail in Entra ID."
    ),
    LoginReason.PERSON_AMBIGUOUS: _(
        "Several people here have the same external id. Correct it in Entra ID."
    ),
    LoginReason.PERSON_SUSPENDED: _("This person is suspended."),
    LoginReason.IDENTITY_CONFLICT: _(
        "Another account in Entra ID uses the name of this person, and nobody was let in. "
        "If the same person has a new account, unlink the former identity on the page of "
        "the user. If the address was given to somebody else, correct it in Entra ID."
    ),
    LoginReason.EXTERNAL_ID_CONFLICT: _(
        "Provisioning gave this person the external ID of that account, and nobody was let "
        "in: it has another name, and is not the account that is linked. If it is not "
        "theirs, correct the external ID in Entra ID. If nobody has set it there, revoke "
        "the secret or token of the provisioning client."
    ),
    LoginReason.OBJECT_ID_MISSING: _(
        "The claim objectidentifier is missing, although it came before. In Entra ID, "
        "under Attributes & Claims, restore it."
    ),
    LoginReason.ACCESS_ENDED_MEANWHILE: _(
        "This person's access ended while they signed in."
    ),
}


def sentence(code: str) -> Promise | str:
    """Say what a reason means; nothing for a code that is none of ours."""
    if code in REASONS:
        return REASONS[code]
    known = {*ResponseReason, *LoginReason}
    return FORM if code in known else ""
