"""What Django loads, in its order."""

from chatwork_admin.settings.machine import BASE_DIR

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
    "chatwork_admin.organizations.sessions.recognition.Recognition",
    "chatwork_admin.organizations.sessions.recognition.LoginRequired",
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
