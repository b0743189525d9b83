from celery import shared_task

from chatwork_admin.authorization import (
    assertion_authentication,
    grants,
    reminders,
    tokens,
)


@shared_task
def forget_tokens() -> None:
    """Remove, every hour, what clients were given and is long over."""
    tokens.forget_expired()
    grants.forget_unused()
    assertion_authentication.forget_expired()


@shared_task
def warn_of_ends() -> None:
    """Look every hour: a day on which this machine rested is made up for."""
    reminders.warn_of_ends()
    reminders.remind_to_hand_over()
