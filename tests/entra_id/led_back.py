"""Where a browser is led back to after *Authorize*, for whoever clicks by hand."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from tests.entra_id.sign_on.serving import new_server

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Entra ID (stand-in)</title>
<h1>Entra ID (stand-in)</h1><p>You are back. This window can be closed.</p></html>"""


def wait_for_the_browser(redirect_uri: str) -> str:
    """Listen at the redirect address until a browser comes; return what it brings."""
    expected, brought = urlsplit(redirect_uri), list[str]()

    def site(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != expected.path:
            start("404 Not Found", [])
            return []
        brought.append(f"{redirect_uri}?{environ['QUERY_STRING']}")
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [PAGE.encode()]

    with new_server(site, expected.port or 0) as server:
        while not brought:
            server.handle_request()
    return brought[0]
