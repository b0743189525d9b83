"""Logs: identifiers only; no bodies, tokens, addresses or names."""

from pythonjsonlogger import core

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(levelname)s %(name)s %(message)s",
            "timestamp": True,  # in UTC
            "json_ensure_ascii": True,
            # The query of a request may hold secrets.
            "reserved_attrs": [*core.RESERVED_ATTRS, "request"],
        }
    },
    "filters": {
        "untold": {
            "()": "django.utils.log.CallbackFilter",
            "callback": "ext://chatwork_admin.faults.is_untold",
        }
    },
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stdout"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        "django_scim": {"level": "CRITICAL"},  # it logs whole bodies
        # Strangers may call us whatever they like, and be refused.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security.RequestDataTooBig": {"level": "CRITICAL"},  # the page tells it
        "django.request": {"level": "ERROR", "filters": ["untold"]},
        "oauthlib": {"level": "WARNING"},  # below, it tells what was sent
    },
}
