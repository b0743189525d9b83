"""What clients really send, replayed; what they get, compared whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from chatwork_admin.organizations.models import User
from tests.scim import conversations

ROWS = {
    *(f"D{number}" for number in range(1, 19)),
    *(f"E{number}" for number in range(2, 9)),
    *(f"F{number}" for number in range(1, 40)),
    *(f"H{number}" for number in range(1, 18)),
    *(f"L{number}" for number in range(1, 10)),
}


@pytest.mark.parametrize(
    "file", conversations.files(), ids=lambda file: f"{file.parent.name}/{file.stem}"
)
def test_a_conversation_goes_as_it_is_recorded(
    scim: Client, alice: User, file: Path
) -> None:
    conversation = conversations.Conversation(scim, {"alice": str(alice.pk)})

    for number, exchange in enumerate(conversations.read(file)["exchanges"]):
        answer = conversation.answer(exchange["request"], exchange.get("remember"))
        assert answer == exchange["response"], f"{file.name}: exchange {number}"


def test_every_row_has_a_conversation() -> None:
    recorded = {
        row
        for file in conversations.files()
        for exchange in conversations.read(file)["exchanges"]
        for row in exchange["rows"]
    }

    assert ROWS - recorded == set()
