"""An identity provider made of pysaml2, run by its own environment: DIRECTORY PORT URL.

It takes `key.pem`, `certificate.pem`, `service_provider.xml` and `person.json` from the
directory, and signs in whoever the last of them describes, without asking.
"""

# mypy: ignore-errors
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_EMAILADDRESS, NameID
from saml2.server import Server

SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
DIRECTORY, PORT, URL = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
CONFIGURATION = {
    "entityid": f"{URL}/metadata",
    "service": {
        "idp": {
            "endpoints": {
                "single_sign_on_service": [(f"{URL}/sso", BINDING_HTTP_REDIRECT)]
            },
            "want_authn_requests_signed": True,
            "policy": {"default": {"lifetime": {"minutes": 15}}},
        }
    },
    "key_file": str(DIRECTORY / "key.pem"),
    "cert_file": str(DIRECTORY / "certificate.pem"),
    "metadata": {"local": [str(DIRECTORY / "service_provider.xml")]},
    "xmlsec_binary": "/usr/bin/xmlsec1",
    "signing_algorithm": SHA256,
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = urlsplit(self.path)
        if asked.path == "/metadata":
            self.answer(str(entity_descriptor(PROVIDER.config)))
        else:
            query = {name: values[0] for name, values in parse_qs(asked.query).items()}
            self.answer(sign_in(query))

    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


def sign_in(query):
    person = json.loads((DIRECTORY / "person.json").read_text(encoding="utf-8"))
    asked = PROVIDER.parse_authn_request(
        query["SAMLRequest"],
        BINDING_HTTP_REDIRECT,
        relay_state=query["RelayState"],
        sigalg=query["SigAlg"],
        signature=query["Signature"],
    )
    answer = PROVIDER.response_args(asked.message)
    name_id = NameID(format=NAMEID_FORMAT_EMAILADDRESS, text=person["mail"][0])
    response = PROVIDER.create_authn_response(
        person,
        userid=person["mail"][0],
        name_id=name_id,
        in_response_to=answer["in_response_to"],
        destination=answer["destination"],
        sp_entity_id=answer["sp_entity_id"],
        sign_assertion=True,
        sign_response=True,
        sign_alg=SHA256,
        digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
        authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"},
    )
    sent = PROVIDER.apply_binding(
        BINDING_HTTP_POST,
        str(response),
        answer["destination"],
        query["RelayState"],
        response=True,
    )
    return sent["data"]


PROVIDER = Server(config=IdPConfig().load(CONFIGURATION))
HTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
