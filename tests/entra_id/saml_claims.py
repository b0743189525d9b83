"""The claims Entra ID sends about a user, in its order and under its names."""

from collections.abc import Sequence

from tests.entra_id.directory import User

MOST_GROUPS = 150

_MICROSOFT = "http://schemas.microsoft.com/identity/claims"
_XML_SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
_GROUPS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"
_GROUPS_LINK = "http://schemas.microsoft.com/claims/groups.link"
_METHODS = "http://schemas.microsoft.com/claims/authnmethodsreferences"
_PASSWORD = (
    "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password"
)
_SEVERAL = "http://schemas.microsoft.com/claims/multipleauthn"

Claims = tuple[tuple[str, tuple[str, ...]], ...]


def claims_of(
    user: User, *, tenant_id: str, issuer: str, groups: Sequence[str] = ()
) -> Claims:
    """Return the default claims; an attribute without a value is not sent.

    `groups` are object ids. More than 150 do not fit: Entra then sends an address where
    they can be asked for ("Customize group claims").
    """
    claims = [
        (f"{_MICROSOFT}/tenantid", tenant_id),
        (f"{_MICROSOFT}/objectidentifier", user.object_id),
        (f"{_MICROSOFT}/displayname", user.display_name),
        (f"{_MICROSOFT}/identityprovider", issuer),
        (f"{_XML_SOAP}/givenname", user.given_name),
        (f"{_XML_SOAP}/surname", user.surname),
        (f"{_XML_SOAP}/emailaddress", user.mail),
        (f"{_XML_SOAP}/name", user.user_principal_name),
    ]
    sent: Claims = tuple((name, (value,)) for name, value in claims if value)
    methods = (_METHODS, (_PASSWORD, _SEVERAL))
    return (*sent[:4], *_group_claims(user, tenant_id, groups), methods, *sent[4:])


def _group_claims(user: User, tenant_id: str, groups: Sequence[str]) -> Claims:
    if not groups:
        return ()
    if len(groups) > MOST_GROUPS:
        graph = f"https://graph.windows.net/{tenant_id}/users/{user.object_id}"
        return ((_GROUPS_LINK, (f"{graph}/getMemberObjects",)),)
    return ((_GROUPS, tuple(groups)),)
