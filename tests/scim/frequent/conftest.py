"""A client that was here a moment ago."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory

from chatwork_admin.organizations.models import Organization
from tests.scim.conftest import Provisioning
from tests.scim.frequent.both_ways import Environ, here
from tests.scim.frequent.writing import send

__all__ = ["send"]


@pytest.fixture
def get(entra: Provisioning) -> Callable[..., Environ]:
    """Requests of a client that was here a moment ago."""
    sent = here(entra)

    def environ(address: str, **more: Any) -> Environ:
        request = RequestFactory().get(address, **(sent | more))
        return dict(request.environ)

    return environ


@pytest.fixture
def user(entra: Provisioning) -> str:
    return entra.create("yamada@example.jp", title="Engineer")


@pytest.fixture(autouse=True)
def licences(enabled_acme: Organization) -> None:
    Organization.objects.filter(pk=enabled_acme.pk).update(licences=100_000)
