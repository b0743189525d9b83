"""Lines for whoever started the product, who may have closed the window meanwhile."""

import os
import sys
from typing import TextIO


def say(line: str) -> None:
    """Print a line on standard output."""
    _write(sys.stdout, line)


def complain(line: str) -> None:
    """Print a line on standard error."""
    _write(sys.stderr, line)


def _write(stream: TextIO, line: str) -> None:
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except OSError:
        # A stop must not fail for want of a reader, nor the interpreter's last flush.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
