"""Messages that somebody else has signed, or the right one with the wrong certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.identity_provider import IdentityProvider, new_identity_provider
from tests.entra_id.xml_signatures import sign, signature_template
from tests.saml_sso import builders
from tests.saml_sso.hostile.missing_signatures import SIGNATURE
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
A_DAY = timedelta(days=1)


def messages(target: Target) -> Iterator[HostileMessage]:
    attacker = new_identity_provider(target.provider.tenant_id)
    impostors = {
        "an attacker's key, with his certificate": attacker,
        "an attacker's key, with the trusted certificate": replace(
            attacker, certificate=target.provider.certificate
        ),
        "the key of another organization": replace(
            target.neighbour, tenant_id=target.provider.tenant_id
        ),
    }
    for name, impostor in impostors.items():
        is_found_out = impostor.certificate == target.provider.certificate
        reason = (
            Reason.SIGNATURE_INVALID if is_found_out else Reason.CERTIFICATE_UNKNOWN
        )
        for option in ("assertion", "response"):
            sent = target.answer(provider=impostor, signing_option=option)
            yield hostile(f"{name} ({option})", sent.signed(), reason)
    yield from _with_key_info(target, attacker)
    yield from _two_signers(target, attacker)
    yield from _outdated(target)


def _with_key_info(
    target: Target, attacker: IdentityProvider
) -> Iterator[HostileMessage]:
    signed = target.answer(provider=attacker).signed()
    _, key_info = cut(signed, "<KeyInfo>", "</KeyInfo>")
    named = edited(signed, (key_info, "<KeyInfo><KeyName>trusted</KeyName></KeyInfo>"))
    yield hostile("a key by name", named, Reason.SIGNATURE_INVALID)
    fetched = '<KeyInfo><RetrievalMethod URI="http://evil.example/key"/></KeyInfo>'
    retrieved = edited(signed, (key_info, fetched))
    yield hostile("a key to be fetched", retrieved, Reason.UNEXPECTED_ELEMENT)


def _two_signers(
    target: Target, attacker: IdentityProvider
) -> Iterator[HostileMessage]:
    wanted = target.answer(signing_option="response")
    forged = target.answer(name_id="ceo@acme.example", provider=attacker)
    around_forged = sign(
        wanted.around(sign(forged.assertion, attacker.key)), target.provider.key
    )
    name = "an attacker's assertion in a genuine response"
    yield hostile(name, around_forged, Reason.SIGNATURE_INVALID)
    genuine = sign(target.answer().assertion, target.provider.key)
    around_genuine = sign(
        replace(wanted, provider=attacker).around(genuine), attacker.key
    )
    name = "a genuine assertion in an attacker's response"
    yield hostile(name, around_genuine, Reason.SIGNATURE_INVALID)
    curve = ec.generate_private_key(ec.SECP256R1())
    bare, _ = cut(str(forged), *SIGNATURE)
    template = signature_template(
        forged.assertion_id, builders.certificate(key=curve), algorithm=ECDSA_SHA256
    )
    unsigned = edited(bare, ("</Issuer><Subject>", f"</Issuer>{template}<Subject>"))
    yield hostile(
        "an attacker's elliptic key", sign(unsigned, curve), Reason.CERTIFICATE_UNKNOWN
    )


def _outdated(target: Target) -> Iterator[HostileMessage]:
    now = datetime.now(UTC)
    periods = {
        Reason.CERTIFICATE_EXPIRED: (now - 2 * A_DAY, now - A_DAY),
        Reason.CERTIFICATE_NOT_YET_VALID: (now + A_DAY, now + 2 * A_DAY),
    }
    for reason, (start, end) in periods.items():
        certificate = builders.certificate(
            key=target.provider.key, not_before=start, not_after=end
        )
        pem = certificate.public_bytes(Encoding.PEM).decode()
        signed = hostile(reason.value, target.answer().signed(), reason)
        yield replace(signed, changes={"certificates": (pem,)})
