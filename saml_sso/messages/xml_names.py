"""The namespaces and identifiers of SAML 2.0 messages; a tag is `{namespace}Name`."""

from __future__ import annotations

from lxml.etree import _Element as Element

SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"
XENC_11 = "{http://www.w3.org/2009/xmlenc11#}"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
EC = f"{{{EXCLUSIVE_C14N}}}"
WSSE = (
    "{http://docs.oasis-open.org/wss/2004/01/"
    "oasis-200401-wss-wssecurity-secext-1.0.xsd}"
)
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
HTTP_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
ENTITY_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"


def local_name(element: Element) -> str:
    """Return the name without its namespace, cut short: a stranger chose it."""
    name: str = element.tag.rpartition("}")[2]
    return name[:40]
