"""A mail server on this machine that takes, or refuses, what it is told to."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import BinaryIO


@dataclass
class MailServer:
    """`mails` by receiver; `refusals`: what it answers to some of them instead."""

    port: int = 0
    refusals: Mapping[str, str] = field(default_factory=dict)
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    receiver: str = ""

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for receiver, mail in self.mails if receiver == address]

    def answer(self, command: str) -> str:
        verb = command.upper()
        if verb.startswith("RCPT TO:"):
            self.receiver = command.partition("<")[2].partition(">")[0]
            return self.refusals.get(self.receiver, "250 OK")
        if verb == "DATA":
            return "354 go on"
        return "221 bye" if verb == "QUIT" else "250 OK"

    def take(self, incoming: BinaryIO) -> str:
        lines = iter(incoming.readline, b".\r\n")
        text = b"".join(line.removeprefix(b".") for line in lines)
        mail = message_from_bytes(text, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append((self.receiver, mail))
        return "250 taken"


@contextlib.contextmanager
def mail_server(refusals: Mapping[str, str] | None = None) -> Iterator[MailServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = MailServer(listening.getsockname()[1], refusals or {})
        thread = threading.Thread(target=_serve, args=(listening, server), daemon=True)
        thread.start()
        yield server
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def _serve(listening: socket.socket, server: MailServer) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return  # the end of the block
        with contextlib.suppress(OSError), connection:
            _talk(connection, server)


def _talk(connection: socket.socket, server: MailServer) -> None:
    incoming = connection.makefile("rb")
    say = connection.sendall
    say(b"220 mail server of the test\r\n")
    while line := incoming.readline():
        answer = server.answer(line.decode().strip())
        say(f"{answer}\r\n".encode())
        if answer.startswith("354"):
            say(f"{server.take(incoming)}\r\n".encode())
