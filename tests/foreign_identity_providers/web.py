"""A small internet: names that lead to servers on this machine, and a browser in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html

MOST_STEPS = 20


class Web(httpx.BaseTransport):
    """Lead each https address to the port that its host has here, as a proxy would."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self.ports = dict(ports)
        self._machine = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme != "https":
            raise httpx.UnsupportedProtocol(f"{request.url} is not https")
        port = self.ports[request.url.host]
        here = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
        forwarded = httpx.Request(
            request.method,
            here,
            headers=[*request.headers.raw, (b"X-Forwarded-Proto", b"https")],
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._machine.handle_request(forwarded)

    def close(self) -> None:
        self._machine.close()


@dataclass
class Browser:
    """Keeps cookies, follows redirects, and fills in and sends the forms it is shown.

    As browsers do with `SameSite=Lax`, it posts to another site without its cookies.
    """

    web: Web
    typed: Mapping[str, str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = httpx.Client(transport=self.web, timeout=60)

    def open(self, url: str) -> httpx.Response:
        """Return the page that is reached in the end, once no form sends itself on."""
        response = self._client.get(url)
        for _ in range(MOST_STEPS):
            self.visited.append(str(response.request.url.copy_with(query=None)))
            following = self._next(response)
            if following is None:
                return response
            response = following
        raise AssertionError(f"no end: {self.visited}")

    def _next(self, response: httpx.Response) -> httpx.Response | None:
        here = str(response.url)
        if response.is_redirect:
            return self._client.get(urljoin(here, response.headers["Location"]))
        form = _form(response)
        if form is None:
            return None
        fields = {**dict(form.form_values()), **self._typed_into(form)}
        return self._post(here, urljoin(here, form.action or ""), fields)

    def _typed_into(self, form: html.FormElement) -> dict[str, str]:
        return {name: self.typed[name] for name in form.fields if name in self.typed}

    def _post(self, here: str, there: str, fields: dict[str, str]) -> httpx.Response:
        if urlsplit(here).hostname == urlsplit(there).hostname:
            return self._client.post(there, data=fields)
        with httpx.Client(transport=self.web, timeout=60) as without_cookies:
            response = without_cookies.post(there, data=fields)
        self._client.cookies.update(response.cookies)
        return response


def _form(response: httpx.Response) -> html.FormElement | None:
    """Return the form that sends itself, or asks for what the browser is to type."""
    if "html" not in response.headers.get("Content-Type", ""):
        return None
    for form in html.fromstring(response.text or "<p/>").forms:
        names = set(form.fields)
        if {"SAMLResponse"} & names or {"username", "password"} <= names:
            return form
    return None
