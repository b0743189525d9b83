"""Is this process alive, and can it serve? For load balancers and containers."""

from functools import cache

from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from chatwork_admin.audit import delivery


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """PostgreSQL answers and is migrated. Redis and the backlog are only reported."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
        if _migrations_of_this_release() - applied.keys():
            return JsonResponse({"status": "not migrated"}, status=503)
        backlog = delivery.backlog()
    except OperationalError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ready", "audit_backlog": backlog})


@cache
def _migrations_of_this_release() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).disk_migrations)
