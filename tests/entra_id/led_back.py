"""Where a browser is led back to after *Authorize*, for whoever clicks by hand."""

from __future__ import annotations

from collections.abc import Iterator
from queue import SimpleQueue
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from tests.entra_id.sign_on.serving import serving

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Entra ID (stand-in)</title>
<h1>Entra ID (stand-in)</h1><p>You are back. This window can be closed.</p></html>"""


def wait_for_the_browser(redirect_uri: str) -> str:
    """Listen at the redirect address until a browser comes; return what it brings."""
    expected, brought = urlsplit(redirect_uri), SimpleQueue[str]()

    def site(environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        if environ["PATH_INFO"] != expected.path:
            start("404 Not Found", [])
            return
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        yield PAGE.encode()
        brought.put(f"{redirect_uri}?{environ['QUERY_STRING']}")  # once it is shown

    with serving(site, expected.port or 0):
        return brought.get()
