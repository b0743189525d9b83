"""What each filter that an index serves costs PostgreSQL: for `filter_timings`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db import connection, transaction

from chatwork_admin.organizations import positions
from scim.search.pages import page_at
from scim.search.searches import Search, search_for, users_of
from tests.scim.crowds import as_owner, crowd, probes
from tests.scim.statements import Statement, plan, recorded

TIMES = 5


def print_costs(sizes: list[int], foreign: int) -> None:
    """Print a table of milliseconds, by filter and size of the organization."""
    columns = [costs(size, size * (foreign + 1)) for size in sizes]
    print("| filter |", " | ".join(f"{size:,}" for size in sizes), "|")
    print("|---|", "--:|" * len(sizes), sep="")
    for rows in zip(*columns, strict=True):
        print(f"| `{rows[0][0]}` |", " | ".join(row[1] for row in rows), "|")


def costs(ours: int, everybody: int) -> list[tuple[str, str]]:
    """Return what each filter costs: milliseconds, `custom / generic`."""
    with transaction.atomic(), as_owner() as cursor:
        cursor.execute("TRUNCATE organizations_organization CASCADE")
        organization = crowd(ours, everybody=everybody)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) organizations_user")
    users = users_of(organization)
    with transaction.atomic():
        found = [
            (_named(each, everybody), _cost(_page(search_for(users, each))))
            for each in probes(everybody)
        ]
        everyone = search_for(users, "")
        return [*found, ("(none)", _cost(_page(everyone))), *_deep(everyone, ours // 2)]


def _deep(everyone: Search, skipped: int) -> Iterator[tuple[str, str]]:
    """Yield what a deep page costs before anybody closed segments, and then."""
    organization, statement = everyone.collection.organization, _page(everyone, skipped)
    organization.usersegments.all().delete()
    organization.userblocks.all().delete()
    yield "(none) from the middle, the first time", _cost(statement)
    for _ in range(0, 2 * skipped, positions.SIZE * positions.MOST):
        positions.close_segments(organization)
    yield "(none) from the middle", _cost(statement)


def _named(expression: str, last: int) -> str:
    """Return a filter in the same words for any size."""
    shown = re.sub(rf"(person ?|m|e|\"){last}\b", r"\1N", expression, flags=re.I)
    shown = re.sub(r"\bm\d+", "mN", shown)
    shown = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", shown)
    shown = re.sub(r"20\d\d-[0-9T:+-]+Z?", "MOMENT", shown)
    return shown.replace("urn:ietf:params:scim:schemas:extension:", "…")


def _page(search: Search, skipped: int = 0) -> Statement:
    with recorded() as statements:
        page_at(search, skipped + 1, 100)
    return statements[0]


def _cost(statement: Statement) -> str:
    best = []
    for mode in ("custom", "generic"):
        plans = [plan(statement, mode, how="(ANALYZE)") for _ in range(TIMES)]
        times = [re.findall(r"Execution Time: ([\d.]+)", each)[0] for each in plans]
        best.append(f"{min(map(float, times)):.2f}")
    return " / ".join(best)
