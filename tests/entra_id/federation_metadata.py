"""The federation metadata XML that Entra lets an administrator download for an application."""

import base64
import uuid

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tests.entra_id.identity_provider import IdentityProvider

_METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_FEDERATION = "http://docs.oasis-open.org/wsfed/federation/200706"
_AUTHORIZATION = "http://docs.oasis-open.org/wsfed/authorization/200706"
_ADDRESSING = "http://www.w3.org/2005/08/addressing"
_SAML = "urn:oasis:names:tc:SAML:2.0:protocol"
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CLAIMS = {
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": "Name",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "Email",
    "http://schemas.microsoft.com/identity/claims/objectidentifier": "Object Identifier",
}


def federation_metadata(
    provider: IdentityProvider,
    *others: IdentityProvider,
    with_byte_order_mark: bool = True,
) -> bytes:
    """Write the metadata of `provider`; `others` lend further certificates (roll-over).

    Entra's own file begins with a byte order mark ("Federation metadata"). Unlike
    Entra's it is not signed; nobody may trust that signature anyway.
    """
    root = etree.Element(_name(_METADATA, "EntityDescriptor"), nsmap={None: _METADATA})
    root.set("ID", f"_{uuid.uuid4()}")
    root.set("entityID", provider.entity_id)
    certificates = [_encoded(one) for one in (provider, *others)]
    root.append(_security_token_service(provider, certificates))
    root.append(_application_service(provider, certificates))
    root.append(_identity_provider_descriptor(provider, certificates))
    document: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return (_BYTE_ORDER_MARK if with_byte_order_mark else b"") + document


def _security_token_service(
    provider: IdentityProvider, certificates: list[str]
) -> etree._Element:
    role = _role("SecurityTokenServiceType", certificates)
    offered = etree.SubElement(role, _name(_FEDERATION, "ClaimTypesOffered"))
    for address, shown in _CLAIMS.items():
        claim = etree.SubElement(
            offered,
            _name(_AUTHORIZATION, "ClaimType"),
            nsmap={"auth": _AUTHORIZATION},
            Uri=address,
        )
        etree.SubElement(claim, _name(_AUTHORIZATION, "DisplayName")).text = shown
    _endpoint(role, "SecurityTokenServiceEndpoint", _passive_url(provider))
    _endpoint(role, "PassiveRequestorEndpoint", _passive_url(provider))
    return role


def _application_service(
    provider: IdentityProvider, certificates: list[str]
) -> etree._Element:
    role = _role("ApplicationServiceType", certificates)
    _endpoint(role, "TargetScopes", provider.entity_id)
    _endpoint(role, "ApplicationServiceEndpoint", _passive_url(provider))
    _endpoint(role, "PassiveRequestorEndpoint", _passive_url(provider))
    return role


def _identity_provider_descriptor(
    provider: IdentityProvider, certificates: list[str]
) -> etree._Element:
    descriptor = etree.Element(
        _name(_METADATA, "IDPSSODescriptor"),
        nsmap={None: _METADATA},
        protocolSupportEnumeration=_SAML,
    )
    _append_keys(descriptor, certificates)
    _service(descriptor, "SingleLogoutService", _REDIRECT, provider.logout_url)
    _service(descriptor, "SingleSignOnService", _REDIRECT, provider.login_url)
    _service(descriptor, "SingleSignOnService", _POST, provider.login_url)
    return descriptor


def _role(type_name: str, certificates: list[str]) -> etree._Element:
    role = etree.Element(
        _name(_METADATA, "RoleDescriptor"),
        nsmap={None: _METADATA, "xsi": _INSTANCE, "fed": _FEDERATION},
        protocolSupportEnumeration=_FEDERATION,
    )
    role.set(_name(_INSTANCE, "type"), f"fed:{type_name}")
    _append_keys(role, certificates)
    return role


def _append_keys(descriptor: etree._Element, certificates: list[str]) -> None:
    for certificate in certificates:
        key = etree.SubElement(
            descriptor, _name(_METADATA, "KeyDescriptor"), use="signing"
        )
        signature = {None: _SIGNATURE}
        description = etree.SubElement(
            key, _name(_SIGNATURE, "KeyInfo"), nsmap=signature
        )
        holder = etree.SubElement(description, _name(_SIGNATURE, "X509Data"))
        etree.SubElement(
            holder, _name(_SIGNATURE, "X509Certificate")
        ).text = certificate


def _endpoint(role: etree._Element, name: str, address: str) -> None:
    endpoint = etree.SubElement(role, _name(_FEDERATION, name))
    reference = etree.SubElement(
        endpoint, _name(_ADDRESSING, "EndpointReference"), nsmap={"wsa": _ADDRESSING}
    )
    etree.SubElement(reference, _name(_ADDRESSING, "Address")).text = address


def _service(
    descriptor: etree._Element, name: str, binding: str, location: str
) -> None:
    etree.SubElement(
        descriptor, _name(_METADATA, name), Binding=binding, Location=location
    )


def _passive_url(provider: IdentityProvider) -> str:
    return f"https://login.microsoftonline.com/{provider.tenant_id}/wsfed"


def _encoded(provider: IdentityProvider) -> str:
    return base64.b64encode(provider.certificate.public_bytes(Encoding.DER)).decode(
        "ascii"
    )


def _name(namespace: str, local_name: str) -> str:
    return f"{{{namespace}}}{local_name}"
