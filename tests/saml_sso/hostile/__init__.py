"""Every family of hostile responses, made new for a target."""

from __future__ import annotations

from tests.saml_sso.hostile import (
    addressing,
    algorithms,
    attributes,
    canonicalisation,
    changed_content,
    document_types,
    encrypted,
    foreign_keys,
    identities,
    malformed,
    missing_signatures,
    name_ids,
    references,
    statuses,
    stolen,
    times,
    truncation,
    wrapping,
)
from tests.saml_sso.hostile.target import Family, HostileMessage, Target

FAMILIES: dict[str, Family] = {
    "no, stripped or transplanted signature": missing_signatures.messages,
    "changed content": changed_content.messages,
    "foreign key, another organization's, outdated": foreign_keys.messages,
    "signature wrapping (XSW1-8 and hiding places)": wrapping.messages,
    "several references or SignedInfos, ambiguous IDs": references.messages,
    "forbidden algorithms and transforms": algorithms.messages,
    "void canonicalisation": canonicalisation.messages,
    "truncation by comments or child elements": truncation.messages,
    "DOCTYPE, entities, bombs, encodings": document_types.messages,
    "wrong or missing audience, destination, recipient, issuer": addressing.messages,
    "wrong or missing times": times.messages,
    "stolen or relabelled": stolen.messages,
    "duplicate or ambiguous attributes": attributes.messages,
    "hostile NameIDs": name_ids.messages,
    "cross-organization identity": identities.messages,
    "oversized or malformed": malformed.messages,
    "encrypted oddities": encrypted.messages,
    "failures, and failures dressed as success": statuses.messages,
}


def hostile_messages(target: Target) -> dict[str, tuple[HostileMessage, ...]]:
    """Return the messages of each family; all are refused when they come to `target`."""
    return {name: tuple(family(target)) for name, family in FAMILIES.items()}
