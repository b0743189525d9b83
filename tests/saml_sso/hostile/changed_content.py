"""Content that was changed after it had been signed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from lxml import etree

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.saml_sso.hostile.missing_signatures import SIGNATURE
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

ADDED = '<Attribute Name="role"><AttributeValue>admin</AttributeValue></Attribute>'
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


def messages(target: Target) -> Iterator[HostileMessage]:
    sent = target.answer()
    signed = sent.signed()
    name_id = f">{sent.name_id}</NameID>"
    object_id = f"<AttributeValue>{target.victim.object_id}<"
    instant = sent.assertion.partition('NotBefore="')[2][:24]
    another = target.answer()
    changes = {
        "NameID": (name_id, ">ceo@acme.example</NameID>"),
        "blank in the NameID": (name_id, f">{sent.name_id} </NameID>"),
        "case of the NameID": (name_id, f">{sent.name_id.upper()}</NameID>"),
        "object id": (object_id, "<AttributeValue>00000000-0000<"),
        "time": (f'NotBefore="{instant}"', 'NotBefore="2001-01-01T00:00:00.000Z"'),
        "added attribute": (
            "<AttributeStatement>",
            f"<AttributeStatement>{ADDED}",
        ),
        "space between elements": ("<Conditions ", "\n<Conditions "),
    }
    for name, change in changes.items():
        yield hostile(name, edited(signed, change), Reason.SIGNATURE_INVALID)
    relabelled = signed.replace(sent.assertion_id, another.assertion_id)
    yield hostile("assertion's ID", relabelled, Reason.SIGNATURE_INVALID)
    yield from _changed_responses(target)
    yield _digested_anew(edited(signed, changes["NameID"]))


def _changed_responses(target: Target) -> Iterator[HostileMessage]:
    for option in ("response", "both"):
        signed = target.answer(signing_option=option).signed()
        changed = edited(signed, ("<samlp:Status>", "\n<samlp:Status>"))
        yield hostile(f"response signed: {option}", changed, Reason.SIGNATURE_INVALID)
    issued_for_another = target.answer(
        signing_option="response", destination=f"{target.acs_url}x"
    )
    redirected = issued_for_another.signed().replace(
        f"{target.acs_url}x", target.acs_url
    )
    yield hostile("signed Destination", redirected, Reason.SIGNATURE_INVALID)


def _digested_anew(forged: str) -> HostileMessage:
    """The digest fits the forged content, and the signature the former digest."""
    bare, _ = cut(forged, *SIGNATURE)
    assertion = etree.fromstring(bare.encode()).find(f"{SAML}Assertion")
    canonical = etree.tostring(assertion, method="c14n", exclusive=True)
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    _, former = cut(forged, "<DigestValue>", "</DigestValue>")
    fitting = edited(forged, (former, f"<DigestValue>{digest}</DigestValue>"))
    return hostile("digest made anew", fitting, Reason.SIGNATURE_INVALID)
