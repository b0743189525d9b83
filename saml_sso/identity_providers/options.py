"""What an organization may choose about how its sign-ins are done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """The defaults suit Entra ID as it comes.

    `name_id_format` is the URI of SAML Core §8.3 that requests ask for. An unsolicited
    response is never believed: with `allow_idp_initiated` it starts a sign-in of ours.
    """

    name_id_format: str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    sign_requests: bool = True
    require_signed_response: bool = False
    allow_idp_initiated: bool = False
