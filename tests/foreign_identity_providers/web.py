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
    """Keeps cookies, follows redirects, and sends the forms it is shown.

    `typed` is what it fills in, by the names of fields, on pages of the host `typed_at`.
    As browsers do with `SameSite=Lax`, it posts to another site without its cookies.
    """

    web: Web
    typed_at: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = httpx.Client(transport=self.web, timeout=60)

    def open(self, url: str) -> httpx.Response:
        """Return the page that is reached in the end, once none leads on by itself."""
        return self._reach(self._client.get(url))

    def submit(self, page: httpx.Response, action: str) -> httpx.Response:
        """Send the form of a page that leads to `action`; return the page in the end."""
        [form] = [each for each in _forms(page) if each.action == action]
        fields = dict(form.form_values())
        headers = {"Referer": str(page.url)}
        there = urljoin(str(page.url), action)
        return self._reach(self._client.post(there, data=fields, headers=headers))

    def _reach(self, response: httpx.Response) -> httpx.Response:
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
        if address := _refresh(response):
            return self._client.get(urljoin(here, address))
        form = self._form(response)
        if form is None:
            return None
        fields = {**dict(form.form_values()), **self._typed_into(form)}
        return self._post(here, urljoin(here, form.action or ""), fields)

    def _form(self, response: httpx.Response) -> html.FormElement | None:
        """Return the form that sends itself, or asks for what the browser is to type."""
        may_type = self.typed and response.url.host == self.typed_at
        for form in _forms(response):
            names = set(form.fields)
            if "SAMLResponse" in names or (may_type and names >= self.typed.keys()):
                return form
        return None

    def _typed_into(self, form: html.FormElement) -> dict[str, str]:
        return {name: self.typed[name] for name in form.fields if name in self.typed}

    def _post(self, here: str, there: str, fields: dict[str, str]) -> httpx.Response:
        if urlsplit(here).hostname == urlsplit(there).hostname:
            return self._client.post(there, data=fields)
        with httpx.Client(transport=self.web, timeout=60) as without_cookies:
            response = without_cookies.post(there, data=fields)
        self._client.cookies.update(response.cookies)
        return response


def _forms(response: httpx.Response) -> list[html.FormElement]:
    forms: list[html.FormElement] = _page(response).forms
    return forms


def _refresh(response: httpx.Response) -> str:
    """Return where a page leads by itself; empty if it stays."""
    found = _page(response).xpath("//meta[@http-equiv='refresh']/@content")
    return str(found[0]).partition("url=")[2] if found else ""


def _page(response: httpx.Response) -> html.HtmlElement:
    is_html = "html" in response.headers.get("Content-Type", "")
    return html.fromstring(response.text if is_html and response.text else "<p/>")
