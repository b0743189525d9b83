from __future__ import annotations

import pytest

from chatwork_admin.organizations.models import Organization, User
from tests.saml_sso.signing_in import Entra, Visitor, entra_of


@pytest.fixture
def entra(acme: Organization) -> Entra:
    """Acme's Entra ID, trusted; who likes may sign in with it."""
    return entra_of(acme)


@pytest.fixture
def visitor(entra: Entra) -> Visitor:
    """A browser at Acme's door."""
    return Visitor(entra)


@pytest.fixture
def globex_entra(globex: Organization, mallory: User) -> Entra:
    return entra_of(globex)
