"""What strangers may send to the running product: little, and nothing is held for more."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from chatwork_admin.web.threshold import OF_STRANGERS
from saml_sso.sign_in.posted import LARGEST_BODY
from tests.running_product.conftest import RunningProduct

pytestmark = pytest.mark.processes

COOKIE = f"Cookie: csrf={'a' * 32}\r\n"  # of a form, as a browser has it


def answer(
    running: RunningProduct, path: str, announced: int, seconds: float = 20
) -> str:
    """Return the status of a form of which no byte is sent."""
    address = urlsplit(running.product.base_url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\n{COOKIE}"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {announced}\r\n\r\n"
    )
    place = address.hostname or "", address.port or 0
    with socket.create_connection(place, timeout=seconds) as connection:
        connection.sendall(head.encode())
        return connection.recv(65536).decode().split(" ")[1]


@pytest.mark.parametrize(
    ("path", "most", "status"),
    [
        ("/sign-in/", OF_STRANGERS, "413"),
        ("/support/login/", OF_STRANGERS, "413"),
        ("/oauth/token", OF_STRANGERS, "400"),
        ("/saml/nobody/acs/", LARGEST_BODY, "404"),
    ],
)
def test_who_announces_more_is_answered_before_he_sends_it(
    running: RunningProduct, path: str, most: int, status: str
) -> None:
    assert answer(running, path, most + 1) == status

    with pytest.raises(TimeoutError):  # as much as that is awaited
        answer(running, path, most, seconds=2)
