"""What of a key set is trusted (RFC 7517)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, strategies
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from chatwork_admin.authorization.key_sets import MOST_KEYS, InvalidKeys, read
from tests.authorization.workloads import another_tenant, entra_tenant
from tests.entra_id.workload_identity import key_id, key_set
from tests.saml_sso import builders

KID = key_id(entra_tenant())


def entry(**changed: Any) -> dict[str, Any]:
    [found] = json.loads(key_set(entra_tenant()))["keys"]
    both = found | changed
    return {name: value for name, value in both.items() if value is not None}


def document(*entries: Any) -> bytes:
    return json.dumps({"keys": list(entries)}).encode()


def of(key: rsa.RSAPrivateKey) -> dict[str, Any]:
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"n": public["n"], "e": public["e"]}


def of_a_curve(curve: ec.EllipticCurve, **changed: Any) -> dict[str, Any]:
    public = ec.generate_private_key(curve).public_key()
    found = ECAlgorithm.to_jwk(public, as_dict=True) | {"kid": KID} | changed
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize(
    ("listed", "algorithm"),
    [
        (entry(alg=None), "RS256"),
        (entry(alg="RS256"), "RS256"),
        (entry(alg="PS256"), "PS256"),
        (of_a_curve(ec.SECP256R1()), "ES256"),
        (of_a_curve(ec.SECP256R1(), alg="ES256"), "ES256"),
    ],
)
def test_each_key_is_for_one_algorithm(listed: dict[str, Any], algorithm: str) -> None:
    assert read(document(listed))[KID]["alg"] == algorithm


def test_keys_are_kept_by_their_names_and_nothing_else_of_them() -> None:
    both = read(key_set(entra_tenant(), another_tenant()))

    assert both.keys() == {KID, key_id(another_tenant())}
    assert both[KID].keys() == {"kty", "n", "e", "alg"}


def test_what_comes_with_entras_keys_is_passed_over() -> None:
    more = {"x5c": ["MII"], "x5t": "x", "issuer": "https://x", "alg": "RS256"}
    assert read(document(entry(**more))) == read(document(entry()))


@pytest.mark.parametrize("left_out", ["use", "alg"])
def test_purpose_and_algorithm_may_be_left_out(left_out: str) -> None:
    assert KID in read(document(entry(**{left_out: None})))


@pytest.mark.parametrize(
    "other",
    [
        1,
        None,
        [],
        entry(kid=None),
        entry(kid=""),
        entry(kid=["x"]),
        entry(kid="with a blank"),
        entry(kid="x" * 256),
        entry(kty="EC"),
        entry(kty="EC", crv="P-256", x="AA", y="AA"),
        of_a_curve(ec.SECP384R1()),
        of_a_curve(ec.SECP256K1()),
        of_a_curve(ec.SECP256R1(), alg="ES384"),
        of_a_curve(ec.SECP256R1(), alg="RS256"),
        of_a_curve(ec.SECP256R1(), use="enc"),
        of_a_curve(ec.SECP256R1(), y=None),
        entry(kty="OKP", crv="Ed25519", x="AA"),
        entry(alg="ES256"),
        entry(alg="PS512"),
        entry(alg=["RS256"]),
        entry(alg=""),
        entry(alg="none"),
        entry(kty="oct", k="c2VjcmV0"),
        entry(use="enc"),
        entry(alg="RS512"),
        entry(alg="HS256"),
        entry(n=None),
        entry(n="!"),
        entry(n="é"),
        entry(n=""),
        entry(n=1),
        entry(e="AA"),
        entry(e="Ag"),
        entry(e="A" * 300),
        entry(e="__________8"),
        entry(**of(builders.rsa_key(1024))),
    ],
)
def test_what_cannot_check_an_assertion_is_passed_over(other: Any) -> None:
    named = other | {"kid": "other"} if isinstance(other, dict) else other
    good = entry(kid="good")
    is_unnamed = isinstance(other, dict) and other.get("kid") != KID
    assert read(document(other if is_unnamed else named, good)).keys() == {"good"}
    with pytest.raises(InvalidKeys):
        read(document(other))


def test_a_name_that_two_keys_have_is_nobodys() -> None:
    again = entry(**of(another_tenant().key))
    with pytest.raises(InvalidKeys):
        read(document(entry(), again))


def test_fifty_keys_are_enough() -> None:
    keys = [entry(kid=str(number)) for number in range(MOST_KEYS)]
    assert len(read(document(*keys))) == MOST_KEYS
    with pytest.raises(InvalidKeys):
        read(document(*keys, entry()))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys":{}}',
        b'{"keys":[]}',
        b"[" * 100_000,
        b'{"keys":[],"keys":[]}',
        b'{"keys":NaN}',
        b"\xff",
        b"9" * 5000,
    ],
)
def test_what_is_no_key_set_is_told_apart(said: bytes) -> None:
    with pytest.raises(InvalidKeys):
        read(said)


@given(
    said=strategies.binary(max_size=100)
    | strategies.recursive(
        strategies.none() | strategies.integers() | strategies.text(max_size=5),
        lambda inner: (
            strategies.lists(inner, max_size=3)
            | strategies.dictionaries(
                strategies.sampled_from(["keys", "kty", "n", "e", "kid", "use"]),
                inner | strategies.just("RSA"),
                max_size=4,
            )
        ),
    ).map(lambda value: json.dumps({"keys": value}).encode())
)
def test_whatever_is_read_fails_in_one_way_only(said: bytes) -> None:
    with pytest.raises(InvalidKeys):
        read(said)
