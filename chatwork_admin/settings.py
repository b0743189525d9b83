"""One file for every machine; the environment is the only difference.

`docs/reference/settings.md` lists the variables. Importing this starts nothing.
"""

from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from chatwork_admin import env

BASE_DIR = env.PROJECT

# What this machine is
ENVIRONMENT = env.text("ENVIRONMENT", "production")  # production, development, test
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
TOKEN_PEPPER = env.text("TOKEN_PEPPER")
ENCRYPTION_KEYS = env.words("ENCRYPTION_KEYS", None)
if not ENCRYPTION_KEYS:
    raise ImproperlyConfigured("ENCRYPTION_KEYS must hold a key")
DEBUG = False
BASE_URL = env.text("BASE_URL").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", None)
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", default=0)
IS_HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "chatwork_admin.support.apps.SupportAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "rest_framework",
    "chatwork_admin.audit",
    "chatwork_admin.organizations",
    "saml_sso",
    "chatwork_admin.synchronization",
    "chatwork_admin.authorization",
    "scim",
    "chatwork_admin.portal",
    "chatwork_admin.support.apps.SupportConfig",
]

MIDDLEWARE = [
    "chatwork_admin.middleware.RequestReference",
    "django.middleware.security.SecurityMiddleware",
    "scim.course.ShortCourse",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "chatwork_admin.organizations.recognition.Recognition",
    "chatwork_admin.organizations.recognition.LoginRequired",
    "saml_sso.rechecking.Recheck",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "chatwork_admin.urls"
WSGI_APPLICATION = "chatwork_admin.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database: the owner migrates (no role); everything else runs as a role that owns
# nothing, with time limits and prepared statements.
DATABASE_ROLE = env.text("DATABASE_ROLE", "chatwork_app")
DATABASE_OPTIONS: dict[str, Any] = {
    "connect_timeout": 3,
    "options": "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000",
}
if DATABASE_ROLE:
    DATABASE_OPTIONS["options"] += (
        f" -c statement_timeout=10000 -c jit=off -c role={DATABASE_ROLE}"
    )
    DATABASE_OPTIONS |= {"server_side_binding": True, "prepare_threshold": 0}
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL"),
        engine="chatwork_admin.database",
        conn_max_age=None,
        conn_health_checks=True,
    )
}
DATABASES["default"]["OPTIONS"] = (
    DATABASES["default"].get("OPTIONS", {}) | DATABASE_OPTIONS
)
# A login e-mail is unique among those who are not in the recycle bin.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "chatwork_admin.support.sign_in.StaffBackend",  # decides alone at /support/
    "chatwork_admin.portal.signing_in.by_password.AdministratorBackend",
    "chatwork_admin.portal.signing_in.bypass.EmergencyBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# NIST SP 800-63B-4 §3.1.1: long, not common, not the account's own name; nothing else
KNOWN_OF_A_PERSON = ["user_name", "display_name", "email", "name"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {
        "NAME": "chatwork_admin.organizations.guessing.GuessingValidator",
        "OPTIONS": {"user_attributes": KNOWN_OF_A_PERSON},
    },
    {
        "NAME": (
            "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
        ),
        "OPTIONS": {"user_attributes": KNOWN_OF_A_PERSON},
    },
]
LOGIN_URL = "portal:sign-in"
LOGIN_REDIRECT_URL = "portal:overview"

# Sessions end so long after sign-in, and after so long without a request
SESSION_HOURS = env.number("SESSION_HOURS", default=12)
ADMINISTRATOR_IDLE_MINUTES = env.number("ADMINISTRATOR_IDLE_MINUTES", default=30)
MEMBER_IDLE_MINUTES = env.number("MEMBER_IDLE_MINUTES", default=240)
SAML_RECHECK_HOURS = env.number("SAML_RECHECK_HOURS", default=4)
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_ENGINE = "chatwork_admin.organizations.session_store"

# Whether only a second factor besides the password, or SAML, proves enough for what
# lets people in or out. Whoever has set one up is asked for it at any rate.
REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR", default=True)

# Ten failures of a known browser, or of one person from one address; nobody locks out
# anybody else. What is tried after them neither counts nor makes it last longer.
AXES_FAILURE_LIMIT = 10
AXES_USERNAME_FORM_FIELD = "username"  # as `authenticate` calls it, whatever the model
AXES_USERNAME_CALLABLE = "chatwork_admin.organizations.attempts.name_counted"
AXES_LOCKOUT_PARAMETERS = "chatwork_admin.organizations.attempts.columns_counted"
AXES_CLIENT_IP_CALLABLE = "chatwork_admin.organizations.attempts.place_counted"
AXES_WHITELIST_CALLABLE = "chatwork_admin.organizations.attempts.is_no_guess"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    *("code", "step-up-code", "key", "step-up-key"),
]
AXES_LOCKOUT_CALLABLE = (
    "chatwork_admin.portal.signing_in.views.sign_in.too_many_attempts"
)

