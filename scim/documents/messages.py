"""Which message a body says it is (RFC 7644 §3.1). Pure."""

from __future__ import annotations

from scim2_models import InvalidSyntaxException

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
