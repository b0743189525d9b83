"""Draws cost against size: `python plot.py results.json costs.svg`.

Runs in an environment of its own, which has matplotlib and nothing of the product.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib as mpl  # type: ignore[import-not-found] # not installed here
from matplotlib.figure import Figure  # type: ignore[import-not-found]

OURS = "this product"


def main(source: Path, target: Path) -> None:
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "bench"  # the same figure, the same file
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for name, costs in lines(json.loads(source.read_text(encoding="utf-8"))).items():
        axes.plot(*zip(*sorted(costs.items()), strict=True), marker="o", label=name)
    axes.set(
        title="Cost of a request, server and PostgreSQL",
        xlabel="users of the organization",
        ylabel="CPU microseconds",
        xscale="log",
        yscale="log",
    )
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(target, metadata={"Date": None})


def lines(results: Any) -> dict[str, dict[int, float]]:
    """Return cost by size, by operation, of those measured at several sizes."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for row in results["rows"]:
        if row["server"] == OURS:
            cost = row["server_cpu"] + (row["database_cpu"] or 0)
            found[row["operation"]][row["size"]] = cost
    return {name: costs for name, costs in found.items() if len(costs) > 1}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
