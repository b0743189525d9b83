from celery import shared_task

from chatwork_admin.authorization import grants, tokens


@shared_task
def forget_tokens() -> None:
    """Remove, every hour, what clients were given and is long over."""
    tokens.forget_expired()
    grants.forget_unused()
