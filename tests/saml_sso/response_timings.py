"""Measure the time of one validated response: `python -m tests.saml_sso.response_timings`.

One process, one thread; the identity provider's key has 2048 bits, ours 3072. Processor
time says more than the clock where other programs run.
"""

import argparse
import statistics
import time
import uuid

from rich.console import Console
from rich.table import Table

from saml_sso.messages.responses import read_response
from tests.entra_id.saml_claims import MOST_GROUPS, claims_of
from tests.entra_id.saml_responses import form_value
from tests.saml_sso.answering import BOB, TENANT, acme, answer, expectations


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.saml_sso.response_timings")
    parser.add_argument("--responses", type=int, default=500, metavar="N")
    options = parser.parse_args()
    table = Table("response", "form field kB", "median ms", "p95 ms", "processor ms")
    for name, changes in kinds().items():
        values = [
            form_value(answer(**changes).signed()) for _ in range(options.responses)
        ]
        table.add_row(name, f"{len(values[0]) / 1024:.1f}", *measured(values))
    Console().print(table)


def kinds() -> dict[str, dict[str, object]]:
    groups = [str(uuid.uuid4()) for _ in range(MOST_GROUPS)]
    claims = claims_of(BOB, tenant_id=TENANT, issuer="i", groups=groups)
    return {
        "assertion signed": {},
        "response signed": {"signing_option": "response"},
        "both signed": {"signing_option": "both"},
        "assertion signed, 150 groups": {"claims": claims},
        "encrypted": {"encryption": acme().encryption()},
        "encrypted, both signed": {
            "encryption": acme().encryption(),
            "signing_option": "both",
        },
    }


def measured(form_values: list[str]) -> tuple[str, str, str]:
    """Return the median and the 95th percentile, and the median of processor time."""
    elapsed, used = [], []
    for each in form_values:
        expected = expectations(decryption_keys=(acme().pair,))
        started, began = time.perf_counter(), time.process_time()
        read_response(each, expected)
        elapsed.append((time.perf_counter() - started) * 1000)
        used.append((time.process_time() - began) * 1000)
    times = (
        statistics.median(elapsed),
        statistics.quantiles(elapsed, n=20)[-1],
        statistics.median(used),
    )
    first, second, third = (f"{each:.1f}" for each in times)
    return first, second, third


if __name__ == "__main__":
    main()
