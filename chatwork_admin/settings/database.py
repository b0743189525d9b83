"""Where everything is kept."""

from typing import Any

import dj_database_url

from chatwork_admin import env

# Database: the owner migrates (no role); everything else runs as a role that owns
# nothing, with time limits and prepared statements.
DATABASE_ROLE = env.text("DATABASE_ROLE", "chatwork_app")
DATABASE_OPTIONS: dict[str, Any] = {
    "connect_timeout": 3,
    "options": (
        "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000"
        " -c datestyle=ISO"
    ),
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
