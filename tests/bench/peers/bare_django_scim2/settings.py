"""The README's settings; besides them only what makes the peer faster, or start at all."""

import os
from typing import Any

NAME = "tests.bench.peers.bare_django_scim2"
SECRET_KEY = "only-for-the-benchmark"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_scim",
    NAME,
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = f"{NAME}.urls"
DATABASES: dict[str, Any] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["DATABASE_HOST"],
        "PORT": os.environ["DATABASE_PORT"],
        "USER": os.environ["DATABASE_USER"],
        "PASSWORD": os.environ["DATABASE_PASSWORD"],
        "NAME": os.environ["DATABASE_NAME"],
        # The default, a new connection for each request, costs it four fifths.
        "CONN_MAX_AGE": None,
    }
}
AUTH_USER_MODEL = "bare_django_scim2.User"
# Tables are made without migrations, all at once.
MIGRATION_MODULES = {"auth": None, "contenttypes": None, "django_scim": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
SCIM_SERVICE_PROVIDER = {
    "NETLOC": "127.0.0.1",
    "SCHEME": "http",
    "GROUP_MODEL": f"{NAME}.models.Group",
    "AUTHENTICATION_SCHEMES": [
        {
            "type": "oauth2",
            "name": "OAuth 2",
            "description": "Oauth 2 implemented with bearer token",
        }
    ],
    # It leaves authentication to others: here, to nobody.
    "AUTH_CHECK_MIDDLEWARE": f"{NAME}.door.Open",
}
