from __future__ import annotations

import pytest
from django.contrib.sessions.backends.db import SessionStore

from chatwork_admin.organizations.models import User
from tests.organizations.authenticator import Authenticator, key_of


@pytest.fixture
def session(db: None) -> SessionStore:
    return SessionStore()


@pytest.fixture
def blue(alice: User) -> Authenticator:
    """Alice's key."""
    authenticator = Authenticator()
    key_of(alice, authenticator)
    return authenticator
