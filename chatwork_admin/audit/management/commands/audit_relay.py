"""Tell workers which sinks have work: `manage.py audit_relay`, two copies or more.

Stateless. Without Redis it drains the sinks itself, so that nothing is ever lost.
"""

import logging
import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from chatwork_admin.audit import delivery, tasks

logger = logging.getLogger("chatwork_admin.audit.relay")

PAUSE = 0.3  # seconds between two looks


class Command(BaseCommand):
    requires_system_checks = ()  # they load every page: seconds for nothing
    help = "Poll the audit outbox and wake the workers that deliver it."

    def handle(self, *args: object, **options: object) -> None:
        while True:
            try:
                relay()
            except OperationalError:
                logger.warning("the database cannot be reached; trying again")
                close_old_connections()
            time.sleep(PAUSE)


def relay() -> None:
    for sink_id in delivery.kick_sinks():
        if not settings.CELERY_BROKER_URL:
            delivery.drain(sink_id)
            continue
        try:
            tasks.drain.apply_async((str(sink_id),), expires=10)
        except (BrokerUnavailable, RedisError):
            logger.warning("Redis cannot be reached; delivering from here")
            delivery.drain(sink_id)
