"""How whoever provisions comes by a good token instead of one that is over.

SCIM answers with it, to whom shows such a token; Entra ID shows it to administrators.
"""

from __future__ import annotations

from chatwork_admin.authorization.models import AccessToken

OF_NOTHING_KNOWN = (
    "Compare what is entered in Entra ID with Connection in Chatwork admin settings."
)
BY_HAND = (
    "Issue another one in Chatwork admin settings, under Connection, and enter it in "
    "Entra ID as Secret Token."
)
OF_A_GRANT = "Refresh it; if that fails, select Authorize again in Entra ID."
OF_A_CLIENT = (
    "Fetch another one; if that fails, look in Chatwork admin settings, under "
    "Connection, whether the client and what proves it are still good."
)


def of(token: AccessToken) -> str:
    if token.grant_id is not None:
        return OF_A_GRANT
    return BY_HAND if token.client_id is None else OF_A_CLIENT
