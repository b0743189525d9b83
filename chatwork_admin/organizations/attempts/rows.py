"""What is kept of an attempt that failed: who, from where and when, nothing of its form."""

from __future__ import annotations

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.http import HttpRequest, QueryDict


class AttemptRows(AxesDatabaseHandler):  # type: ignore[misc] # it has no types
    """As django-axes has it, which else keeps each form, a new password among the rest."""

    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        if request is None:
            return
        asked, said = request.GET, request.POST
        request.GET = request.POST = QueryDict()
        super().user_login_failed(sender, credentials, request, **kwargs)
        request.GET, request.POST = asked, said
