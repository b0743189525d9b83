"""What this machine is, and which secrets are its own."""

from django.core.exceptions import ImproperlyConfigured

from chatwork_admin import env

BASE_DIR = env.PROJECT

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
