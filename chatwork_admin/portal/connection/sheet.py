"""The hand-over sheet: what whoever sets up Entra ID has to type there, and no secret.

It goes by print or mail to somebody who may not sign in here, and reads one language or
the other, so it is in both at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from chatwork_admin.authorization import clients, workload_identities
from chatwork_admin.authorization.models import OAuthClient, WorkloadIdentity
from chatwork_admin.authorization.provider import SCOPES
from chatwork_admin.authorization.views import authorize_address, token_address
from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.synchronization.status import scim_address
from chatwork_admin.portal.texts import one_line
from saml_sso import addresses

LANGUAGES = ("ja", "en")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"


@dataclass(frozen=True, slots=True)
class Both:
    """The same words in our two languages."""

    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class Line:
    """A value, or, where Entra ID shows words itself, those in both languages."""

    label: Both
    value: str = ""
    words: Both | None = None


@dataclass(frozen=True, slots=True)
class Part:
    heading: Both
    where: Both
    lines: list[Line]


def both(text: Promise) -> Both:
    return Both(*(_in(language, text) for language in LANGUAGES))


def parts_of(organization: Organization) -> list[Part]:
    """Return what Entra ID asks for, in the order in which it does."""
    return [
        _part(SINGLE_SIGN_ON, BASIC_SAML, _of_saml(organization)),
        _part(PROVISIONING, ADMIN_CREDENTIALS, _of_provisioning(organization)),
        _part(MAPPING, MAPPINGS, _of_mapping()),
    ]


def _part(heading: Promise, where: Promise, lines: Iterable[Line]) -> Part:
    return Part(both(heading), both(where), [*lines])


def _of_saml(organization: Organization) -> Iterator[Line]:
    yield Line(both(_("Identifier (Entity ID)")), addresses.metadata_url(organization))
    reply = _("Reply URL (Assertion Consumer Service URL)")
    yield Line(both(reply), addresses.acs_url(organization))
    yield Line(both(_("Sign on URL")), addresses.sign_on_url(organization))
    yield Line(both(_("Logout URL")), addresses.logout_url(organization))
    yield Line(both(_("Our metadata")), addresses.metadata_url(organization))
    yield Line(both(_("Unique User Identifier")), words=both(LOGIN_EMAIL))


def _of_provisioning(organization: Organization) -> Iterator[Line]:
    yield Line(both(_("Tenant URL")), scim_address())
    yield Line(both(_("Token Endpoint")), token_address())
    yield Line(both(_("Authorization Endpoint")), authorize_address())
    yield Line(both(_("Authentication method")), words=both(CLIENT_CREDENTIALS))
    trusted = workload_identities.live_in(organization)
    for client in clients.clients_of(organization):
        yield from _of_client(client, trusted[client.pk])
    yield Line(both(_("Client Secret")), words=both(APART))
    yield Line(both(_("Scope (may be left out)")), " ".join(SCOPES))


def _of_client(client: OAuthClient, trusted: list[WorkloadIdentity]) -> Iterator[Line]:
    name = one_line(client.name)
    yield Line(_named(_("Client Identifier"), name), client.client_id)
    if trusted:
        yield Line(_named(_("Authentication method"), name), words=both(FEDERATION))
    for identity in trusted:
        yield Line(_named(_("Subject"), name), identity.subject)
        yield Line(_named(_("Issuer"), name), identity.issuer)
        yield Line(_named(_("Audience"), name), identity.audience)
    for address in client.redirect_uris:
        yield Line(_named(_("Redirect address"), name), address)


def _named(label: Promise, name: str) -> Both:
    said = both(label)
    return Both(f"{said.ja}（{name}）", f"{said.en} ({name})")


def _of_mapping() -> Iterator[Line]:
    yield Line(both(_("Login e-mail")), "userName")
    yield Line(both(_("Link to the Entra user (objectId)")), "externalId")
    yield Line(both(_("In use or suspended")), "active")
    yield Line(both(_("Title")), "title")
    yield Line(both(_("Department")), f"{ENTERPRISE}department")
    yield Line(both(_("Organization name")), f"{ENTERPRISE}organization")


def _in(language: str, text: Promise) -> str:
    with override(language):
        return str(text)


SINGLE_SIGN_ON = _("Single sign-on (SAML)")
BASIC_SAML = _(
    "Enterprise applications › Chatwork › Single sign-on › SAML › Basic SAML Configuration"
)
PROVISIONING = _("Provisioning (SCIM 2.0)")
ADMIN_CREDENTIALS = _(
    "Enterprise applications › Chatwork › Provisioning › Admin Credentials"
)
MAPPING = _("Attribute mapping")
MAPPINGS = _("Provisioning › Mappings. The matching property is userName.")
LOGIN_EMAIL = _("The login e-mail of Chatwork. If it is not, map it to user.mail.")
CLIENT_CREDENTIALS = _(
    "OAuth2 client credentials grant; or the Authorize button, where there is one"
)
FEDERATION = _("Workload identity federation: no secret is needed")
APART = _(
    "Not on this sheet. The organization administrator issues it and hands it over apart "
    "from it."
)
