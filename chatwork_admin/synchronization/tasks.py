from celery import shared_task

from chatwork_admin.synchronization import recycling


@shared_task
def empty_recycle_bin() -> None:
    recycling.empty_recycle_bin()
