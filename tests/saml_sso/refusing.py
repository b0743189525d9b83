"""What everybody who is refused gets: one page, and nothing written but why."""

from __future__ import annotations

from typing import Any

from chatwork_admin.audit.models import AuditEvent
from tests.saml_sso.signing_in import (
    refused_because,
    written,
)


def assert_refused(response: Any, reason: str, before: dict[str, list[Any]]) -> None:
    assert response.status_code == 403
    assert "You could not be signed in" in response.text
    assert set(response.cookies) <= {"__Host-csrf"}  # of the choice of language
    assert written() == before
    assert refused_because()[-1] == reason
    event = AuditEvent.objects.order_by("id").last()
    assert event is not None
    assert event.reference in response.text
    assert event.context["address"] == "127.0.0.1"
