"""How long PostgreSQL takes for each filter that an index serves, by size.

    python -m tests.scim.search.filter_timings [--foreign FACTOR] [SIZE ...]

Makes an organization of SIZE users among FACTOR times as many others, on a PostgreSQL
server of its own. Prints milliseconds of
EXPLAIN (ANALYZE): the best of five executions of the statement that reads a page,
prepared, first for these parameters, then for any.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from chatwork_admin.embedded import Services

SETTINGS = {
    "ENVIRONMENT": "test",
    "SECRET_KEY": "only-for-timings-" + "k" * 50,
    "TOKEN_PEPPER": "only-for-timings-" + "p" * 50,
    "ENCRYPTION_KEYS": "only-for-timings-" + "e" * 50,
    "SAML_SP_KEY": "unused",
    "SAML_SP_CERTIFICATE": "unused",
    "BASE_URL": "http://localhost",
    "ALLOWED_HOSTS": "localhost",
    "DATABASE_ROLE": "",
}
PROGRAM = "from tests.scim.search.filter_costs import print_costs; print_costs({}, {})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 100_000])
    parser.add_argument("--foreign", type=int, default=1)
    asked = parser.parse_args()
    run_on_a_server_of_its_own(PROGRAM.format(asked.sizes, asked.foreign))


def run_on_a_server_of_its_own(program: str) -> None:
    """Run Python with the product on an empty database, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)  # PostgreSQL's user passes through
        services = Services(Path(name), durable=False)
        services.start()
        try:
            _manage(services, "migrate", "-v0")
            _manage(services, "shell", "-v0", "-c", program)
        finally:
            services.stop()


def _manage(services: Services, *command: str) -> None:
    addresses = {
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
    }
    subprocess.run(
        [sys.executable, "manage.py", *command],
        env={**os.environ, **SETTINGS, **addresses},
        check=True,
    )


if __name__ == "__main__":
    main()
