"""The library's door, open to everybody: the benchmark gives the peer this for free."""

from django.http import HttpRequest
from django_scim.middleware import SCIMAuthCheckMiddleware


class Open(SCIMAuthCheckMiddleware):  # type: ignore[misc] # untyped
    def process_request(self, request: HttpRequest) -> None:
        self.log_request(request)
