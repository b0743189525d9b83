"""How long a page of a hundred groups takes, by how many members each of them has.

    python -m tests.scim.group_page_times [MEMBERS ...]

On a PostgreSQL server of its own. Prints milliseconds, the median of five, from Django's
first middleware to its last, and how much that is of the 600 that Okta waits (row L6).
"""

from __future__ import annotations

import argparse

from tests.scim.search.filter_timings import run_on_a_server_of_its_own

PROGRAM = "from tests.scim.group_page_costs import print_times; print_times({})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("members", nargs="*", type=int, default=[20, 200, 2000])
    run_on_a_server_of_its_own(PROGRAM.format(parser.parse_args().members))


if __name__ == "__main__":
    main()
