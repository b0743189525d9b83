"""A set of keys that an issuer signs with (RFC 7517 §5): what of it we may trust."""

from __future__ import annotations

import re
from typing import Any

from jwt import PyJWK, PyJWTError

from chatwork_admin.authorization import strict_json

MOST_KEYS = 50
SMALLEST_BITS, LARGEST_BITS = 2048, 8192  # RFC 7518 §3.3; larger ones cost us time,
LARGEST_EXPONENT = 2**32  # and so do these
CURVE = "P-256"
KEY_ID = re.compile(r"[\x21-\x7e]{1,255}")
# By kind: what is kept of a key, and its algorithms, the first where it names none.
KEPT = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}
ALGORITHMS_OF = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}
ALGORITHMS = tuple(name for names in ALGORITHMS_OF.values() for name in names)
Keys = dict[str, dict[str, str]]


class InvalidKeys(Exception):
    """This is no set of keys, or none of them can check an assertion."""


def read(document: bytes) -> Keys:
    """Return the keys for `ALGORITHMS` by their `kid`, as little of them as is needed.

    Each is good for one algorithm, its `alg` (RFC 8725 §3.1). What is of another kind is
    passed over (§5). Raises InvalidKeys; also where a `kid` is given twice, for nobody
    could say which key is meant.
    """
    try:
        listed = strict_json.read_object(document).get("keys")
    except strict_json.Unreadable as unreadable:
        raise InvalidKeys(InvalidKeys.__doc__) from unreadable
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise InvalidKeys(InvalidKeys.__doc__)
    usable = [each for each in listed if _is_usable(each)]
    found = {each["kid"]: _kept(each) for each in usable}
    if not found or len(found) < len(usable):
        raise InvalidKeys(InvalidKeys.__doc__)
    return found


def _is_usable(entry: Any) -> bool:
    if not isinstance(entry, dict) or not _algorithm_of(entry):
        return False
    named = (*KEPT[entry["kty"]], "kid")
    if not all(isinstance(entry.get(name), str) for name in named):
        return False
    is_for_us = entry.get("use", "sig") == "sig" and KEY_ID.fullmatch(entry["kid"])
    return bool(is_for_us) and _is_strong(entry)


def _is_strong(entry: dict[str, str]) -> bool:
    try:
        key = PyJWK(_kept(entry)).key
    except (PyJWTError, ValueError):
        return False
    if entry["kty"] == "EC":
        return entry["crv"] == CURVE
    is_affordable = bool(key.public_numbers().e < LARGEST_EXPONENT)
    return is_affordable and bool(SMALLEST_BITS <= key.key_size <= LARGEST_BITS)


def _kept(entry: dict[str, str]) -> dict[str, str]:
    kept = {name: entry[name] for name in ("kty", *KEPT[entry["kty"]])}
    return kept | {"alg": _algorithm_of(entry)}


def _algorithm_of(entry: dict[str, Any]) -> str:
    """Return the one that a key is for; nothing if it is none of ours."""
    first, *others = ALGORITHMS_OF.get(str(entry.get("kty")), ("",))
    said = entry.get("alg", first)
    return said if said in (first, *others) else ""
