"""What an identity provider says when a sign-in failed at its side."""

from __future__ import annotations

import re

from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.structure import Message
from saml_sso.messages.xml_names import SAMLP, SUCCESS

# Entra begins its message with it; it may be up to seven digits long.
_ENTRA_CODE = re.compile(r"\bAADSTS\d{4,8}\b", re.ASCII)
_LONGEST_DETAIL = 80


def require_success(message: Message) -> None:
    """Raise InvalidResponse with Entra's code, or the SAML status, as `detail`.

    Nothing of it is signed: it may be shown as a hint, and decides nothing.
    """
    code = message.response.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    if code.get("Value") == SUCCESS:
        return
    text = message.response.findtext(f"{SAMLP}Status/{SAMLP}StatusMessage") or ""
    found = _ENTRA_CODE.search(text)
    codes = (each.get("Value", "").rpartition(":")[2] for each in code.iter())
    detail = found[0] if found else "/".join(codes)
    printable = "".join(each for each in detail if each.isprintable())
    reason = ResponseReason.STATUS_NOT_SUCCESS
    raise InvalidResponse(reason, printable[:_LONGEST_DETAIL])
