"""Fetch metadata from the internet, from nowhere else, and never for long."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Collection
from contextlib import closing
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import cast
from urllib.parse import SplitResult, urlsplit

from saml_sso.identity_providers.metadata_document import LARGEST_DOCUMENT
from saml_sso.identity_providers.trusted_addresses import TrustReason, is_of_a_stand_in
from saml_sso.remote_metadata.addresses import AddressReason, objection_to_metadata_url
from saml_sso.remote_metadata.deadlines import Deadline, TimedSocket
from saml_sso.remote_metadata.networks import INTERNET, Network, NotPublic, connect

SECONDS = 5.0  # for everything: the name, the connection, and the answer
METADATA = "application/samlmetadata+xml, application/xml, text/xml, */*;q=0.1"
HEADERS = {
    "Accept-Encoding": "identity",  # what is unpacked could be of any size
    "Connection": "close",
    "User-Agent": "chatwork-admin",
}


class FetchReason(StrEnum):
    """Why no metadata came back; a value is never renamed."""

    NAME_UNKNOWN = "name-unknown"
    NOT_PUBLIC = "not-public"
    UNREACHABLE = "unreachable"
    CERTIFICATE_NOT_TRUSTED = "certificate-not-trusted"
    TOO_SLOW = "too-slow"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    TOO_LARGE = "too-large"
    BROKEN_ANSWER = "broken-answer"


class NotFetched(Exception):
    """There is no metadata; `status` is the HTTP status where one was the reason.

    Nothing of what the server said is part of the error.
    """

    def __init__(
        self, reason: TrustReason | AddressReason | FetchReason, status: int = 0
    ) -> None:
        super().__init__(f"{reason} {status}" if status else reason.value)
        self.reason = reason
        self.status = status


def fetch(
    url: str,
    *,
    accept: str = METADATA,
    more_hosts: Collection[str] = (),
    stand_ins: Collection[str] = (),
    network: Network = INTERNET,
    seconds: float = SECONDS,
) -> bytes:
    """Return what `url` answers, at most 512 kB, whatever type it claims to have.

    Only https to listed hosts with public addresses, by no proxy, without redirects and
    credentials; `stand_ins` answer as they are. Raises NotFetched within `seconds`.
    """
    hosts = {"more_hosts": more_hosts, "stand_ins": stand_ins}
    if objection := objection_to_metadata_url(url, **hosts):
        raise NotFetched(objection)
    deadline = Deadline(seconds)
    way_out = None if is_of_a_stand_in(url, stand_ins) else network
    try:
        with _connected(urlsplit(url), way_out, deadline) as connected:
            return _ask(urlsplit(url), accept, TimedSocket(connected, deadline))
    except FAILURES as failure:
        reason = next(why for kind, why in REASONS if isinstance(failure, kind))
        raise NotFetched(reason) from None


def _connected(
    parts: SplitResult, network: Network | None, deadline: Deadline
) -> socket.socket:
    host = parts.hostname or ""
    if network is None:
        return socket.create_connection((host, parts.port or 80), deadline.left())
    return connect(host, network, deadline)


def _ask(parts: SplitResult, accept: str, connected: TimedSocket) -> bytes:
    connection = HTTPConnection(parts.hostname or "")  # it finds TLS there already
    connection.sock = cast("socket.socket", connected)
    query = f"?{parts.query}" if parts.query else ""
    headers = HEADERS | {"Accept": accept}
    connection.request("GET", f"{parts.path or '/'}{query}", headers=headers)
    with closing(connection.getresponse()) as response:
        return _body(response)


def _body(response: HTTPResponse) -> bytes:
    if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
        raise NotFetched(FetchReason.REDIRECTED, response.status)
    if response.status != HTTPStatus.OK:
        raise NotFetched(FetchReason.REFUSED, response.status)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotFetched(FetchReason.BROKEN_ANSWER)
    body = response.read(LARGEST_DOCUMENT + 1)
    if len(body) > LARGEST_DOCUMENT:
        raise NotFetched(FetchReason.TOO_LARGE)
    if response.length:  # it had promised more
        raise NotFetched(FetchReason.BROKEN_ANSWER)
    return body


# The particular before the general: all but two are kinds of OSError.
REASONS: tuple[tuple[type[Exception], FetchReason], ...] = (
    (NotPublic, FetchReason.NOT_PUBLIC),
    (HTTPException, FetchReason.BROKEN_ANSWER),
    (TimeoutError, FetchReason.TOO_SLOW),
    (socket.gaierror, FetchReason.NAME_UNKNOWN),
    (ssl.SSLCertVerificationError, FetchReason.CERTIFICATE_NOT_TRUSTED),
    (OSError, FetchReason.UNREACHABLE),
)
FAILURES = tuple(kind for kind, _ in REASONS)
