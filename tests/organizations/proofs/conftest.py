from __future__ import annotations

import pytest

from chatwork_admin.organizations.models import User
from tests.organizations.proofs.authenticator import Authenticator, Browser, key_of


@pytest.fixture
def browser(db: None) -> Browser:
    return Browser()


@pytest.fixture
def blue(alice: User) -> Authenticator:
    """Alice's key."""
    authenticator = Authenticator()
    key_of(alice, authenticator)
    return authenticator
