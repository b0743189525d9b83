"""How Entra proves itself: a long-lived token, or access tokens that it fetches itself."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from time import monotonic
from typing import Literal

import httpx

from tests.entra_id.failures import BadConnection, failure_of
from tests.entra_id.workload_identity import WorkloadIdentity

Fields = Mapping[str, str]
Way = Literal["header", "body", "both"]
CLIENT_CREDENTIALS: Fields = {"grant_type": "client_credentials"}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SPARE = 300.0  # seconds before the end at which a new one is fetched


class Bearer(httpx.Auth):
    """A long-lived bearer token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class OAuthClient(httpx.Auth):
    """Fetches access tokens, and sends its secret as the administrator has chosen.

    `grant` is what it asks for them with at first; a refresh token that it is given
    takes its place. Raises BadConnection when it is given none.
    """

    requires_response_body = True

    def __init__(
        self,
        token_endpoint: str,
        client_id: str,
        secret: str,
        *,
        sent: Way = "both",
        grant: Fields = CLIENT_CREDENTIALS,
    ) -> None:
        self._endpoint, self._client, self._sent = token_endpoint, client_id, sent
        self._secret, self._grant = secret, dict(grant)
        self._token, self._until = "", 0.0

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        if monotonic() > self._until:
            self._keep((yield self._asking()))
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    def _asking(self) -> httpx.Request:
        fields = dict(self._grant)
        if self._sent != "header":
            fields |= {"client_id": self._client, "client_secret": self._secret}
        request = httpx.Request("POST", self._endpoint, data=fields)
        if self._sent == "body":
            return request
        return next(httpx.BasicAuth(self._client, self._secret).auth_flow(request))

    def _keep(self, response: httpx.Response) -> None:
        if not response.is_success:
            raise BadConnection(failure_of(response))
        said = response.json()
        self._token = str(said["access_token"])
        self._until = monotonic() + int(said.get("expires_in", 3600)) - _SPARE
        if "refresh_token" in said:
            token = str(said["refresh_token"])
            self._grant = {"grant_type": "refresh_token", "refresh_token": token}


class WorkloadClient(OAuthClient):
    """Signs who it is, each time that it fetches a token, instead of sending a secret."""

    def __init__(
        self, token_endpoint: str, client_id: str, workload: WorkloadIdentity
    ) -> None:
        super().__init__(token_endpoint, client_id, "")
        self._workload = workload

    def _asking(self) -> httpx.Request:
        fields = {
            **self._grant,
            "client_id": self._client,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._workload.assertion(),
            "scope": "scim",
        }
        return httpx.Request("POST", self._endpoint, data=fields)
