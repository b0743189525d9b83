"""An identity provider made of Lasso, run by the system's Python: DIRECTORY PORT URL.

It takes `key.pem`, `certificate.pem`, `service_provider.xml` and `person.json` from the
directory, and signs in whoever the last of them describes, without asking.
"""

# mypy: ignore-errors
import datetime as dt
import html
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import lasso

DIRECTORY, PORT, URL = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
METADATA = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{url}/metadata">
  <IDPSSODescriptor WantAuthnRequestsSigned="true"
      protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>
      <ds:X509Certificate>{certificate}</ds:X509Certificate>
    </ds:X509Data></ds:KeyInfo></KeyDescriptor>
    <SingleSignOnService Location="{url}/sso"
        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"/>
  </IDPSSODescriptor>
</EntityDescriptor>"""
FORM = """<form method="post" action="{action}">
<input type="hidden" name="SAMLResponse" value="{response}">
<input type="hidden" name="RelayState" value="{relay_state}"></form>"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = urlsplit(self.path)
        is_metadata = asked.path == "/metadata"
        self.answer(OWN_METADATA if is_metadata else sign_in(asked.query))

    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


def sign_in(query):
    person = json.loads((DIRECTORY / "person.json").read_text(encoding="utf-8"))
    login = lasso.Login(PROVIDER)
    login.processAuthnRequestMsg(query)  # it verifies the signature of the request
    login.validateRequestMsg(True, True)  # noqa: FBT003
    now = dt.datetime.now(dt.timezone.utc)  # noqa: UP017 - the system's Python
    instants = [now, now, now - dt.timedelta(minutes=1), now + dt.timedelta(minutes=10)]
    login.buildAssertion(
        lasso.SAML2_AUTHN_CONTEXT_PASSWORD,
        *(f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in instants),
    )
    describe(login.assertion, person)
    login.buildAuthnResponseMsg()
    return FORM.format(
        action=html.escape(login.msgUrl),
        response=html.escape(login.msgBody),
        relay_state=html.escape(login.msgRelayState or ""),
    )


def describe(assertion, person):
    name_id = assertion.subject.nameId
    name_id.format = lasso.SAML2_NAME_IDENTIFIER_FORMAT_EMAIL
    name_id.content = person["mail"][0]
    statement = lasso.Saml2AttributeStatement()
    statement.attribute = tuple(
        attribute(name, values) for name, values in person.items()
    )
    assertion.attributeStatement = (statement,)


def attribute(name, values):
    made = lasso.Saml2Attribute()
    made.name = name
    made.nameFormat = lasso.SAML2_ATTRIBUTE_NAME_FORMAT_BASIC
    made.attributeValue = tuple(map(value, values))
    return made


def value(text):
    node, made = lasso.MiscTextNode.newWithString(text), lasso.Saml2AttributeValue()
    node.textChild = True
    made.any = (node,)
    return made


PEM = (DIRECTORY / "certificate.pem").read_text()
OWN_METADATA = METADATA.format(url=URL, certificate="".join(PEM.splitlines()[1:-1]))
(DIRECTORY / "identity_provider.xml").write_text(OWN_METADATA)
PROVIDER = lasso.Server(
    str(DIRECTORY / "identity_provider.xml"), str(DIRECTORY / "key.pem"), None, None
)
PROVIDER.signatureMethod = lasso.SIGNATURE_METHOD_RSA_SHA256
PROVIDER.addProvider(
    lasso.PROVIDER_ROLE_SP, str(DIRECTORY / "service_provider.xml"), None, None
)
HTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
