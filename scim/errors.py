"""What went wrong, as RFC 7644 §3.12 words it and as the Entra administrator reads it.

A `detail` has one form, `CW-CODE: text Ref REFERENCE`, and at most 200 characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import orjson
import scim2_models
from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django_scim.constants import SCIM_CONTENT_TYPE, SchemaURI

from chatwork_admin.authorization import tokens
from chatwork_admin.reference_numbers import request_reference
from chatwork_admin.synchronization import (
    admission,
    attributes,
    grouping,
    provisioning,
    versions,
)
from scim.documents.schemas import InvalidAttribute
from scim.limits import UnsupportedMediaType

DETAIL_LENGTH = 200
MOST_PARAMETERS: int = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


class NoSuchEndpoint(Exception):
    """There is nothing at this address. The Tenant URL ends in /scim/v2."""


class UnsupportedVersion(Exception):
    """The version of SCIM here is 2. The Tenant URL ends in /scim/v2."""


class NotImplementedHere(Exception):
    """This service provider does not implement this endpoint."""


class NobodyHere(NotImplementedHere):
    """There is no Me: no token acts for a person. Use Users."""


class TooManyRequests(Exception):
    """Too many requests."""

    def __init__(self, retry_after: float) -> None:
        seconds = ceil(retry_after)
        super().__init__(f"{TooManyRequests.__doc__} Retry after {seconds} s.")
        self.headers = {"Retry-After": str(seconds)}


class BadOperation(Exception):
    """An operation of a bulk request that cannot be read."""


class UnresolvedReference(Exception):
    """A bulkId that no operation has created (RFC 7644 §3.7.1)."""


class UriTooLong(Exception):
    """The address is longer than 16 KB. Use POST with .search."""


class HeadersTooLarge(Exception):
    """The headers are larger than 64 KB, or Content-Type than 1 KB. Send shorter ones."""


class NotSecure(Exception):
    """Use https: the token has travelled in clear text, and should be replaced."""


class FilterNotAllowed(Exception):
    """What describes the service provider is not filtered. Ask without a filter."""


class MethodNotAllowed(Exception):
    """The endpoint does not know the method; it knows those that are `allowed`."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(f"Use {', '.join(allowed)} here.")
        self.headers = {"Allow": allow(allowed)}


def allow(methods: list[str]) -> str:
    """Return an Allow header (RFC 9110 §10.2.1): what has a GET has a HEAD."""
    heads = ["HEAD"] if "GET" in methods else []
    return ", ".join([*methods, *heads, "OPTIONS"])


@dataclass(frozen=True, slots=True)
class Answer:
    """How an exception is answered. `text`: what to say where its own may not be seen."""

    status: int
    scim_type: str | None
    code: str
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""


WWW_AUTHENTICATE = str(settings.SCIM_SERVICE_PROVIDER["WWW_AUTHENTICATE_HEADER"])
OUR_FAULT = Answer(500, None, "CW-SYS-1", text="Internal error.")
LATER = Answer(
    503, None, "CW-SYS-1", (("Retry-After", "1"),), text="Not available now; retry."
)
TOLD = {OUR_FAULT, LATER}  # also to us, in the log
TOO_LARGE = Answer(
    413, None, "CW-REQ-3", text="The body is larger than 1 MB. Send several requests."
)

