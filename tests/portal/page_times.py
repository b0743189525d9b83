"""How long the server takes for each page of the portal, by size of the organization.

    python -m tests.portal.page_times [SIZE ...]

Makes an organization of SIZE users and as many audit events, beside as many others, on a
PostgreSQL server of its own, and asks for each page as its administrator. Prints
milliseconds, the median of nine, from Django's first middleware to its last.
"""

from __future__ import annotations

import argparse

from tests.scim.search.filter_timings import run_on_a_server_of_its_own

PROGRAM = "from tests.portal.page_costs import print_times; print_times({})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 100_000])
    run_on_a_server_of_its_own(PROGRAM.format(parser.parse_args().sizes))


if __name__ == "__main__":
    main()
