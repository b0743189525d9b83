"""What browsers carry to us and away when somebody signs out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.sessions.starting import SamlSession
from saml_sso import addresses, keys
from tests.conftest import signed_in
from tests.entra_id.redirects import Received, receive, signed_query
from tests.entra_id.saml_logouts import LogoutRequest, LogoutResponse
from tests.saml_sso.signing_in import Entra


def told(
    entra: Entra, name_id: str, *session_indexes: str, relay_state: str = "r"
) -> str:
    """Return the query by which Entra ends sessions."""
    request = LogoutRequest(
        provider=entra.signer,
        destination=addresses.logout_url(entra.organization),
        name_id=name_id,
        session_indexes=session_indexes,
    )
    key = entra.signer.key
    return signed_query("SAMLRequest", str(request), key, relay_state=relay_state)


def answered(entra: Entra, in_response_to: str, **changes: Any) -> str:
    response = LogoutResponse(
        provider=entra.signer,
        destination=addresses.logout_url(entra.organization),
        in_response_to=in_response_to,
        **changes,
    )
    return signed_query("SAMLResponse", str(response), entra.signer.key)


def bring(entra: Entra, query: str, client: Client | None = None) -> Any:
    return (client or Client()).get(f"{entra.address('logout')}?{query}")


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def by_saml(user: User, session_index: str, name_id: str = "") -> Client:
    said = SamlSession(
        issuer="https://sts.windows.net/8adf8e6e/",
        name_id=name_id or user.user_name,
        session_index=session_index,
        authenticated_at=datetime.now(UTC),
    )
    return signed_in(user, began=Began.SAML, saml=said)


def refusals() -> list[str]:
    events = AuditEvent.objects.filter(action=Action.LOGOUT_REFUSED).order_by("id")
    return [event.context["code"] for event in events]


def ended() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=Action.SESSION_ENDED))


def sent(response: Any, address: str) -> Received:
    """Return the message by which the browser goes there, signed by us."""
    assert response.status_code == 302, response.content
    url = response["Location"]
    assert url.startswith(f"{address}?")
    received = receive(urlsplit(url).query)
    certificate = keys.current_pair().certificate
    public_key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    assert received.is_signed_by(public_key)  # type: ignore[arg-type]  # RSA
    return received
