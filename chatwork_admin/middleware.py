"""What every request gets: a reference number, a bound, the least its answer says."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse

from chatwork_admin.reference_numbers import new_reference

# Where nobody further in says otherwise: nothing is kept, embedded or run. Pages have a
# content policy of their own (django-csp), static files may be kept (WhiteNoise).
UNLESS_SAID = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "usb",
        )
    ),
}


class RequestReference:
    """Name each request; the answer carries the name as `X-Request-Id`.

    Outermost, so that it also completes what others answer: see `UNLESS_SAID`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reference = new_reference()
        request.META["request_reference"] = reference
        response = self.get_response(request)
        response["X-Request-Id"] = reference
        for name, value in UNLESS_SAID.items():
            response.setdefault(name, value)
        return response


class BoundedUploadHandler(MemoryFileUploadHandler):
    """Refuse a form with files larger than FILE_UPLOAD_MAX_MEMORY_SIZE, whole.

    Django bounds the fields of a form, but writes files of any size to the disk.
    Raises RequestDataTooBig.
    """

    def handle_raw_input(self, *arguments: Any, **more: Any) -> None:
        super().handle_raw_input(*arguments, **more)
        if not self.activated:
            raise RequestDataTooBig(self.__class__.__doc__)
