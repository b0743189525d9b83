"""How large, deep and costly a request may be, and what JSON it may hold."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import orjson
from django.http import HttpRequest
from scim2_models import InvalidSyntaxException, InvalidValueException

MEDIA_TYPES = {"application/scim+json", "application/json"}
MAX_ADDRESS = 16 * 1024  # characters
MAX_HEADERS = 64 * 1024  # characters, of all
# Django reads a Content-Type in a time that grows with the square of its length.
MAX_CONTENT_TYPE = 1024
MAX_DEPTH = 32
DEFAULT_COUNT = 100
MAX_COUNT = 200
MAX_PAGE = 8 * 1024 * 1024  # bytes of the documents that are read for it
MAX_MEMBERSHIPS = 100_000  # that are read for a page: of groups, and of users
QUERY_TIME = 3000  # milliseconds, of what no index serves
MAX_RECORDED = 1000  # refusals an hour, of each code: all are counted
MOST_DIGITS = 20  # more than any limit has
Container = dict[str, Any] | list[Any]
CONTAINERS = dict, list
MAX_START_INDEX = 2**53 - 1  # what every JSON reader takes exactly (RFC 8259 §6)


class UnsupportedMediaType(Exception):
    """Send the body as application/scim+json, in UTF-8."""


def read_json(request: HttpRequest) -> Any:
    """Return what the body says.

    Raises UnsupportedMediaType, RequestDataTooBig, InvalidSyntaxException and, for texts
    that no database can hold, InvalidValueException.
    """
    body = _body(request)
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    is_known = request.content_type in MEDIA_TYPES and charset in {"utf-8", "utf8"}
    if body and not is_known:
        raise UnsupportedMediaType(UnsupportedMediaType.__doc__)
    return parse(body)


def parse(body: bytes) -> Any:
    """Return what a body says. Raises as `read_json`."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidSyntaxException(
            detail=f"The body is not JSON in UTF-8: {error}"
        ) from error
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        _require_shallow(document)
    if _colons(body) != orjson.dumps(document).count(b":"):
        _require_names_once(body)
    if rb"\u0000" in body:
        _require_no_nul(document)
    return document


def start_index(text: object) -> int:
    """§3.4.2.4: counted from 1; less means 1. E14: the answer echoes it, or refuses."""
    start = max(_integer("startIndex", text, 1), 1)
    if start > MAX_START_INDEX:
        raise InvalidValueException(detail=f"startIndex is at most {MAX_START_INDEX}")
    return start


def count(text: object) -> int:
    """§3.4.2.4: less than 0 means 0; a page has its limit."""
    return min(max(_integer("count", text, DEFAULT_COUNT), 0), MAX_COUNT)


def _body(request: HttpRequest) -> bytes:
    """Raises Django's RequestDataTooBig and UnreadablePostError as well."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body without a Content-Encoding.")
    return request.body


def _require_shallow(document: object) -> None:
    level = _containers([document])
    for _ in range(MAX_DEPTH):
        level = [each for parent in level for each in _containers(parent)]
    if level:
        raise InvalidSyntaxException(
            detail=f"JSON nests deeper than {MAX_DEPTH}; nest less"
        )


def _colons(body: bytes) -> int:
    """Count them, escaped ones too: with each lost name, what was read has one less.

    What looks like an escape need not be one: then there are more, never fewer.
    """
    return body.count(b":") + body.count(rb"\u003a") + body.count(rb"\u003A")


def _require_names_once(body: bytes) -> None:
    """Refuse equal names in an object, which readers understand in two ways (RFC 7493 §2.3)."""
    json.loads(body, object_pairs_hook=_object, parse_int=str, parse_float=str)


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(members)
    if len(read) < len(members):
        name = Counter(name for name, _ in members).most_common(1)[0][0]
        raise InvalidSyntaxException(
            detail=f'"{name[:50]}" is twice in one object; send it once'
        )
    return read


def _containers(parent: Container) -> list[Container]:
    inside = parent.values() if isinstance(parent, dict) else parent
    return [each for each in inside if isinstance(each, CONTAINERS)]


def _require_no_nul(document: object) -> None:
    pending = [document]
    while pending:
        each = pending.pop()
        if isinstance(each, str) and "\0" in each:
            raise InvalidValueException(
                detail="A text holds a NUL character; leave it out"
            )
        pending.extend(_children(each))


def _children(parent: object) -> list[object]:
    if isinstance(parent, dict):
        return [*parent.keys(), *parent.values()]
    return parent if isinstance(parent, list) else []


def _integer(name: str, text: object, default: int) -> int:
    if text is None or text == "":
        return default
    digits = str(text).strip()
    sign, unsigned = digits[:1] == "-", digits.lstrip("+-")
    if len(digits) - len(unsigned) > 1 or not (
        unsigned.isascii() and unsigned.isdigit()
    ):
        raise InvalidValueException(detail=f"{name} must be a whole number")
    size = int(unsigned.lstrip("0")[:MOST_DIGITS] or "0")
    return -size if sign else size
