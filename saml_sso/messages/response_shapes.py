"""The elements a response may consist of; whatever is not named here is refused.

It is what Entra and the identity providers we test with send, and less than the SAML
schema allows: no Extensions, StatusDetail, Advice, holder-of-key, or encrypted parts of
an assertion. The order is left to the schema, which python3-saml checks.
"""

from __future__ import annotations

from saml_sso.messages.encryption_shapes import ENCRYPTED_ASSERTION
from saml_sso.messages.shapes import any_number, element, one, optional, some, text
from saml_sso.messages.signature_shapes import SIGNATURE
from saml_sso.messages.xml_names import DS, SAML, SAMLP, XSI

ISSUER = text("Format")
_SUBJECT = element(
    "",
    {
        f"{SAML}NameID": one(text("Format NameQualifier SPNameQualifier")),
        f"{SAML}SubjectConfirmation": some(
            element(
                "Method",
                {
                    f"{SAML}SubjectConfirmationData": optional(
                        element("Address InResponseTo NotBefore NotOnOrAfter Recipient")
                    )
                },
            )
        ),
    },
)
_CONDITIONS = element(
    "NotBefore NotOnOrAfter",
    {
        f"{SAML}AudienceRestriction": any_number(
            element("", {f"{SAML}Audience": some(text())})
        ),
        f"{SAML}OneTimeUse": optional(element("")),
    },
)
_AUTHN_STATEMENT = element(
    "AuthnInstant SessionIndex SessionNotOnOrAfter",
    {
        f"{SAML}SubjectLocality": optional(element("Address DNSName")),
        f"{SAML}AuthnContext": one(
            element(
                "",
                {
                    f"{SAML}AuthnContextClassRef": optional(text()),
                    f"{SAML}AuthnContextDeclRef": optional(text()),
                    f"{SAML}AuthenticatingAuthority": any_number(text()),
                },
            )
        ),
    },
)
_ATTRIBUTE = element(
    "Name NameFormat FriendlyName",
    {f"{SAML}AttributeValue": any_number(text(f"{XSI}type {XSI}nil"))},
)
_ASSERTION = element(
    "ID IssueInstant Version",
    {
        f"{SAML}Issuer": one(ISSUER),
        f"{DS}Signature": optional(SIGNATURE),
        f"{SAML}Subject": one(_SUBJECT),
        f"{SAML}Conditions": one(_CONDITIONS),
        f"{SAML}AuthnStatement": one(_AUTHN_STATEMENT),
        f"{SAML}AttributeStatement": one(
            element("", {f"{SAML}Attribute": some(_ATTRIBUTE)})
        ),
    },
)

STATUS = element(
    "",
    {
        f"{SAMLP}StatusCode": one(
            element(
                "Value",
                {f"{SAMLP}StatusCode": optional(element("Value"))},
            )
        ),
        f"{SAMLP}StatusMessage": optional(text()),
    },
)
RESPONSE = element(
    "ID InResponseTo Version IssueInstant Destination Consent",
    {
        f"{SAML}Issuer": optional(ISSUER),
        f"{DS}Signature": optional(SIGNATURE),
        f"{SAMLP}Status": one(STATUS),
        f"{SAML}Assertion": optional(_ASSERTION),
        f"{SAML}EncryptedAssertion": optional(ENCRYPTED_ASSERTION),
    },
)
