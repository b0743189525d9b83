import uuid

from celery import shared_task

from chatwork_admin.audit.work import Work
from saml_sso import expiry
from saml_sso.remote_metadata import refreshing, requests


@shared_task
def fetch_metadata(fetch_id: str) -> None:
    requests.carry_out(uuid.UUID(fetch_id))


@shared_task
def refresh_metadata() -> None:
    """Look every night whether there are new certificates."""
    refreshing.request_refreshes()


@shared_task
def forget_metadata() -> None:
    """Remove, every hour, the metadata that nobody looks at any more."""
    requests.forget_old()


@shared_task
def warn_of_expiring_certificates() -> None:
    """Look every hour: a day on which this machine rested is made up for."""
    expiry.warn_of_expiring_certificates()


METADATA = Work(requests.kick, fetch_metadata)
