"""The environment of a production machine, for processes that tests start."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from saml_sso.key_pairs import new_key_pair

SAML_KEY, SAML_CERTIFICATE = new_key_pair("Test", now=datetime.now(UTC))
PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "a-long-key-of-a-test-" + "0123456789abcdef" * 4,
    "TOKEN_PEPPER": "a-long-pepper-of-a-test-" + "0123456789abcdef" * 4,
    "ENCRYPTION_KEYS": "a-long-key-to-encrypt-" + "0123456789abcdef" * 4,
    "SAML_SP_KEY": SAML_KEY,
    "SAML_SP_CERTIFICATE": SAML_CERTIFICATE,
    "BASE_URL": "https://admin.example.jp",
    "ALLOWED_HOSTS": "admin.example.jp,127.0.0.1",
    "TRUSTED_PROXIES": "1",
    # Nothing listens there: whoever connects, fails.
    "DATABASE_URL": "postgresql://chatwork_serve:unused@127.0.0.1:1/chatwork",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://unused:unused@127.0.0.1",
}


def python(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python in the project with nothing but this environment around it."""
    chosen = ENVIRONMENT if environment is None else environment
    nowhere = {"PATH": os.defpath, "DATA_DIRECTORY": os.devnull}
    return subprocess.run(
        [sys.executable, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=nowhere | chosen,
    )
