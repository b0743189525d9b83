"""Ask python3-saml, with its strictest settings, whether it would accept the response.

It checks the schema, which says in which order the elements stand, and most of what
`claim_checks` asks. That both must agree, and read the same person, keeps a mistake in
one of them from being enough.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import LxmlError
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from saml_sso.messages.assertions import Claims
from saml_sso.messages.expectations import Expectations
from saml_sso.messages.message_document import Document
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Whose certificate the signatures were verified with, and what they are about."""

    certificate: str
    signs_assertion: bool
    signs_response: bool


def require_agreement(
    document: Document, claims: Claims, expected: Expectations, signer: Signer
) -> None:
    """Have the library validate all of it with the one certificate that had signed.

    Its clock is the machine's own, whatever `expected.now` says. Raises InvalidResponse.
    """
    form_value = base64.b64encode(document.xml)
    try:
        settings = OneLogin_Saml2_Settings(settings_of(expected, signer))
        response = OneLogin_Saml2_Response(settings, form_value)
        here = request_data(expected.acs_url)
        response.is_valid(here, expected.request_id, raise_exceptions=True)
        said = (response.get_assertion_id(), response.get_nameid())
        response.get_attributes()
    except (*_ERRORS, LxmlError, ValueError) as error:
        code = getattr(error, "code", type(error).__name__)
        raise InvalidResponse(ResponseReason.REFUSED_BY_LIBRARY, str(code)) from None
    if said != (claims.id, claims.subject.name_id):
        raise InvalidResponse(ResponseReason.REFUSED_BY_LIBRARY, "another reading")


def settings_of(expected: Expectations, signer: Signer) -> dict[str, Any]:
    """Made anew for each response: the library writes into what it is given."""
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": expected.entity_id,
            "assertionConsumerService": {"url": expected.acs_url},
        },
        "idp": {
            "entityId": expected.idp_entity_id,
            # Nobody is sent anywhere here, but it wants an address.
            "singleSignOnService": {"url": expected.acs_url},
            "x509certMulti": {"signing": [signer.certificate]},
        },
        "security": {
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "wantNameId": True,
            "wantAttributeStatement": True,
            "allowRepeatAttributeName": False,
            "wantAssertionsSigned": signer.signs_assertion,
            "wantMessagesSigned": signer.signs_response,
        },
    }


def request_data(acs_url: str) -> dict[str, str]:
    """Describe where we are by configuration, not by what a request claims."""
    parts = urlsplit(acs_url)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
    }


_ERRORS = (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError)
