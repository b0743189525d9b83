from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from chatwork_admin.organizations import challenges, session_limits, sessions


@shared_task
def clear_sessions() -> None:
    """Remove the sessions that have expired, and in the end what is told of them."""
    call_command("clearsessions")
    sessions.forget_ended()
    challenges.forget_expired()


@shared_task
def note_session_limits() -> None:
    """Record, every hour, which sessions nobody has come back to."""
    session_limits.note_limits()
