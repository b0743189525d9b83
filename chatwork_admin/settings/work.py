"""Work behind the scenes: the queue, the outbox's channels, mail."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from chatwork_admin import env
from chatwork_admin.settings.machine import BASE_URL, ENVIRONMENT

# Work behind the scenes: the outbox is the truth, Redis only wakes workers up
CELERY_BROKER_URL = env.text("REDIS_URL", "")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
# What happened goes to the log, and some of it by mail to whom it concerns
AUDIT_CHANNELS = {
    "log": "chatwork_admin.audit.log.CHANNEL",
    "mail": "chatwork_admin.portal.mails.sending.CHANNEL",
    "staff-mail": "chatwork_admin.support.mails.CHANNEL",
}

# What the relay tells workers of, most urgent first
RELAYED_WORK = [
    "chatwork_admin.audit.tasks.DELIVERIES",
    "saml_sso.tasks.METADATA",
]

# Mail; outside production it may be written down instead of sent
MAIL_SERVER = env.mail_server("EMAIL_URL", "console:")
EMAIL_BACKEND, EMAIL_FILE_PATH = MAIL_SERVER.backend, MAIL_SERVER.directory
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SERVER.use_tls, MAIL_SERVER.use_ssl
EMAIL_TIMEOUT = 5  # seconds for each answer of the server
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "") or (
    f"Chatwork Admin <noreply@{urlsplit(BASE_URL).hostname}>"
)
if ENVIRONMENT == "production" and not MAIL_SERVER.host:
    raise ImproperlyConfigured("set EMAIL_URL or EMAIL_URL_FILE: alarms go by mail")
