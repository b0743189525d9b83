"""Who acts while nobody knows who it is."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest

from chatwork_admin.audit.recording import SYSTEM, Actor
from chatwork_admin.middleware import client_address, request_reference


def visitor(request: HttpRequest) -> Actor:
    """Return the system, which noticed something at this request."""
    reference, address = request_reference(request), client_address(request)
    return replace(SYSTEM, reference=reference, address=address)
