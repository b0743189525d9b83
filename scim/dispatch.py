"""The course of a SCIM request: admitted, answered in one transaction, or refused.

It takes the place of django-scim2's, which answers an exception before a transaction
could be rolled back, and an unknown method in HTML (§3.12 wants an Error).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import orjson
from django.db import OperationalError, transaction
from django.http import HttpResponse
from django_scim.constants import SCIM_CONTENT_TYPE
from django_scim.settings import scim_settings
from django_scim.views import SCIMView

from chatwork_admin import faults
from chatwork_admin.audit.recording import Target
from chatwork_admin.organizations.founding import target_of
from chatwork_admin.reference_numbers import request_reference
from chatwork_admin.synchronization import versions
from scim import errors, limits, rate, refusals
from scim.authentication import ScimRequest, note_contact
from scim.documents.preconditions import is_known, is_met
from scim.documents.resources import identifier
from scim.search import queries

# Statuses to remember: who is to come again later has nothing to mend.
REFUSED = {400, 403, 404, 405, 409, 412, 413, 414, 415, 431, 501}
RETRIED = {"40001", "40P01"}  # SQLSTATE: serialization failure, deadlock
TRIED = "scim.tried"  # in META, if it was so before Django was asked


class ScimView(SCIMView):  # type: ignore[misc] # untyped
    """`kind`: of what target a refusal is recorded, if not of the organization."""

    request: ScimRequest
    kind = ""
    is_atomic = True  # a write is all or nothing
    not_implemented = errors.NotImplementedHere

    def dispatch(
        self, request: ScimRequest, *args: object, **kwargs: object
    ) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"
            return headers_of(self.answered(request, *args, **kwargs))
        return self.answered(request, *args, **kwargs)

    dispatch.csrf_exempt = True  # type: ignore[attr-defined] # of each view

    def answered(
        self, request: ScimRequest, *args: object, **kwargs: object
    ) -> HttpResponse:
        try:
            door = scim_settings.AUTH_CHECK_MIDDLEWARE(self.admitted)
            response: HttpResponse = door(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the door: nothing may leave as HTML
            return self.refused(error)
        return response

    def admitted(
        self, request: ScimRequest, *args: object, **kwargs: object
    ) -> HttpResponse:
        if rate.ADMITTED not in request.META:
            rate.admit(request.organization.pk)
        request.GET = queries.parameters(request)  # type: ignore[assignment] # a copy
        note_contact(request)
        return self.performed(request, *args, **kwargs)

    def performed(
        self, request: ScimRequest, *args: object, **kwargs: object
    ) -> HttpResponse:
        if not self.implemented:
            raise self.not_implemented(self.not_implemented.__doc__)
        if request.method == "OPTIONS":  # RFC 9110 §9.3.7
            return offering(self.allowed())
        if request.method not in self.allowed():
            raise errors.MethodNotAllowed(self.allowed())
        handler = getattr(self, str(request.method).lower())
        if request.method == "GET":
            return as_wanted(request, handler(request, *args, **kwargs))
        if not self.is_atomic:
            response: HttpResponse = handler(request, *args, **kwargs)
            return response
        return in_transaction(
            lambda: handler(request, *args, **kwargs),
            is_last=TRIED in request.META,
        )

    def allowed(self) -> list[str]:
        return ["GET"]

    def refused(self, error: Exception) -> HttpResponse:
        request, answer = self.request, errors.answer_to(error)
        if answer in errors.TOLD:
            faults.tell(
                error, "scim request failed", reference=request_reference(request)
            )
        if answer.status in REFUSED and hasattr(request, "organization"):
            detail = errors.text_of(answer, error)
            refusals.note(request, answer, self._target(), detail)
        return errors.response_to(error, request)

    def _target(self) -> Target:
        if not self.kind:
            return target_of(self.request.organization)
        known = identifier(self.kwargs.get("uuid"))
        return Target(self.kind, str(known or ""), "")

    @cached_property
    def body(self) -> object:
        """What the body says, read once even if the transaction is tried again."""
        return limits.read_json(self.request)


class RefusingView(ScimView):
    """Refuses whatever is asked, once it is known who asks: then it is recorded."""

    error: type[Exception] = errors.NoSuchEndpoint

    def performed(self, *_: object, **__: object) -> HttpResponse:
        raise self.error(self.error.__doc__)


def in_transaction(
    answer: Callable[[], HttpResponse], *, is_last: bool
) -> HttpResponse:
    """Write all or nothing; a victim of a deadlock gets one more try, if not the last."""
    try:
        with transaction.atomic():
            return answer()
    except OperationalError as error:
        if is_last or not is_victim(error):
            raise
    return in_transaction(answer, is_last=True)


def is_victim(error: BaseException) -> bool:
    """Whether the same may succeed at once: others were in the way."""
    return getattr(error.__cause__, "sqlstate", None) in RETRIED


def as_wanted(request: ScimRequest, response: HttpResponse) -> HttpResponse:
    """Answer a read as its preconditions say (RFC 9110 §13.2.2). Raises Changed."""
    present, said = response.headers.get("ETag", ""), request.headers
    if not is_met(said.get("If-Match"), present):
        raise versions.Changed(versions.Changed.__doc__)
    if is_known(said.get("If-None-Match"), present):
        response = bodiless(304)
        response["ETag"] = present
    return response


def answer(document: object, status: int = 200) -> HttpResponse:
    body = orjson.dumps(document)
    return HttpResponse(body, content_type=SCIM_CONTENT_TYPE, status=status)


def headers_of(response: HttpResponse) -> HttpResponse:
    """Answer a HEAD (RFC 9110 §9.3.2) with what a GET is answered with, but the body."""
    if response.content:
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response


def bodiless(status: int) -> HttpResponse:
    """Answer without a body, and without Django's word that it is HTML."""
    response = HttpResponse(status=status)
    del response["Content-Type"]
    return response


def offering(methods: list[str]) -> HttpResponse:
    response = bodiless(204)
    response["Allow"] = errors.allow(methods)
    return response