ANSWERS: dict[type[Exception], Answer] = {
    tokens.InvalidToken: Answer(
        401, None, "CW-AUTH-1", (("WWW-Authenticate", WWW_AUTHENTICATE),)
    ),
    tokens.NotEnabled: Answer(403, None, "CW-SYNC-1"),
    tokens.Paused: Answer(503, None, "CW-SYNC-2", (("Retry-After", "60"),)),
    tokens.NotInPlan: Answer(403, None, "CW-SYNC-3"),
    admission.NoLicenceLeft: Answer(403, None, "CW-USER-1"),
    admission.InUseElsewhere: Answer(409, "uniqueness", "CW-USER-2"),
    admission.NotUnique: Answer(409, "uniqueness", "CW-USER-3"),
    grouping.GroupNameTaken: Answer(409, "uniqueness", "CW-GROUP-1"),
    attributes.NotAnEmail: Answer(400, "invalidValue", "CW-USER-4"),
    provisioning.AdministratorProtected: Answer(403, None, "CW-USER-5"),
    provisioning.NoSuchUser: Answer(404, None, "CW-USER-6"),
    grouping.NoSuchGroup: Answer(404, None, "CW-GROUP-2"),
    attributes.TooLong: Answer(400, "invalidValue", "CW-USER-7"),
    InvalidAttribute: Answer(400, "invalidValue", "CW-USER-7"),
    scim2_models.InvalidValueException: Answer(400, "invalidValue", "CW-REQ-2"),
    scim2_models.InvalidFilterException: Answer(400, "invalidFilter", "CW-REQ-1"),
    scim2_models.TooManyException: Answer(400, "tooMany", "CW-REQ-1"),
    scim2_models.InvalidCursorException: Answer(400, "invalidCursor", "CW-REQ-1"),
    scim2_models.ExpiredCursorException: Answer(400, "expiredCursor", "CW-REQ-1"),
    scim2_models.InvalidCountException: Answer(400, "invalidCount", "CW-REQ-1"),
    scim2_models.InvalidSyntaxException: Answer(400, "invalidSyntax", "CW-REQ-2"),
    scim2_models.InvalidPathException: Answer(400, "invalidPath", "CW-REQ-2"),
    scim2_models.NoTargetException: Answer(400, "noTarget", "CW-REQ-2"),
    scim2_models.MutabilityException: Answer(400, "mutability", "CW-REQ-2"),
    scim2_models.PayloadTooLargeException: Answer(413, None, "CW-REQ-3"),
    RequestDataTooBig: TOO_LARGE,
    SuspiciousOperation: Answer(
        400,
        "invalidSyntax",
        "CW-REQ-2",
        text="The address or a header cannot be read. Mend it.",
    ),
    DisallowedHost: Answer(
        400,
        None,
        "CW-REQ-3",
        text="The address names another host. Use the Tenant URL.",
    ),
    TooManyFieldsSent: Answer(
        400,
        "invalidSyntax",
        "CW-REQ-2",
        text=f"The address has more than {MOST_PARAMETERS:,} parameters. Send fewer.",
    ),
    UnreadablePostError: Answer(
        408,
        None,
        "CW-REQ-2",
        text="The body did not arrive whole, or not in time. Send it again.",
    ),
    versions.Changed: Answer(412, None, "CW-REQ-3"),
    UnsupportedMediaType: Answer(415, None, "CW-REQ-3"),
    TooManyRequests: Answer(429, None, "CW-RATE-1"),
    FilterNotAllowed: Answer(403, None, "CW-REQ-3"),
    NoSuchEndpoint: Answer(404, None, "CW-REQ-3"),
    UnsupportedVersion: Answer(400, "invalidVers", "CW-REQ-3"),
    MethodNotAllowed: Answer(405, None, "CW-REQ-3"),
    BadOperation: Answer(400, "invalidSyntax", "CW-REQ-2"),
    UnresolvedReference: Answer(409, None, "CW-REQ-2"),
    UriTooLong: Answer(414, None, "CW-REQ-3"),
    HeadersTooLarge: Answer(431, None, "CW-REQ-3"),
    NotSecure: Answer(403, None, "CW-REQ-3"),
    NotImplementedHere: Answer(501, None, "CW-REQ-3"),
    OperationalError: LATER,
    InterfaceError: LATER,
}


def answer_to(error: Exception) -> Answer:
    """Return how an exception is answered; what the table does not know is our fault."""
    classes = (each for each in type(error).__mro__ if each in ANSWERS)
    known = next(classes, None)
    return OUR_FAULT if known is None else ANSWERS[known]


def response_to(error: Exception, request: HttpRequest) -> HttpResponse:
    """Return a SCIM Error (§3.12) for an exception."""
    status, headers, body = message_to(error, request_reference(request))
    return HttpResponse(body, status=status, headers=headers)


def message_to(error: Exception, reference: str) -> tuple[int, dict[str, str], bytes]:
    """Return it as status, headers and body, where there is no request of Django's."""
    answer = answer_to(error)
    own: dict[str, str] = getattr(error, "headers", {})
    headers = {"Content-Type": SCIM_CONTENT_TYPE, **dict(answer.headers), **own}
    return answer.status, headers, body_of(answer, str(error), reference)


def body_of(answer: Answer, text: str, reference: str) -> bytes:
    """Return a SCIM Error, as JSON."""
    body = {
        "schemas": [SchemaURI.ERROR],
        "status": str(answer.status),
        "detail": detail(answer, text, reference),
    }
    if answer.scim_type:
        body["scimType"] = answer.scim_type
    return orjson.dumps(body)


def text_of(answer: Answer, error: Exception) -> str:
    """Return what an answer says went wrong, in one line, without code and reference."""
    return _sentence(answer.text or str(error))[:DETAIL_LENGTH]


def _sentence(text: str) -> str:
    line = " ".join(text.split())
    return line if line.endswith((".", "…")) else f"{line}."


def detail(answer: Answer, text: str, reference: str) -> str:
    """Word an error in the one form that every `detail` has."""
    start, end = f"{answer.code}: ", f" Ref {reference}"
    room = DETAIL_LENGTH - len(start) - len(end)
    line = _sentence(answer.text or text)
    return start + (line if len(line) <= room else f"{line[: room - 1]}…") + end
