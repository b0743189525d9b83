"""The command line: `serve` the product, or `reset` it to nothing."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from chatwork_admin.embedded.children import CannotStart
from chatwork_admin.embedded.directories import claim, twin
from chatwork_admin.supervisor.commands import PROJECT, data_directory
from chatwork_admin.supervisor.product import Product
from chatwork_admin.supervisor.terminal import complain, say

MAXIMUM_PORT = 65535


def main() -> int:
    """Return the exit code: 0, or 1 with one line that says why."""
    parser = argparse.ArgumentParser(prog="python -m chatwork_admin.supervisor")
    parser.add_argument("action", choices=["serve", "reset"])
    action = parser.parse_args().action
    try:
        serve(_port()) if action == "serve" else reset(data_directory())
    except CannotStart as reason:
        complain(f"Cannot {action}: {reason}.")
        return 1
    return 0


def serve(port: int) -> None:
    """Run the product until a signal stops it. Raises CannotStart."""
    try:
        with Product(port=port) as product:
            say(f"Chatwork Admin is at {product.base_url} (Ctrl-C stops it)")
            product.wait()
    except (KeyboardInterrupt, SystemExit):
        say("Stopped.")


def reset(directory: Path) -> None:
    """Remove the data of a product that does not run. Raises CannotStart if one does."""
    if not (directory / "lock").is_file():
        say(f"Nothing to remove: {directory} holds no product.")
        return
    if PROJECT.is_relative_to(directory) or Path.home().is_relative_to(directory):
        raise CannotStart(f"{directory} holds more than the product's data")
    with claim(directory):
        elsewhere = [twin(directory / server) for server in ("postgresql", "redis")]
        for place in [*filter(Path.exists, elsewhere), directory]:
            shutil.rmtree(place)
    say(f"Removed {directory}.")


def _port() -> int:
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) <= MAXIMUM_PORT:
        raise CannotStart(f"PORT must be a number from 1 to {MAXIMUM_PORT}, not {port}")
    return int(port)


if __name__ == "__main__":
    sys.exit(main())
