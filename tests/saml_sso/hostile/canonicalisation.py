"""Namespaces that make some canonicalise a document into nothing ("void")."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from saml_sso.response_reasons import ResponseReason as Reason
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
    default = edited(signed, ("<Subject>", '<Subject xmlns="void">'))
    yield hostile("a relative default namespace", default, Reason.RELATIVE_NAMESPACE)
    none = edited(signed, ("<Subject>", '<Subject xmlns="">'))
    yield hostile("no namespace", none, Reason.RELATIVE_NAMESPACE)
