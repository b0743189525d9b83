"""Who people are: accounts, passwords, sessions, failed attempts."""

from chatwork_admin import env

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
        "NAME": "chatwork_admin.organizations.proofs.guessable_passwords.GuessingValidator",
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
SESSION_ENGINE = "chatwork_admin.organizations.sessions.store"

# Whether only a second factor besides the password, or SAML, proves enough for what
# lets people in or out. Whoever has set one up is asked for it at any rate.
REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR", default=True)

# Ten failures of a known browser, or of one person from one address; nobody locks out
# anybody else. What is tried after them neither counts nor makes it last longer.
AXES_FAILURE_LIMIT = 10
AXES_USERNAME_FORM_FIELD = "username"  # as `authenticate` calls it, whatever the model
AXES_USERNAME_CALLABLE = "chatwork_admin.organizations.attempts.counting.name_counted"
AXES_LOCKOUT_PARAMETERS = (
    "chatwork_admin.organizations.attempts.counting.columns_counted"
)
AXES_CLIENT_IP_CALLABLE = "chatwork_admin.organizations.attempts.counting.place_counted"
AXES_WHITELIST_CALLABLE = "chatwork_admin.organizations.attempts.counting.is_no_guess"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_HANDLER = "chatwork_admin.organizations.attempts.rows.AttemptRows"
AXES_LOCKOUT_CALLABLE = (
    "chatwork_admin.portal.signing_in.views.sign_in.too_many_attempts"
)
