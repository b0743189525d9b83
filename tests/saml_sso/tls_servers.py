"""Servers that speak TLS on this machine, and a network that has nothing else."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from saml_sso.remote_metadata.networks import Network
from tests.saml_sso import builders

PUBLIC = "8.8.8.8"  # what the test's name server says; nothing ever goes there
Behaviour = Callable[[ssl.SSLSocket], None]


@dataclass(frozen=True)
class Authority:
    """A certificate authority that only the test trusts."""

    certificate: x509.Certificate

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=builders.pem_of(self.certificate))

    def serving(
        self, host: str, directory: Path, **period: dt.datetime
    ) -> ssl.SSLContext:
        """Return what a server needs to prove to be `host`."""
        file = directory / "server.pem"
        key = builders.rsa_key().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        issued = _certificate(host, self.certificate.subject, **period)
        file.write_bytes(key + issued.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@cache
def authority() -> Authority:
    return Authority(_authority_certificate("Authority of the test"))


@dataclass
class Server:
    """A real server; `requests` holds the head of each request it got."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    def network(
        self,
        *answers: Sequence[str],
        trusting: Callable[[], ssl.SSLContext] | None = None,
    ) -> tuple[Network, list[str]]:
        """Return a network in which every address is this server, and whom it called.

        `answers`: what the name server says the first time, the second time, …
        """
        said = iter(answers or ([PUBLIC],))
        called: list[str] = []

        def dial(address: str, seconds: float) -> socket.socket:
            called.append(address)
            return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

        return Network(
            resolve=lambda _: next(said),
            dial=dial,
            tls=trusting or authority().trusting,
        ), called


@contextlib.contextmanager
def serve(context: ssl.SSLContext, behaviour: Behaviour) -> Iterator[Server]:
    """Serve until the end of the block, one connection after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(listening.getsockname()[1])
        thread = threading.Thread(
            target=_serve, args=(listening, context, behaviour, server), daemon=True
        )
        thread.start()
        yield server
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def answer(body: bytes, *, status: str = "200 OK", headers: str = "") -> Behaviour:
    def behaviour(connection: ssl.SSLSocket) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        connection.sendall(head.encode() + body)

    return behaviour


def _serve(
    listening: socket.socket,
    context: ssl.SSLContext,
    behaviour: Behaviour,
    server: Server,
) -> None:
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return  # the end of the block
        # Clients hang up when they have seen enough, or do not trust us.
        with (
            contextlib.suppress(OSError),
            plain,
            context.wrap_socket(plain, server_side=True) as connection,
        ):
            server.requests.append(_head(connection))
            behaviour(connection)


def _head(connection: ssl.SSLSocket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(4096)
        if not received:
            break
        head += received
    return head


def _certificate(
    host: str,
    issuer: x509.Name,
    *,
    not_before: dt.datetime | None = None,
    not_after: dt.datetime | None = None,
) -> x509.Certificate:
    """Return a certificate of the test's one key, good for two days unless told."""
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([_general_name(host)])
    builder = _builder(_name(host), issuer).add_extension(names, critical=False)
    builder = builder.not_valid_before(not_before or now - builders.A_DAY)
    builder = builder.not_valid_after(not_after or now + builders.A_DAY)
    return builder.sign(builders.rsa_key(), hashes.SHA256())


def _authority_certificate(name: str) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    an_authority = x509.BasicConstraints(ca=True, path_length=None)
    builder = _builder(_name(name), _name(name))
    builder = builder.add_extension(an_authority, critical=True)
    builder = builder.not_valid_before(now - builders.A_YEAR)
    builder = builder.not_valid_after(now + builders.A_YEAR)
    return builder.sign(builders.rsa_key(), hashes.SHA256())


def _builder(subject: x509.Name, issuer: x509.Name) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(builders.rsa_key().public_key())
        .serial_number(x509.random_serial_number())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
