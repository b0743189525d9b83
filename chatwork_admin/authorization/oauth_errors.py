"""What oauthlib has no error for."""

from __future__ import annotations

from oauthlib.common import Request
from oauthlib.oauth2 import OAuth2Error


class ComeBack(OAuth2Error):  # type: ignore[misc] # untyped
    """A client of whom we cannot tell, for now, whether it is who it says."""

    error = "temporarily_unavailable"
    status_code = 503

    def __init__(self, seconds: int, request: Request) -> None:
        super().__init__(request=request)
        self.seconds = seconds

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.seconds)}
