"""Logout messages of Entra ID; they travel in the query of an address only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from tests.entra_id.identity_provider import IdentityProvider
from tests.entra_id.saml_responses import EMAIL_ADDRESS, SUCCESS, new_id

_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
_SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"


@dataclass(frozen=True, kw_only=True)
class LogoutMessage:
    """One message; `str` gives its XML."""

    provider: IdentityProvider
    destination: str
    id: str = field(default_factory=new_id)
    issuer: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def _around(self, name: str, attributes: str, content: str) -> str:
        instant = self.now.astimezone(UTC).isoformat(timespec="microseconds")[:26]
        return (
            f'<samlp:{name} xmlns:samlp="{_SAMLP}" ID="{self.id}" Version="2.0"'
            # Entra writes seven digits of a second here.
            f' IssueInstant="{instant}0Z" Destination={quoteattr(self.destination)}'
            f'{attributes}><Issuer xmlns="{_SAML}">{escape(self._issuer)}</Issuer>'
            f"{content}</samlp:{name}>"
        )

    @property
    def _issuer(self) -> str:
        return self.issuer or self.provider.entity_id


@dataclass(frozen=True, kw_only=True)
class LogoutRequest(LogoutMessage):
    """Entra ends the sessions of a user at an application."""

    name_id: str
    name_id_format: str = EMAIL_ADDRESS
    session_indexes: Sequence[str] = ()

    def __str__(self) -> str:
        indexes = "".join(
            f"<samlp:SessionIndex>{escape(each)}</samlp:SessionIndex>"
            for each in self.session_indexes
        )
        name_id = (
            f'<NameID xmlns="{_SAML}" Format={quoteattr(self.name_id_format)}>'
            f"{escape(self.name_id)}</NameID>"
        )
        return self._around("LogoutRequest", "", name_id + indexes)


@dataclass(frozen=True, kw_only=True)
class LogoutResponse(LogoutMessage):
    """Entra answers, as login.microsoftonline.com ("Single sign-out SAML protocol")."""

    in_response_to: str
    status: str = SUCCESS

    def __str__(self) -> str:
        return self._around(
            "LogoutResponse",
            f" InResponseTo={quoteattr(self.in_response_to)}",
            f'<samlp:Status><samlp:StatusCode Value="{self.status}"/></samlp:Status>',
        )

    @property
    def _issuer(self) -> str:
        tenant = f"https://login.microsoftonline.com/{self.provider.tenant_id}/"
        return self.issuer or tenant
