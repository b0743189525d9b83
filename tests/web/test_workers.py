"""Web workers are copies of one process, which imports what they need and no Celery."""

from __future__ import annotations

import os
import subprocess
import sys

from chatwork_admin.supervisor.commands import PROJECT

NOT_NAMED = "DJANGO_SETTINGS_MODULE"  # by whoever starts the product
WORKERS = """
import gc, os, sys
from django.db import connections
from chatwork_admin.web import workers
from chatwork_admin.identifiers import new_id
from chatwork_admin.reference_numbers import new_reference

workers.settle()
assert gc.get_freeze_count() > 100_000
assert "celery" not in sys.modules
assert all(each.connection is None for each in connections.all(initialized_only=True))
for _ in range(2):
    if not os.fork():
        print([new_id().int & (1 << 62) - 1, new_reference()], flush=True)
        os._exit(0)
    os.wait()
"""


def run(program: str) -> str:
    """Return what a program prints in a process as that of the workers."""
    named = {name: said for name, said in os.environ.items() if name != NOT_NAMED}
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=named,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_workers_share_what_was_imported_but_no_connection_and_no_random_number() -> (
    None
):
    first, second = run(WORKERS).splitlines()
    assert set(eval(first)).isdisjoint(eval(second))


LARGE = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from chatwork_admin.web import workers

def resident():
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096

def work(_):
    texts = ["x" * 400_000 for _ in range(100)]
    del texts

workers.settle()
before = resident()
with ThreadPoolExecutor(3) as pool:
    for size in (1, 2, 4, 8, 16, 31):
        del (text := bytearray(size * 1024 * 1024))[:]
    list(pool.map(work, range(30)))
    print(resident() - before)
"""


def test_memory_of_what_was_large_is_given_back() -> None:
    assert int(run(LARGE)) < 10_000_000
