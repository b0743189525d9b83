import uuid

from celery import shared_task

from chatwork_admin.audit import delivery
from chatwork_admin.audit.work import Work


@shared_task
def drain(sink_id: str) -> None:
    delivery.drain(uuid.UUID(sink_id))


DELIVERIES = Work(delivery.kick_sinks, drain)
