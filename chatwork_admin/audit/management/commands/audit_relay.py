"""Tell workers what waits in the database: `manage.py audit_relay`, two copies or more.

Stateless. Without Redis it does the work itself, so that nothing is ever lost.
"""

import logging
import time
import uuid
from importlib import import_module

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from chatwork_admin.audit.work import Work, all_work

logger = logging.getLogger("chatwork_admin.audit.relay")

PAUSE = 0.3  # seconds between two looks


class Command(BaseCommand):
    requires_system_checks = ()  # they load every page: seconds for nothing
    help = "Poll the outbox and what else waits, and wake the workers that do it."

    def handle(self, *args: object, **options: object) -> None:
        import_module("chatwork_admin.celery")  # tasks know where to send themselves
        while True:
            try:
                relay()
            except OperationalError:
                logger.warning("the database cannot be reached; trying again")
                close_old_connections()
            time.sleep(PAUSE)


def relay() -> None:
    for work in all_work():
        for waiting in work.kick():
            _tell(work, waiting)


def _tell(work: Work, waiting: uuid.UUID) -> None:
    if not settings.CELERY_BROKER_URL:
        work.task(str(waiting))
        return
    try:
        work.task.apply_async((str(waiting),), expires=10)
    except (BrokerUnavailable, RedisError):
        logger.warning("Redis cannot be reached; doing the work from here")
        work.task(str(waiting))
