"""The elements a logout message may consist of; its signature is in the query."""

from __future__ import annotations

from saml_sso.messages.response_shapes import ISSUER, STATUS
from saml_sso.messages.shapes import any_number, element, one, text
from saml_sso.messages.xml_names import SAML, SAMLP

LOGOUT_REQUEST = element(
    "ID Version IssueInstant Destination Consent Reason NotOnOrAfter",
    {
        f"{SAML}Issuer": one(ISSUER),
        f"{SAML}NameID": one(text("Format NameQualifier SPNameQualifier")),
        f"{SAMLP}SessionIndex": any_number(text()),
    },
)
LOGOUT_RESPONSE = element(
    "ID InResponseTo Version IssueInstant Destination Consent",
    {f"{SAML}Issuer": one(ISSUER), f"{SAMLP}Status": one(STATUS)},
)
