"""The way out: from a name to a connection with a public address, proven by TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from saml_sso.remote_metadata.addresses import HTTPS
from saml_sso.remote_metadata.deadlines import Deadline

# RFC 4291 §2.4: all that is routed. Its parts for 6to4 and Teredo carry IPv4 addresses.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_CARRYING_IPV4 = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))


class NotPublic(Exception):
    """The name leads to an address that is not on the internet."""


def _resolve(host: str) -> Sequence[str]:
    found = socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _dial(address: str, seconds: float) -> socket.socket:
    return socket.create_connection((address, HTTPS), timeout=seconds)


@dataclass(frozen=True, slots=True)
class Network:
    """How names are resolved, addresses are reached, and servers prove who they are."""

    resolve: Callable[[str], Sequence[str]] = _resolve
    dial: Callable[[str, float], socket.socket] = _dial
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


INTERNET = Network()


def connect(host: str, network: Network, deadline: Deadline) -> ssl.SSLSocket:
    """Return a connection whose server has proven, by its certificate, to be `host`.

    The name is resolved once. All its addresses must be public, and one of them is
    called itself, so that no second answer of a name server counts. Raises NotPublic,
    and OSError: of its kinds, TimeoutError, socket.gaierror, ssl.SSLError.
    """
    plain = _call(_public_addresses(host, network, deadline), network, deadline)
    try:
        plain.settimeout(deadline.left())
        return network.tls().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def _public_addresses(host: str, network: Network, deadline: Deadline) -> list[str]:
    found = list(dict.fromkeys(_resolve_in_time(host, network, deadline)))
    addresses = [ip_address(each) for each in found]
    if not addresses or not all(map(_is_public, addresses)):
        raise NotPublic
    # A machine without IPv6 may lose all its time with it.
    return [str(each) for each in sorted(addresses, key=lambda each: each.version)]


def _resolve_in_time(host: str, network: Network, deadline: Deadline) -> Sequence[str]:
    """The system's resolver knows no deadline: leave it behind when it takes too long."""
    aside = ThreadPoolExecutor(max_workers=1)
    try:
        return aside.submit(network.resolve, host).result(deadline.left())
    finally:
        aside.shutdown(wait=False)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address not in _GLOBAL_UNICAST:
            return False
        if any(address in carrying for carrying in _CARRYING_IPV4):
            return False
    return address.is_global and not address.is_multicast


def _call(addresses: list[str], network: Network, deadline: Deadline) -> socket.socket:
    *others, last = addresses
    for address in others:
        try:
            return network.dial(address, deadline.left())
        except OSError:
            continue
    return network.dial(last, deadline.left())
