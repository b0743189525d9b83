"""The HTTP side of Entra's provisioning service: one SCIM request and its answer."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx

from tests.entra_id.attribute_paths import JsonObject
from tests.entra_id.credentials import Bearer
from tests.entra_id.dialects import patch_document
from tests.entra_id.failures import (
    BadConnection,
    NoAnswer,
    RequestFailed,
    failure_of,
    incompatible,
    silence,
)

_WRITTEN = {"Content-Type": "application/scim+json; charset=utf-8"}
_RETRIED = frozenset({429, 503})


@dataclass(frozen=True)
class Retries:
    """How often to ask again, and how many seconds to wait at most before doing so.

    A Retry-After beyond `longest_wait` is not cut short: the object fails, and the
    next cycle comes back to it, as Entra's does.
    """

    attempts: int = 3
    longest_wait: float = 30.0
    first_wait: float = 0.5


class ScimClient:
    """One connection to a tenant URL, closed by `with`. Safe to share between threads.

    `credentials`: a secret token, or what fetches access tokens.
    """

    def __init__(
        self,
        base_url: str,
        credentials: str | httpx.Auth,
        *,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = urlsplit(base_url)
        self._retries = retries or Retries()
        self._sleep = sleep
        self._http = _http_client(credentials, transport)
        self._counting = threading.Lock()
        self.requests = 0

    def find(
        self, endpoint: str, expression: str, **parameters: str
    ) -> list[JsonObject]:
        """Query with a filter; further query parameters by keyword.

        Raises BadConnection on 404, which is never the answer to a query without
        match (RFC 7644 §3.4.2).
        """
        query = {**parameters, "filter": expression}
        response = self._exchange("GET", self._url(endpoint, query))
        if response.status_code == 404:
            raise BadConnection(failure_of(response))
        return _resources(_accepted(response))

    def read(self, endpoint: str, resource_id: str) -> JsonObject:
        return _body(
            _accepted(self._exchange("GET", self._url(f"{endpoint}/{resource_id}")))
        )

    def create(self, endpoint: str, document: JsonObject) -> JsonObject:
        """Create a resource and return it with the id the target gave it."""
        response = _accepted(self._exchange("POST", self._url(endpoint), document))
        created = _body(response)
        if not created.get("id"):
            raise RequestFailed(
                incompatible(response.status_code, "The answer has no id.")
            )
        return created

    def patch(
        self, endpoint: str, resource_id: str, operations: Sequence[JsonObject]
    ) -> None:
        """Change a resource; 200 with a body and 204 without one are equally good."""
        url = self._url(f"{endpoint}/{resource_id}")
        _accepted(self._exchange("PATCH", url, patch_document(operations)))

    def delete(self, endpoint: str, resource_id: str) -> None:
        _accepted(self._exchange("DELETE", self._url(f"{endpoint}/{resource_id}")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def _url(self, resource: str, parameters: dict[str, str] | None = None) -> str:
        # The tenant URL may end in ?aadOptscim062020, which Entra keeps on every request.
        added = urlencode(parameters or {}, quote_via=quote, safe="")
        query = "&".join(part for part in (self._base.query, added) if part)
        path = f"{self._base.path.rstrip('/')}/{resource}"
        return urlunsplit((self._base.scheme, self._base.netloc, path, query, ""))

    def _exchange(
        self, method: str, url: str, document: JsonObject | None = None
    ) -> httpx.Response:
        for attempt in range(self._retries.attempts):
            wait = self._retries.first_wait * 2**attempt
            try:
                response = self._send(method, url, document)
            except httpx.TransportError as error:
                if not _may_repeat(method, error):
                    raise NoAnswer(silence(error)) from error
            else:
                asked = _seconds_asked_for(response, wait)
                if asked is None or asked > self._retries.longest_wait:
                    return response
                wait = asked
            self._sleep(wait)
        return self._last_attempt(method, url, document)

    def _last_attempt(
        self, method: str, url: str, document: JsonObject | None
    ) -> httpx.Response:
        try:
            return self._send(method, url, document)
        except httpx.TransportError as error:
            raise NoAnswer(silence(error)) from error

    def _send(
        self, method: str, url: str, document: JsonObject | None
    ) -> httpx.Response:
        with self._counting:
            self.requests += 1
        if document is None:
            return self._http.request(method, url)
        body = json.dumps(document, ensure_ascii=False).encode()
        return self._http.request(method, url, content=body, headers=_WRITTEN)


def quoted(text: str) -> str:
    """Write a string literal of a filter (RFC 7644 §3.4.2.2)."""
    return json.dumps(text, ensure_ascii=False)


def _http_client(
    credentials: str | httpx.Auth, transport: httpx.BaseTransport | None
) -> httpx.Client:
    client = httpx.Client(
        auth=Bearer(credentials) if isinstance(credentials, str) else credentials,
        headers={"Accept": "application/scim+json"},
        timeout=60,
        transport=transport,
        trust_env=False,
    )
    # Entra sends no User-Agent; firewalls that want one put the job into quarantine.
    del client.headers["User-Agent"]
    return client


def _may_repeat(method: str, error: httpx.TransportError) -> bool:
    # A POST whose answer was lost may have been carried out: the caller asks first.
    return method != "POST" or isinstance(error, httpx.ConnectError)


def _seconds_asked_for(response: httpx.Response, usual: float) -> float | None:
    if response.status_code not in _RETRIED:
        return None
    stated = response.headers.get("retry-after", "").strip()
    if not stated:
        return usual
    if stated.isdecimal():
        return float(stated)
    try:
        until = parsedate_to_datetime(stated)
    except ValueError:
        return usual
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _accepted(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    failure = failure_of(response)
    raise (
        BadConnection(failure)
        if response.status_code == 401
        else RequestFailed(failure)
    )


def _body(response: httpx.Response) -> JsonObject:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RequestFailed(
            incompatible(response.status_code, "The answer is no JSON object.")
        )
    return body


def _resources(response: httpx.Response) -> list[JsonObject]:
    found = _body(response).get("Resources", [])
    if isinstance(found, list) and all(
        isinstance(one, dict) and one.get("id") for one in found
    ):
        return found
    detail = "Resources is no list of resources with an id."
    raise RequestFailed(incompatible(response.status_code, detail))
