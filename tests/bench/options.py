"""How large, how often, how long; from the environment that `make bench` passes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chatwork_admin.supervisor.commands import PROJECT

FOLDER = PROJECT / ".bench"
RESULTS = FOLDER / "results"
CONNECTIONS = 4
THREADS = 2
FOREIGN = 9  # foreign users for each one of the organization
# From the members of one request to what seven digits can number.
SIZES = range(100, 10_000_000)


class NotAnOption(ValueError):
    """An option is not a whole number in its range, or not a list of such."""


@dataclass(frozen=True, slots=True)
class Options:
    """`size` users are compared with the peers, `sizes` of our own make the plot."""

    size: int = 100_000
    rounds: int = 3
    seconds: int = 2
    sizes: tuple[int, ...] = (1_000, 10_000)
    folder: Path = FOLDER

    @property
    def own_sizes(self) -> list[int]:
        """Every size of an organization of ours, the one of the comparison among them."""
        return sorted({self.size, *self.sizes})


def options(environment: Mapping[str, str]) -> Options:
    """Read SIZE, ROUNDS, SECONDS, SIZES. Raises NotAnOption."""
    size = _number("SIZE", environment.get("SIZE") or "100000", SIZES)
    smaller = [str(number) for number in (1_000, 10_000, 100_000) if number < size]
    sizes = environment.get("SIZES") or ",".join(smaller) or str(size)
    return Options(
        size=size,
        rounds=_number("ROUNDS", environment.get("ROUNDS") or "3", range(1, 11)),
        seconds=_number("SECONDS", environment.get("SECONDS") or "2", range(1, 601)),
        sizes=tuple(_number("SIZES", word, SIZES) for word in sizes.split(",")),
    )


def _number(name: str, word: str, allowed: range) -> int:
    if not word.isdecimal() or int(word) not in allowed:
        limits = f"{allowed.start} to {allowed.stop - 1}"
        raise NotAnOption(f"{name} must be {limits}, not {word!r}")
    return int(word)
