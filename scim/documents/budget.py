"""What a request may cost in all: a bulk request is one, whatever its operations are. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from scim2_models import PayloadTooLargeException

MAX_VISITS = 5000  # values of lists, by the operations of a PATCH: about half a second
MAX_VISITS_TOGETHER = 10_000  # by those of a bulk request
_SPENT = ContextVar[Counter[str] | None]("spent", default=None)


@contextmanager
def shared() -> Iterator[None]:
    """Count what is spent within as that of one request."""
    reset = _SPENT.set(Counter())
    try:
        yield
    finally:
        _SPENT.reset(reset)


def is_shared() -> bool:
    return _SPENT.get() is not None


def spend(what: str, amount: int) -> int:
    """Return to how much of something the request has come with this."""
    spent = _SPENT.get()
    if spent is None:
        return amount
    spent[what] += amount
    return spent[what]


def require_few_visits(visits: int) -> None:
    """Raise PayloadTooLargeException if more values of lists are visited than may be."""
    limit = MAX_VISITS_TOGETHER if is_shared() else MAX_VISITS
    if visits > limit:
        raise PayloadTooLargeException(
            detail=f"The operations visit {visits} values of lists; the limit is "
            f"{limit}. Send them in several requests"
        )
