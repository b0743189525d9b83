"""What the door refuses of a client: nothing of it is done, and it is recorded."""

from __future__ import annotations

import pytest
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User
from chatwork_admin.web import threshold
from scim import limits
from tests.scim.conftest import USERS
from tests.scim.frequent.both_ways import by_django
from tests.scim.frequent.writing import Send, at_once, operations, replacing

REFUSED = [
    ({"REQUEST_METHOD": "PROPFIND"}, 501, "CW-REQ-3"),
    ({"HTTP_TRANSFER_ENCODING": "gzip, chunked"}, 501, "CW-REQ-3"),
    ({"HTTP_X_SOME": "x" * limits.MAX_HEADERS}, 431, "CW-REQ-3"),
    ({"CONTENT_TYPE": ";" * limits.MAX_CONTENT_TYPE * 2}, 431, "CW-REQ-3"),
    ({"HTTP_HOST": "evil.example"}, 400, "CW-REQ-3"),
    ({"HTTP_HOST": "a b"}, 400, "CW-REQ-2"),
]


@pytest.mark.parametrize(("said", "status", "code"), REFUSED)
def test_what_the_door_refuses_of_a_client_is_not_done_and_recorded(
    send: Send,
    user: str,
    as_alice: Client,
    said: dict[str, str],
    status: int,
    code: str,
) -> None:
    change = operations(replacing("title", "Boss"))
    environ = send("PATCH", f"{USERS}/{user}", change, HTTP_HOST="localhost") | said

    assert threshold.refusal(environ) is None
    assert threshold.allowed(environ) == 0
    assert at_once(environ) is None
    answer = by_django(environ)

    assert answer.status.startswith(f"{status} ")
    assert User.objects.get(pk=user).title == "Engineer"
    event = AuditEvent.objects.get(action=Action.REQUEST_REFUSED)
    assert (event.reference, event.context["code"]) == (answer.reference, code)
    assert code in as_alice.get("/manage/audit/", {"text": answer.reference}).text


@pytest.mark.parametrize(("said", "status", "code"), REFUSED)
def test_of_a_stranger_it_is_not_recorded(
    send: Send, user: str, said: dict[str, str], status: int, code: str
) -> None:
    asked = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": "Bearer x"} | said
    refused = threshold.refusal(send("PATCH", f"{USERS}/{user}", {}, **asked))

    assert refused is not None
    assert refused[0] == status
    assert f'"detail":"{code}: ' in refused[2].decode()
    assert not AuditEvent.objects.filter(action=Action.REQUEST_REFUSED).exists()


@pytest.mark.parametrize(
    ("host", "query", "is_sound"),
    [
        ("admin.example.jp", "filter=userName%20eq%20%22%E3%81%82%22", True),
        ("LOCALHOST:8000", "", True),
        ("evil.example", "", False),
        ("", "", False),
        ("localhost", "filter=userName%20eq%20%22a%ff%22", False),
        ("localhost", "filter=userName+eq+%22あ%22", False),
    ],
)
def test_only_what_is_sound_is_answered_before_it_is_looked_at(
    host: str,
    query: str,
    is_sound: bool,  # noqa: FBT001
) -> None:
    environ = {"HTTP_HOST": host, "QUERY_STRING": query}

    assert threshold.is_sound(environ) == is_sound
