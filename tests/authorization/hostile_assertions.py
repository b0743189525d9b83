"""Assertions that prove nobody, each for a reason of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chatwork_admin.authorization.client_assertions import LONGEST
from tests.authorization.workloads import (
    SUBJECT,
    Trusted,
    another_tenant,
    encoded,
    signed,
)

DAY = 24 * 60 * 60
Assertion = Callable[[Trusted], str]


@dataclass(frozen=True)
class In:
    """An instant so many seconds after the test has come to it."""

    seconds: float


def dated(changed: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    return {
        name: now + said.seconds if isinstance(said, In) else said
        for name, said in changed.items()
    }


def unsigned(workload: Trusted) -> str:
    return ".".join([*workload.headed(alg="none").split(".")[:2], ""])


def by_the_public_key(workload: Trusted) -> str:
    """Sign by HMAC with what everybody knows (RFC 8725 §2.1)."""
    public = workload.workload.provider.key.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = encoded(json.dumps(workload.headers() | {"alg": "HS256"}).encode())
    text = f"{head}.{encoded(json.dumps(workload.workload.claims()).encode())}"
    digest = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    return f"{text}.{encoded(digest.sign(text.encode(), secret))}"


def by_another(workload: Trusted) -> str:
    claims = workload.workload.claims()
    return signed(workload.headers(), claims, another_tenant().key)


def with_its_own_key(workload: Trusted) -> str:
    headers = workload.headers() | {
        "jwk": jwt.algorithms.RSAAlgorithm.to_jwk(
            another_tenant().key.public_key(), as_dict=True
        )
    }
    return signed(headers, workload.workload.claims(), another_tenant().key)


def with_other_claims(workload: Trusted) -> str:
    head, _, signature = workload.workload.assertion().split(".")
    claims = workload.workload.claims() | dated({"exp": In(7200)})
    return f"{head}.{encoded(json.dumps(claims).encode())}.{signature}"


def twice(name: str) -> Assertion:
    def assertion(workload: Trusted) -> str:
        claims = json.dumps(workload.workload.claims())
        repeated = json.dumps(workload.workload.claims()[name])
        return signed(
            workload.headers(), f'{{"{name}":{repeated},{claims[1:]}'.encode()
        )

    return assertion


def header_twice(workload: Trusted) -> str:
    headers = json.dumps(workload.headers())
    both = f'{{"alg":"RS256",{headers[1:]}'.encode()
    return signed(both, workload.workload.claims())


def says(**changed: Any) -> Assertion:
    return lambda workload: workload.says(**dated(changed))


def headed(**changed: Any) -> Assertion:
    return lambda workload: workload.headed(**changed)


def bare(text: str) -> Assertion:
    return lambda _: text


HOSTILE: list[tuple[str, str, Assertion]] = [
    ("nothing at all", "unreadable", bare(".")),
    ("one part", "unreadable", bare("x")),
    ("four parts", "unreadable", lambda it: it.workload.assertion() + ".x"),
    ("padding", "unreadable", lambda it: it.workload.assertion() + "="),
    ("a blank", "unreadable", lambda it: it.workload.assertion() + " "),
    ("too long", "unreadable", bare(f"{'A' * LONGEST}.A.A")),
    ("no JSON", "unreadable", lambda it: signed(it.headers(), b"{")),
    ("no object", "unreadable", lambda it: signed(it.headers(), b"[]")),
    ("a bomb", "unreadable", lambda it: signed(it.headers(), b"[" * 5000)),
    ("no text", "unreadable", lambda it: signed(it.headers(), b"\xff{}")),
    ("NaN", "unreadable", lambda it: signed(it.headers(), b'{"exp":NaN}')),
    ("a long number", "unreadable", lambda it: signed(it.headers(), b"9" * 5000)),
    ("the issuer twice", "unreadable", twice("iss")),
    ("the audience twice", "unreadable", twice("aud")),
    ("the algorithm twice", "unreadable", header_twice),
    ("no signature", "unreadable", unsigned),
    ("alg none", "algorithm", headed(alg="none")),
    ("alg None", "algorithm", headed(alg="None")),
    ("no alg", "algorithm", headed(alg=None)),
    ("a list of algs", "algorithm", headed(alg=["RS256"])),
    ("RS512", "algorithm", headed(alg="RS512")),
    ("PS256", "algorithm", headed(alg="PS256")),
    ("HMAC by the public key", "algorithm", by_the_public_key),
    ("no kid", "header", headed(kid=None)),
    ("a kid that is no text", "header", headed(kid=1)),
    ("another type of token", "header", headed(typ="at+jwt")),
    ("a type that is no text", "header", headed(typ=1)),
    ("jku", "header", headed(jku="https://evil.test/keys")),
    ("x5u", "header", headed(x5u="https://evil.test/keys")),
    ("x5c", "header", headed(x5c=["MII"])),
    ("jwk", "header", with_its_own_key),
    ("crit", "header", headed(crit=["exp"])),
    ("an empty crit", "header", headed(crit=[])),
    ("b64", "header", headed(b64=False)),
    ("no issuer", "claims", says(iss=None)),
    ("no subject", "claims", says(sub=None)),
    ("no audience", "claims", says(aud=None)),
    ("no end", "claims", says(exp=None)),
    ("no beginning", "claims", says(iat=None)),
    ("an empty subject", "claims", says(sub="")),
    ("a subject that is no text", "claims", says(sub=[SUBJECT])),
    ("several audiences", "claims", says(aud=["api://x", "api://y"])),
    ("an end that is no number", "claims", says(exp="tomorrow")),
    ("an end that is true", "claims", says(exp=True)),
    ("an end beyond all", "claims", says(exp=1e300)),
    ("a beginning before all", "claims", says(iat=-1)),
    ("an id that is no text", "claims", says(jti=1)),
    ("another issuer", "issuer", says(iss="https://evil.test/v2.0")),
    ("an issuer with a slash", "issuer", lambda it: it.says(iss=it.row.issuer + "/")),
    ("an issuer of capitals", "issuer", lambda it: it.says(iss=it.row.issuer.upper())),
    ("another subject", "subject", says(sub="11111111-4a5e-4c1b-9c0e-1d8f5a1d2c3b")),
    ("a subject with a blank", "subject", says(sub=f"{SUBJECT} ")),
    ("a subject with half a letter", "subject", says(sub="\ud800")),
    ("another audience", "audience", says(aud="api://another")),
    ("the scope", "audience", lambda it: it.says(aud=it.row.audience + "/.default")),
    ("an unknown key", "key-unknown", headed(kid="unknown")),
    ("a key that is none", "key-unknown", headed(kid="../../../etc/passwd\0")),
    ("the key of another", "signature", by_another),
    ("other claims", "signature", with_other_claims),
    ("a signature of nothing", "signature", lambda it: _resigned(it, b"\0")),
    ("over", "expired", says(iat=In(-7200), exp=In(-3600))),
    ("over by more than clocks differ", "expired", says(exp=In(-61))),
    ("from the future", "too-early", says(iat=In(600), exp=In(900))),
    ("not yet", "too-early", says(nbf=In(600))),
    ("nbf that is no number", "unreadable", says(nbf="now")),
    ("nbf beyond all", "unreadable", says(nbf=float("1e300") * 1e300)),
    ("for two days", "lifetime", says(iat=In(0), exp=In(2 * DAY))),
    ("ends as it begins", "lifetime", says(iat=In(5), exp=In(5))),
]


def _resigned(workload: Trusted, signature: bytes) -> str:
    text = workload.workload.assertion().rpartition(".")[0]
    return f"{text}.{encoded(signature)}"
