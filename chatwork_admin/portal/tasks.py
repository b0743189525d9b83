from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from chatwork_admin.organizations.proofs import challenges
from chatwork_admin.organizations.sessions import ending, limits


@shared_task
def clear_sessions() -> None:
    """Remove the sessions that have expired, and in the end what is told of them."""
    call_command("clearsessions")
    ending.forget_ended()
    challenges.forget_expired()


@shared_task
def note_session_limits() -> None:
    """Record, every hour, which sessions nobody has come back to."""
    limits.note_limits()
