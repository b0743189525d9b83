"""A request of Granian's in the words of PEP 3333, without its body."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from io import BytesIO
from wsgiref.types import WSGIEnvironment

from granian.rsgi import Scope

HOST, ENCODING = "HTTP_HOST", "HTTP_TRANSFER_ENCODING"
METHODS = {
    "CONNECT",
    "DELETE",
    "GET",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "POST",
    "PUT",
    "TRACE",
}
# RFC 3986 §3.2.2, without the comma that joins two of them
AUTHORITY = re.compile(r"(?:[\w.~!$&'()*+;=%-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?", re.ASCII)
SAME: WSGIEnvironment = {
    "SCRIPT_NAME": "",
    "wsgi.errors": sys.stderr,
    "wsgi.input": BytesIO(),
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
GLIMPSED = [
    ("authorization", "HTTP_AUTHORIZATION"),
    ("host", "HTTP_HOST"),
    ("if-match", "HTTP_IF_MATCH"),
    ("if-none-match", "HTTP_IF_NONE_MATCH"),
    ("x-forwarded-proto", "HTTP_X_FORWARDED_PROTO"),
]


def glimpse(scope: Scope) -> WSGIEnvironment | None:
    """Return a part of `environ_of`; None where that reads more of it than is said here."""
    environ = {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path,
        "QUERY_STRING": scope.query_string,
        "wsgi.url_scheme": scope.scheme,
    }
    for header, name in GLIMPSED:
        said = scope.headers.get_all(header)  # type: ignore[attr-defined] # it is new
        if len(said) > 1:
            return None
        if said:
            environ[name] = said[0]
    if scope.authority:
        environ[HOST] = scope.authority
    return environ


def environ_of(scope: Scope) -> WSGIEnvironment:
    """Return what PEP 3333 says of a request, without its body."""
    address, _, port = scope.server.rpartition(":")
    environ = SAME | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": _native(scope.path),
        "QUERY_STRING": _native(scope.query_string),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": address,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
    }
    for name, value in scope.headers.items():
        key = _key(name)
        before = environ.get(key)
        environ[key] = value if before is None else _joined(key, before, value)
    if scope.authority:  # RFC 9113 §8.3.1, RFC 9112 §3.2.2: not by Host
        environ[HOST] = scope.authority
    return environ


def names_host(environ: WSGIEnvironment) -> bool:
    return AUTHORITY.fullmatch(environ.get(HOST, "")) is not None


def _native(text: str) -> str:
    """Return UTF-8 as PEP 3333 passes bytes on: a character for each."""
    return text.encode().decode("latin-1")


def _joined(key: str, before: str, value: str) -> str:
    return f"{before}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"


@lru_cache(1000)
def _key(header: str) -> str:
    """An underscore is no hyphen: who may not send one header cannot send it so."""
    name = header.replace("_", " ").replace("-", "_").upper()
    is_bare = name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    return name if is_bare else f"HTTP_{name}"
