"""Measure how long metadata of the largest size takes: `python -m tests.saml_sso.metadata_timings`.

Processor time, and how many times that of a document half as long.
"""

import statistics
import time
from contextlib import suppress

from rich.console import Console
from rich.table import Table

from saml_sso.identity_providers.metadata import read_metadata
from saml_sso.identity_providers.metadata_reasons import InvalidMetadata
from tests.saml_sso.builders import NOW, document
from tests.saml_sso.large_metadata import DOCUMENTS, FULL

TIMES = 9


def main() -> None:
    table = Table("many", "kB", "ms", "times that of half")
    for name, make in DOCUMENTS.items():
        whole, half = document(make(FULL)), document(make(FULL // 2))
        taken = milliseconds(whole)
        ratio = f"{taken / milliseconds(half):.1f}"
        table.add_row(name, f"{len(whole) / 1024:.0f}", f"{taken:.1f}", ratio)
    Console().print(table)


def milliseconds(xml: bytes) -> float:
    """Return the median of what a processor needs to read or refuse a document."""
    return 1000 * statistics.median(_seconds(xml) for _ in range(TIMES))


def _seconds(xml: bytes) -> float:
    began = time.process_time()
    with suppress(InvalidMetadata):
        read_metadata(xml, now=NOW)
    return time.process_time() - began


if __name__ == "__main__":
    main()
