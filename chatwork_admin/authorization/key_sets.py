"""A set of keys that an issuer signs with (RFC 7517 §5): what of it we may trust."""

from __future__ import annotations

import re
from typing import Any

from jwt import PyJWK, PyJWTError

from chatwork_admin.authorization import strict_json

ALGORITHM = "RS256"
MOST_KEYS = 50
SMALLEST_BITS, LARGEST_BITS = 2048, 8192  # RFC 7518 §3.3; larger ones cost us time,
LARGEST_EXPONENT = 2**32  # and so do these
KEY_ID = re.compile(r"[\x21-\x7e]{1,255}")
KEPT = ("kty", "n", "e")
Keys = dict[str, dict[str, str]]


class InvalidKeys(Exception):
    """This is no set of keys, or none of them can check an assertion."""


def read(document: bytes) -> Keys:
    """Return the RSA keys for RS256 by their `kid`, as little of them as is needed.

    What is of another kind is passed over (§5). Raises InvalidKeys; also where a `kid`
    is given twice, for nobody could say which key is meant.
    """
    try:
        listed = strict_json.read_object(document).get("keys")
    except strict_json.Unreadable as unreadable:
        raise InvalidKeys(InvalidKeys.__doc__) from unreadable
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise InvalidKeys(InvalidKeys.__doc__)
    usable = [each for each in listed if _is_usable(each)]
    found = {each["kid"]: {name: each[name] for name in KEPT} for each in usable}
    if not found or len(found) < len(usable):
        raise InvalidKeys(InvalidKeys.__doc__)
    return found


def _is_usable(entry: Any) -> bool:
    if not isinstance(entry, dict) or entry.get("kty") != "RSA":
        return False
    if not all(isinstance(entry.get(name), str) for name in (*KEPT, "kid")):
        return False
    is_for_us = (
        entry.get("use", "sig") == "sig" and entry.get("alg", ALGORITHM) == ALGORITHM
    )
    return bool(is_for_us and KEY_ID.fullmatch(entry["kid"]) and _is_strong(entry))


def _is_strong(entry: dict[str, str]) -> bool:
    try:
        key = PyJWK({name: entry[name] for name in KEPT}, ALGORITHM).key
    except (PyJWTError, ValueError):
        return False
    is_affordable = bool(key.public_numbers().e < LARGEST_EXPONENT)
    return is_affordable and bool(SMALLEST_BITS <= key.key_size <= LARGEST_BITS)
