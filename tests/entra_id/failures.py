"""What the target refused, in the words an entry of Entra's provisioning logs needs."""

import re
from dataclasses import dataclass
from typing import Any

import httpx

_CODE = re.compile(r"^(?P<code>CW-[A-Z]+-\d+):")

# "Analyze the Microsoft Entra provisioning logs", the table of error codes.
_ENTRA_NAMES = {
    0: "ServiceUnreachable",
    400: "InvalidValue",
    401: "CredentialValidationFailure",
    403: "NotPermitted",
    404: "InvalidAnchor",
    409: "EntryConflict",
    429: "TooManyRequests",
}


@dataclass(frozen=True)
class Failure:
    """One refusal. `status` is 0 when nothing answered, `code` falls back on Entra's own name."""

    status: int
    detail: str
    code: str
    scim_type: str = ""
    request_id: str = ""


class RequestFailed(Exception):
    """The target refused one request; only the object it was about has failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(_one_line(failure))
        self.failure = failure


class BadConnection(RequestFailed):
    """The target refuses the connection as such: 401, or 404 to a query."""


class NoAnswer(RequestFailed):
    """The connection broke; whether the request was carried out is unknown."""


def failure_of(response: httpx.Response) -> Failure:
    """Read a SCIM Error (RFC 7644 §3.12); anything else is ServiceIncompatible for Entra."""
    request_id = response.headers.get("x-request-id", "")
    body = _error_body(response)
    if body is None:
        said = " ".join(response.text.split())[:200] or "(an empty body)"
        return Failure(
            response.status_code, said, "ServiceIncompatible", "", request_id
        )
    detail = str(body.get("detail") or "")
    match = _CODE.match(detail)
    return Failure(
        status=response.status_code,
        detail=detail,
        code=match["code"] if match else entra_name(response.status_code),
        scim_type=str(body.get("scimType") or ""),
        request_id=request_id,
    )


def silence(error: Exception) -> Failure:
    """Word a connection that broke or was never made."""
    return Failure(
        status=0, detail=str(error) or type(error).__name__, code=entra_name(0)
    )


def incompatible(status: int, detail: str) -> Failure:
    return Failure(status=status, detail=detail, code="ServiceIncompatible")


def entra_name(status: int) -> str:
    """Say how the column of Entra's log names this status."""
    return _ENTRA_NAMES.get(status, "InternalServerError")


def _one_line(failure: Failure) -> str:
    said = failure.detail
    if not said.startswith(failure.code):
        said = f"{failure.code}: {said}"
    return f"{failure.status} {said}"


def _error_body(response: httpx.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
