"""What every request gets: a reference number, a bound, the least its answer says."""

import re
import secrets
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is misread aloud
_REFERENCE = re.compile(rf"[{ALPHABET}]{{4}}(?:-[{ALPHABET}]{{4}}){{2}}")

# Where nobody further in says otherwise: nothing is kept, embedded or run. Pages have a
# content policy of their own (django-csp), static files may be kept (WhiteNoise).
UNLESS_SAID = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "usb",
        )
    ),
}


class RequestReference:
    """Name each request; the answer carries the name as `X-Request-Id`.

    Outermost, so that it also completes what others answer: see `UNLESS_SAID`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reference = new_reference()
        request.META["request_reference"] = reference
        response = self.get_response(request)
        response["X-Request-Id"] = reference
        for name, value in UNLESS_SAID.items():
            response.setdefault(name, value)
        return response


class BoundedUploadHandler(MemoryFileUploadHandler):
    """Refuse a form with files larger than FILE_UPLOAD_MAX_MEMORY_SIZE, whole.

    Django bounds the fields of a form, but writes files of any size to the disk.
    Raises RequestDataTooBig.
    """

    def handle_raw_input(self, *arguments: Any, **more: Any) -> None:
        super().handle_raw_input(*arguments, **more)
        if not self.activated:
            raise RequestDataTooBig(self.__class__.__doc__)


def new_reference() -> str:
    """Return a reference number such as `7F3C-21KQ-P8WD`."""
    characters = "".join(ALPHABET[byte % 32] for byte in secrets.token_bytes(12))
    return f"{characters[:4]}-{characters[4:8]}-{characters[8:]}"


def is_reference(text: str) -> bool:
    return _REFERENCE.fullmatch(text) is not None


def request_reference(request: HttpRequest) -> str:
    reference: str = request.META.get("request_reference", "")
    return reference


def client_address(request: HttpRequest) -> str:
    """Return the IP address of the client: what the outermost trusted proxy saw.

    Without `TRUSTED_PROXIES`, X-Forwarded-For is what anybody may have written.
    """
    return address_in(request.META)


def address_in(meta: Mapping[str, Any]) -> str:
    direct: str = meta.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return direct
    forwarded = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
    seen = [address.strip() for address in forwarded if address.strip()]
    return (
        _without_port(seen[-settings.TRUSTED_PROXIES])
        if len(seen) >= settings.TRUSTED_PROXIES
        else direct
    )


def place_of(address: str) -> str:
    """One subscriber has 2^64 addresses of IPv6, and of IPv4 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((int(parsed), 64), strict=False).network_address)
    return str(parsed)


def _without_port(seen: str) -> str:
    """Azure Application Gateway writes 203.0.113.9:50123, others [2001:db8::7]:50123."""
    if seen.startswith("["):
        return seen[1:].partition("]")[0]
    return seen.partition(":")[0] if seen.count(":") == 1 else seen
