"""Is this process alive, and can it serve? For load balancers and containers."""

from functools import cache

from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from rest_framework.decorators import (
    api_view,
    authentication_classes,
    permission_classes,
    renderer_classes,
)
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from chatwork_admin.audit import delivery


@api_view(["GET", "HEAD"])
@authentication_classes([])
@permission_classes([])
@renderer_classes([JSONRenderer])
def alive(request: Request) -> Response:
    """The process answers; nothing else is asked."""
    return Response({"status": "alive"})


@api_view(["GET", "HEAD"])
@authentication_classes([])
@permission_classes([])
@renderer_classes([JSONRenderer])
def ready(request: Request) -> Response:
    """PostgreSQL answers and is migrated. Redis and the backlog are only reported."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
        if _migrations_of_this_release() - applied.keys():
            return Response({"status": "not migrated"}, status=503)
        backlog = delivery.backlog()
    except OperationalError:
        return Response({"status": "database unavailable"}, status=503)
    return Response({"status": "ready", "audit_backlog": backlog})


@cache
def _migrations_of_this_release() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).disk_migrations)
