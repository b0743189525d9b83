"""Namespaces that make some canonicalise a document into nothing ("void")."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

PLACES = (
    "<samlp:Response ",
    "<Assertion ",
    "<SignedInfo",
    "<Subject",
    "<AttributeValue",
)


def messages(target: Target) -> Iterator[HostileMessage]:
    signed = target.answer().signed()
    for place in PLACES:
        for uri in ("1", "../void", "#"):
            changed = edited(signed, (place, f'{place.rstrip()} xmlns:v="{uri}" '))
            name = f'xmlns:v="{uri}" at {place.strip(" <")}'
            yield hostile(name, changed.replace(" >", ">"), Reason.RELATIVE_NAMESPACE)
    _, value = cut(signed, "<DigestValue>", "</DigestValue>")
    nothing = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    empty = edited(signed, (value, f"<DigestValue>{nothing}</DigestValue>"))
    yield hostile("the digest of nothing", empty, Reason.SIGNATURE_INVALID)
    many = " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(40))
    crowded = edited(signed, ("<samlp:Response ", f"<samlp:Response {many} "))
    yield hostile("many prefixes", crowded, Reason.TOO_MANY_NAMESPACES)
    step = '<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
    listed = (
        f'{step[:-2]}><InclusiveNamespaces PrefixList="{"n " * 5000}"'
        ' xmlns="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transform>'
    )
    inclusive = edited(signed, (step, listed))
    yield hostile("a long PrefixList", inclusive, Reason.TRANSFORM_NOT_ALLOWED)
    default = edited(signed, ("<Subject>", '<Subject xmlns="void">'))
    yield hostile("a relative default namespace", default, Reason.RELATIVE_NAMESPACE)
    none = edited(signed, ("<Subject>", '<Subject xmlns="">'))
    yield hostile("no namespace", none, Reason.RELATIVE_NAMESPACE)
