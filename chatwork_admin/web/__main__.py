"""The command line: serve HTTP at an address, until told to stop."""

from __future__ import annotations

import argparse

from chatwork_admin.web.workers import serve


def main() -> None:
    said = _arguments()
    serve(said.host, said.port, said.workers, former=said.relieve)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chatwork_admin.web")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--relieve", type=_numbers, default=[], help=argparse.SUPPRESS)
    return parser.parse_args()


def _numbers(words: str) -> list[int]:
    return [int(word) for word in words.split(",") if word]


if __name__ == "__main__":
    main()
