from celery import shared_task

from chatwork_admin.synchronization import failures, recycling


@shared_task
def empty_recycle_bin() -> None:
    """Remove, every hour, what has been kept long enough."""
    recycling.empty_recycle_bin()
    failures.forget_old_counts()
