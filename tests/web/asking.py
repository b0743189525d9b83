"""Ask `echo`, by bytes as they stand."""

from __future__ import annotations

import json
import socket
from typing import Any

HOST = "127.0.0.1"
ANNOUNCED = b"POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"


def told(port: int, sent: bytes) -> dict[str, Any]:
    """What the application was told of a request that is sent as it stands."""
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(sent)
        return received(connection)


def received(connection: socket.socket) -> dict[str, Any]:
    answer = b""
    while not answer.endswith(b"}"):
        part = connection.recv(65536)
        assert part, answer
        answer += part
    said: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return said


def refusal(port: int, sent: bytes) -> bytes:
    """What is answered to a request at first."""
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(sent)
        return connection.recv(65536)
