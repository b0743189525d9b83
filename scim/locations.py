"""Where resources are, from the configured origin (row A12)."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.urls import reverse


def location(collection: str, resource_id: object) -> str:
    """Return the address of a resource of a collection, which a view's name says."""
    return f"{_address(collection, settings.BASE_URL)}/{resource_id}"


@cache
def _address(name: str, base_url: str) -> str:
    return f"{base_url}{reverse(name)}"
