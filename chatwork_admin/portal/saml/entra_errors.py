"""What Entra ID's own sign-in errors mean, and what to do about each.

Entra shows most of them on its own page and sends us nothing; some come back as the
status of a response. Its codes and their meaning may change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CODE = re.compile(r"(?:AADSTS)?\s*(\d{5,8})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EntraError:
    """`fix` begins where the administrator has to go."""

    code: str
    meaning: Promise
    fix: Promise


def explain(code: str) -> EntraError | None:
    """Return what a code such as AADSTS50105 means; its digits alone will do."""
    found = CODE.search(code)
    return BY_CODE.get(f"AADSTS{found[1]}") if found else None


COPY_IDENTIFIER = _(
    "In Entra ID, under Basic SAML Configuration, enter the Identifier (Entity ID) of "
    "step 1, exactly as it is shown. Check that the metadata is of the same "
    "application, and of your own tenant."
)
COPY_REPLY_URL = _(
    "In Entra ID, under Basic SAML Configuration, enter the Reply URL of step 1, exactly "
    "as it is shown."
)
ASSIGN = _(
    "In Entra ID, under Users and groups of the application, assign this person or one "
    "of their groups."
)
THIS_TENANT = _(
    "Sign out at Microsoft and sign in with an account of your own tenant; or invite "
    "the account as a guest."
)
CONDITIONAL_ACCESS = _(
    "In Entra ID, see the sign-in logs for the Conditional Access policy that applied. "
    "Meet it, or leave the application out of it."
)
MORE_PROOF = _("Sign in again and complete what Entra ID asks for on its page.")
NEW_CERTIFICATE = _(
    "In Entra ID, under SAML Certificates, make a certificate active that is valid. Then "
    "bring the metadata here again (step 2)."
)
OUR_SIGNATURE = _(
    "With several instances of one application, switch “Sign our requests” off in the "
    "options. Otherwise upload the certificate of our metadata in Entra ID under "
    "Verification certificates."
)
CLAIMS = _(
    "In Entra ID, under Attributes & Claims, map Unique User Identifier to an attribute "
    "that every person has, such as user.mail."
)
TRY_AGAIN = _("Try again. If it stays, see Microsoft's service health.")
OTHER_METADATA = _("Bring the metadata of your own application again (step 2).")
ENABLE_APPLICATION = _(
    "In Entra ID, under Properties of the application, set “Enabled for users to "
    "sign-in?” to Yes."
)
NO_METHOD = _(
    "We ask for no method. Check that the sign-in was started here, and not by "
    "another product with the same application."
)
OTHER_FORMAT = _("Choose another “Form of the name (NameID)” in the options.")
SIGN_REQUESTS = _(
    "Switch “Sign our requests” on in the options, and upload the certificate of "
    "our metadata in Entra ID under Verification certificates."
)
UNLOCK = _("Wait, or unlock the account in Entra ID.")
ENABLE_ACCOUNT = _("In Entra ID, enable the account if the person should sign in.")
CONSENT = _("In Entra ID, under Permissions of the application, grant admin consent.")

KNOWN: tuple[tuple[Promise, dict[str, Promise]], ...] = (
    (
        COPY_REPLY_URL,
        {
            "50011": _(
                "The Reply URL of the request is not registered for the application."
            ),
            "500113": _("No Reply URL is registered for the application."),
        },
    ),
    (
        COPY_IDENTIFIER,
        {
            "700016": _("No application with our identifier exists in this tenant."),
            "650056": _(
                "The application is misconfigured; usually the identifier differs."
            ),
            "65005": _(
                "The application is misconfigured; usually the identifier differs."
            ),
            "50001": _("The application is disabled, or its identifier is unknown."),
        },
    ),
    (
        OTHER_METADATA,
        {
            "90002": _("The tenant of the login URL does not exist."),
            "75008": _(
                "The request was sent to another address than the application expects."
            ),
        },
    ),
    (
        ENABLE_APPLICATION,
        {
            "7000112": _("The application is disabled."),
        },
    ),
    (
        ASSIGN,
        {
            "50105": _("The person is not assigned to the application."),
        },
    ),
    (
        OUR_SIGNATURE,
        {
            "75005": _("Entra ID does not accept our request as a SAML message."),
            "75006": _("Entra ID does not accept our request as a SAML message."),
            "50006": _("Entra ID could not verify the signature of our request."),
        },
    ),
    (
        NO_METHOD,
        {
            "75011": _(
                "The person signed in by another method than the request asks for."
            ),
        },
    ),
    (
        OTHER_FORMAT,
        {
            "75016": _(
                "Entra ID does not accept the form of the name (NameID) asked for."
            ),
        },
    ),
    (
        SIGN_REQUESTS,
        {
            "76021": _(
                "The application requires signed requests, and ours was not signed."
            ),
        },
    ),
    (
        TRY_AGAIN,
        {
            "76026": _("The request was too old when it reached Entra ID."),
            "50000": _("Microsoft's sign-in service has a fault."),
        },
    ),
    (
        NEW_CERTIFICATE,
        {
            "50003": _("The application has no certificate to sign with."),
            "50146": _(
                "The application's certificate is missing, has expired or is not valid yet."
            ),
        },
    ),
    (
        CLAIMS,
        {
            "501241": _("The person has no value for Unique User Identifier (NameID)."),
        },
    ),
    (
        THIS_TENANT,
        {
            "50020": _("The account belongs to another tenant."),
            "50034": _("The account does not exist in this tenant."),
        },
    ),
    (
        UNLOCK,
        {
            "50053": _(
                "The account is locked after many attempts, or the place is suspicious."
            ),
        },
    ),
    (
        MORE_PROOF,
        {
            "50055": _("The password at Microsoft has expired."),
            "50058": _("The person is not signed in at Microsoft."),
            "50074": _("Multifactor authentication was not completed."),
            "50076": _("Multifactor authentication is required."),
            "50079": _(
                "The person has to register for multifactor authentication first."
            ),
            "50126": _("The user name or the password at Microsoft is wrong."),
            "65004": _("The person has declined to consent."),
        },
    ),
    (
        ENABLE_ACCOUNT,
        {
            "50057": _("The account is disabled in Entra ID."),
        },
    ),
    (
        CONDITIONAL_ACCESS,
        {
            "50131": _("Conditional Access has refused the sign-in."),
            "53000": _("Conditional Access asks for a compliant device."),
            "53001": _("Conditional Access asks for a device of the domain."),
            "53003": _("Conditional Access has blocked the sign-in."),
        },
    ),
    (
        CONSENT,
        {
            "65001": _("Nobody has consented to the application yet."),
        },
    ),
)
BY_CODE = {
    f"AADSTS{number}": EntraError(f"AADSTS{number}", meaning, fix)
    for fix, meanings in KNOWN
    for number, meaning in meanings.items()
}
