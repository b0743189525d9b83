"""What a request is called, on its page and in the logs: `7F3C-21KQ-P8WD`."""

import re
import secrets

from django.http import HttpRequest

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is misread aloud
_REFERENCE = re.compile(rf"[{ALPHABET}]{{4}}(?:-[{ALPHABET}]{{4}}){{2}}")


def new_reference() -> str:
    """Return a reference number such as `7F3C-21KQ-P8WD`."""
    characters = "".join(ALPHABET[byte % 32] for byte in secrets.token_bytes(12))
    return f"{characters[:4]}-{characters[4:8]}-{characters[8:]}"


def is_reference(text: str) -> bool:
    return _REFERENCE.fullmatch(text) is not None


def request_reference(request: HttpRequest) -> str:
    reference: str = request.META.get("request_reference", "")
    return reference
