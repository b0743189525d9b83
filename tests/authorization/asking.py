"""What clients ask for at the token endpoint, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.authorization.conftest import Registered

Ask = Callable[..., Any]
USERS = "/scim/v2/Users?startIndex=1&count=1"


def scim(token: str) -> Any:
    return Client().get(USERS, headers={"authorization": f"Bearer {token}"})


def given_token(ask: Ask, entra: Registered) -> str:
    answer = ask(entra.body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def refused(answer: Any, error: str = "invalid_client", status: int = 401) -> bool:
    said = answer.json().get("error")
    assert answer["Cache-Control"] == "no-store"
    return (answer.status_code, said) == (status, error)
