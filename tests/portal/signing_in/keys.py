"""Security keys on the portal: where they are asked for, and what is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from chatwork_admin.organizations.models import (
    User,
    UserSession,
)
from tests.organizations.proofs.authenticator import Authenticator

PAGE = "/account/second-factor/"


KEY = f"{PAGE}key/"


ASK = "/sign-in/key/"


PAUSE = "/manage/sync/stop/pause/"


DOORS = ["/sign-in/", "/s/acme/", "/s/acme/?sso_skip=1"]


def answer_of(client: Client, authenticator: Authenticator, **wrong: Any) -> str:
    return authenticator.get(client.post(ASK).text, **wrong)


def sign_in(
    client: Client, password: str, door: str = "/sign-in/", **proof: str
) -> int:
    sent = {"username": "alice@acme.test", "password": password, **proof}
    return client.post(door, sent).status_code


def create(client: Client, **said: str) -> dict[str, str]:
    """Return the form that adds a new key."""
    options = client.post(f"{KEY}options/").text
    return {"name": "blue", "key": Authenticator().create(options), **said}


def grow_stale(user: User) -> None:
    before = timezone.now() - timedelta(minutes=11)
    UserSession.objects.filter(user=user).update(authenticated_at=before)
