import uuid

from celery import shared_task

from chatwork_admin.audit.work import Work
from saml_sso.identity_providers import expiry
from saml_sso.remote_metadata import refreshing, requests
from saml_sso.sign_in import rate, rejections, sign_in_requests


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


@shared_task
def forget_sign_ins() -> None:
    """Remove what is left of sign-ins, and what limits nobody any more."""
    sign_in_requests.forget_old()
    rate.forget_old_arrivals()
    rejections.forget_old_counts()


METADATA = Work(requests.kick, fetch_metadata)
