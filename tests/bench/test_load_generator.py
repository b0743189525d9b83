from __future__ import annotations

import pytest

from chatwork_admin.embedded.children import CannotStart
from tests.bench import load_generator, physical_limit

WRK = """Running 2s test @ http://127.0.0.1:8000/scim/v2/Users
  2 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     4.02ms    1.10ms  20.11ms   91.02%
Requests/sec:    990.00
Transfer/sec:      0.95MB
{"requests": 2000, "microseconds": 2000000, "p50": 4100, "p99": 9800, "refused": 20, "broken": 1}
"""
PGBENCH = """pgbench (18.4)
scaling factor: 1
number of transactions actually processed: 4242
number of failed transactions: 0 (0.000%)
latency average = 0.235 ms
initial connection time = 4.2 ms
tps = 2121.505152 (without initial connection time)
"""


def test_the_last_line_of_wrk_is_the_result_of_the_script() -> None:
    load = load_generator.parse(WRK)
    assert (load.requests, load.seconds) == (2000, 2.0)
    assert (load.p50_milliseconds, load.p99_milliseconds) == (4.1, 9.8)
    assert (load.refused, load.broken) == (20, 1)


def test_refusals_are_not_counted_as_answers() -> None:
    assert load_generator.parse(WRK).per_second == 990.0


def test_pgbench_tells_its_rate_without_connecting() -> None:
    assert physical_limit.parse(PGBENCH) == 2121.505152


def test_failed_transactions_are_no_limit_to_compare_with() -> None:
    failed = PGBENCH.replace("transactions: 0", "transactions: 7")
    with pytest.raises(CannotStart, match="failed transactions: 7"):
        physical_limit.parse(failed)
