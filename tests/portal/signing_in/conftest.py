from __future__ import annotations

import pytest

from chatwork_admin.organizations.models import User
from tests.organizations.proofs.authenticator import Authenticator, key_of


@pytest.fixture
def blue(alice: User) -> Authenticator:
    """A security key of Alice's."""
    authenticator = Authenticator()
    key_of(alice, authenticator)
    return authenticator
