"""SAML responses in the exact shape Entra ID gives them.

Their shape is shown in Microsoft's "Single sign-on SAML protocol": the assertion declares
its namespace as the default one, and it alone is signed unless the application's signing
option says otherwise.
"""

import base64
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from tests.entra_id.identity_provider import IdentityProvider
from tests.entra_id.saml_claims import Claims
from tests.entra_id.xml_encryption import TokenEncryption
from tests.entra_id.xml_signatures import sign, signature_template

EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"

SigningOption = Literal["assertion", "response", "both", "neither"]


def new_id() -> str:
    return f"_{uuid.uuid4()}"


@dataclass(frozen=True, kw_only=True)
class SamlResponse:
    """What one response says; `str` gives it in XML, with signatures to be filled in.

    `now` is the identity provider's own clock. Conditions last 70 minutes, of which five
    are over at once; the confirmation lasts an hour.
    """

    provider: IdentityProvider
    destination: str
    audience: str
    in_response_to: str
    name_id: str
    name_id_format: str = EMAIL_ADDRESS
    claims: Claims = ()
    signing_option: SigningOption = "assertion"
    encryption: TokenEncryption | None = None
    issuer: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    authn_instant: datetime | None = None
    response_id: str = field(default_factory=new_id)
    assertion_id: str = field(default_factory=new_id)
    session_index: str = ""

    def __str__(self) -> str:
        return self.around(self.assertion)

    def around(self, content: str) -> str:
        """Return the response with `content` in the place of its assertion."""
        return (
            '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
            f' ID="{self.response_id}" Version="2.0"'
            f' IssueInstant="{_written(self.now)}"'
            f" Destination={quoteattr(self.destination)}"
            f"{self._answered}>"
            '<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">'
            f"{escape(self._issuer)}</Issuer>{self._response_signature}"
            f'<samlp:Status><samlp:StatusCode Value="{SUCCESS}"/></samlp:Status>'
            f"{content}</samlp:Response>"
        )

    @property
    def assertion(self) -> str:
        written = _written(self.now)
        return (
            f'<Assertion ID="{self.assertion_id}" IssueInstant="{written}"'
            ' Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion">'
            f"<Issuer>{escape(self._issuer)}</Issuer>{self._assertion_signature}"
            f"{self._subject}{self._conditions}"
            f"<AttributeStatement>{self._attributes}</AttributeStatement>"
            f'<AuthnStatement AuthnInstant="{_written(self.authn_instant or self.now)}"'
            f' SessionIndex="{self.session_index or self.assertion_id}"><AuthnContext>'
            f"<AuthnContextClassRef>{PASSWORD}</AuthnContextClassRef>"
            "</AuthnContext></AuthnStatement></Assertion>"
        )

    def signed(self) -> str:
        """Return the whole in XML, signed, encrypted and signed again as configured."""
        assertion = sign(self.assertion, self.provider.key)
        if self.encryption is not None:
            assertion = self.encryption.encrypt(assertion)
        return sign(self.around(assertion), self.provider.key)

    @property
    def _issuer(self) -> str:
        return self.issuer or self.provider.entity_id

    @property
    def _subject(self) -> str:
        end = _written(self.now + timedelta(hours=1))
        return (
            f"<Subject><NameID Format={quoteattr(self.name_id_format)}>"
            f"{escape(self.name_id)}</NameID>"
            f'<SubjectConfirmation Method="{BEARER}"><SubjectConfirmationData'
            f"{self._answered}"
            f' NotOnOrAfter="{end}" Recipient={quoteattr(self.destination)}/>'
            "</SubjectConfirmation></Subject>"
        )

    @property
    def _answered(self) -> str:
        """Nothing, where nobody has asked: when somebody comes from "My Apps"."""
        request_id = self.in_response_to
        return f" InResponseTo={quoteattr(request_id)}" if request_id else ""

    @property
    def _conditions(self) -> str:
        start, end = self.now - timedelta(minutes=5), self.now + timedelta(minutes=65)
        return (
            f'<Conditions NotBefore="{_written(start)}" NotOnOrAfter="{_written(end)}">'
            f"<AudienceRestriction><Audience>{escape(self.audience)}</Audience>"
            "</AudienceRestriction></Conditions>"
        )

    @property
    def _attributes(self) -> str:
        return "".join(
            f"<Attribute Name={quoteattr(name)}>"
            + "".join(
                f"<AttributeValue>{escape(each)}</AttributeValue>" for each in values
            )
            + "</Attribute>"
            for name, values in self.claims
        )

    @property
    def _response_signature(self) -> str:
        if self.signing_option in {"response", "both"}:
            return signature_template(self.response_id, self.provider.certificate)
        return ""

    @property
    def _assertion_signature(self) -> str:
        if self.signing_option in {"assertion", "both"}:
            return signature_template(self.assertion_id, self.provider.certificate)
        return ""


def form_value(xml: str) -> str:
    """Write XML as the form field SAMLResponse holds it."""
    return base64.b64encode(xml.encode()).decode()


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"
