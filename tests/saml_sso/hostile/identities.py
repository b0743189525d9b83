"""People of one organization who would be people of another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from saml_sso.messages.assertions import TENANT_ID
from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.saml_claims import claims_of
from tests.saml_sso.hostile.target import HostileMessage, Target, hostile


def messages(target: Target) -> Iterator[HostileMessage]:
    neighbour, own = target.neighbour, target.provider.entity_id
    genuine = target.answer(provider=neighbour)
    yield hostile(
        "the neighbour's people", genuine.signed(), Reason.CERTIFICATE_UNKNOWN
    )
    pretending = target.answer(provider=neighbour, issuer=own)
    name = "the neighbour, as if he were us"
    yield hostile(name, pretending.signed(), Reason.CERTIFICATE_UNKNOWN)
    yield from _one_key_for_all(target)
    for option in ("assertion", "both"):
        claims = claims_of(target.victim, tenant_id=neighbour.tenant_id, issuer=own)
        guest = target.answer(claims=claims, signing_option=option)
        name = f"another tenant's claim ({option})"
        yield hostile(name, guest.signed(), Reason.WRONG_TENANT)
    unnamed = [each for each in target.answer().claims if each[0] != TENANT_ID]
    sent = target.answer(claims=tuple(unnamed)).signed()
    yield hostile("no tenant's claim", sent, Reason.WRONG_TENANT)
    begun = target.provider.tenant_id + "0"
    claims = claims_of(target.victim, tenant_id=begun, issuer=own)
    sent = target.answer(claims=claims).signed()
    yield hostile("a longer tenant", sent, Reason.WRONG_TENANT)


def _one_key_for_all(target: Target) -> Iterator[HostileMessage]:
    """Entra's shared keys sign for every tenant: then the issuer has to decide."""
    shared = replace(target.provider, tenant_id=target.neighbour.tenant_id)
    sent = target.answer(provider=shared).signed()
    yield hostile("another tenant with the same key", sent, Reason.WRONG_ISSUER)
    common = target.answer(issuer="https://sts.windows.net/common/").signed()
    yield hostile("the tenant called common", common, Reason.WRONG_ISSUER)
