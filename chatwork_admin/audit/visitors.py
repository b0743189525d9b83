"""Who acts while nobody knows who it is."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest

from chatwork_admin.audit.recording import SYSTEM, Actor
from chatwork_admin.client_addresses import client_address
from chatwork_admin.reference_numbers import request_reference


def visitor(request: HttpRequest) -> Actor:
    """Return the system, which noticed something at this request."""
    reference, address = request_reference(request), client_address(request)
    return replace(SYSTEM, reference=reference, address=address)
