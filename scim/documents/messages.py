"""What any message is asked first: which it is (RFC 7644 §3.1), and by which names. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from scim2_models import InvalidSyntaxException

MOST_OF_NAME = 80  # characters, in an error
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
BULK_REQUEST = f"{MESSAGES}BulkRequest"
BULK_RESPONSE = f"{MESSAGES}BulkResponse"
PATCH_OP = f"{MESSAGES}PatchOp"
SEARCH_REQUEST = f"{MESSAGES}SearchRequest"


def require(message: str, listed: object) -> None:
    """F37: tolerate any `schemas`, or none, but those of another message.

    The address and the method say what is meant, and many clients leave it at that.
    Raises InvalidSyntaxException.
    """
    named = [str(each).lower() for each in listed] if isinstance(listed, list) else []
    others = {name for name in named if name.startswith(MESSAGES.lower())}
    if others and message.lower() not in others:
        raise InvalidSyntaxException(detail=f"schemas must contain {message}")


def lowered(sent: Mapping[str, object]) -> dict[str, Any]:
    """Return what an object of a message says, by names in lower case (A14, F38).

    Raises InvalidSyntaxException for a name that is there in two spellings.
    """
    said = {name.lower(): value for name, value in sent.items()}
    if len(said) < len(sent):
        names = Counter(name.lower() for name in sent)
        raise twice(next(name for name in sent if names[name.lower()] > 1))
    return said


def twice(name: str) -> InvalidSyntaxException:
    return InvalidSyntaxException(
        detail=f"{name[:MOST_OF_NAME]} is there twice; send it once"
    )