# Browser
# Neither another host nor plain HTTP can set a cookie of such a name (RFC 6265bis).
COOKIE_PREFIX = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
THEME_COOKIE_NAME = f"{COOKIE_PREFIX}theme"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "chatwork_admin.portal.views.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_SSL_REDIRECT = IS_HTTPS and ENVIRONMENT == "production"
# A redirect would turn a POST into a GET (A3): scim.course refuses plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^scim(/|$)"]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
)
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes; also the limit of a SCIM body
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["chatwork_admin.middleware.BoundedUploadHandler"]

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

# Static files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if ENVIRONMENT == "production"
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = ENVIRONMENT != "production"

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

# How often each organization may call: requests per second in the long run (Entra ID
# wants 25 without a refusal), and at once after a pause. Only tests do without.
SCIM_RATE = env.rate("SCIM_RATE", default=50, least=25)
SCIM_BURST = env.rate("SCIM_BURST", default=500, least=100)
if ENVIRONMENT == "production" and not (SCIM_RATE and SCIM_BURST):
    raise ImproperlyConfigured("SCIM_RATE and SCIM_BURST must not be 0 in production")

# SAML metadata is fetched from Microsoft's hosts, and from these
SAML_METADATA_HOSTS = [host.lower() for host in env.words("SAML_METADATA_HOSTS")]

# Identity providers played on this machine, such as http://127.0.0.1:8443: who trusts
# one is sent there over plain HTTP
SAML_STAND_INS = env.words("SAML_STAND_INS")
if ENVIRONMENT == "production" and SAML_STAND_INS:
    raise ImproperlyConfigured("SAML_STAND_INS must be empty in production")

# Our SAML keys: the current pair signs, and both decrypt
SAML_SP_KEY = env.text("SAML_SP_KEY")
SAML_SP_CERTIFICATE = env.text("SAML_SP_CERTIFICATE")
SAML_SP_OTHER_KEY = env.text("SAML_SP_OTHER_KEY", "")
SAML_SP_OTHER_CERTIFICATE = env.text("SAML_SP_OTHER_CERTIFICATE", "")

# User synchronization
SYNC_REQUIRE_SAML_TEST = env.flag("SYNC_REQUIRE_SAML_TEST", default=True)
RECYCLE_BIN_DAYS = 30
SCIM_SERVICE_PROVIDER = {
    "NETLOC": BASE_URL.partition("://")[2],
    "SCHEME": BASE_URL.partition("://")[0],
    "AUTHENTICATION_SCHEMES": [
        {
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "RFC 6750",
        }
    ],
    "AUTH_CHECK_MIDDLEWARE": "scim.authentication.ScimAuthentication",
    "USER_MODEL_GETTER": "django.contrib.auth.get_user_model",
    "GROUP_MODEL": "chatwork_admin.organizations.models.Group",
    "USER_ADAPTER": "scim.adapters.UserAdapter",
    "GROUP_ADAPTER": "scim.adapters.GroupAdapter",
    "WWW_AUTHENTICATE_HEADER": 'Bearer realm="scim"',
}

# OAuth 2.0: the client that the publisher has registered with Microsoft, and where the
# codes of any client may be brought, letter for letter
OAUTH_GALLERY_CLIENT_ID = env.text("OAUTH_GALLERY_CLIENT_ID", "")
OAUTH_GALLERY_SECRETS = env.words("OAUTH_GALLERY_SECRETS")
OAUTH_REDIRECT_URIS = env.words(
    "OAUTH_REDIRECT_URIS", "https://portal.azure.com/TokenAuthorize"
)
if ENVIRONMENT == "production" and not all(
    uri.startswith("https://") for uri in OAUTH_REDIRECT_URIS
):
    raise ImproperlyConfigured("OAUTH_REDIRECT_URIS must begin with https://")
if OAUTH_GALLERY_CLIENT_ID and not OAUTH_GALLERY_SECRETS:
    raise ImproperlyConfigured("OAUTH_GALLERY_SECRETS must hold a secret")

# Services of this installation may ask what a token is good for (RFC 7662)
OAUTH_INTROSPECTION_SECRETS = env.words("OAUTH_INTROSPECTION_SECRETS")

# The keys of workload identities are fetched from Microsoft's hosts, and from these
OAUTH_KEY_HOSTS = [host.lower() for host in env.words("OAUTH_KEY_HOSTS")]

# Logs: identifiers only; no bodies, tokens, addresses or names
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(levelname)s %(name)s %(message)s",
            "timestamp": True,  # in UTC
            "json_ensure_ascii": True,
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
        "django.request": {"level": "ERROR", "filters": ["untold"]},
        "oauthlib": {"level": "WARNING"},  # below, it tells what was sent
    },
}
