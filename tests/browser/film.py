"""Film somebody at work: a picture at each step, numbered, and all of them as one that moves.

With FILM in the environment, they are left in that folder.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Page

SIGNATURE = b"\x89PNG\r\n\x1a\n"
STAYS, AWAY = 900, 400  # milliseconds


class Film:
    def __init__(self) -> None:
        self.folder = Path(os.environ["FILM"]) if os.environ.get("FILM") else None
        self.pictures: list[bytes] = []

    def take(self, page: Page, what: str) -> None:
        """Take a picture of what the window shows; nothing without a folder."""
        if self.folder is None:
            return
        page.wait_for_timeout(AWAY)  # the key may have led to another page
        page.wait_for_load_state()
        picture = page.screenshot()
        self.pictures.append(picture)
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{len(self.pictures):03}-{what.lower()}.png"
        (self.folder / name).write_bytes(picture)

    def close(self) -> None:
        if self.folder is not None and self.pictures:
            (self.folder / "film.png").write_bytes(moving(self.pictures))


def moving(pictures: Sequence[bytes]) -> bytes:
    """Return an animated PNG (APNG) of pictures of one size, as every browser plays it."""
    chunks = [list(_chunks(picture)) for picture in pictures]
    header = next(data for kind, data in chunks[0] if kind == b"IHDR")
    width, height = struct.unpack(">II", header[:8])
    written = [
        _chunk(b"IHDR", header),
        _chunk(b"acTL", struct.pack(">II", len(pictures), 0)),
    ]
    number = 0
    for place, picture in enumerate(chunks):
        frame = (number, width, height, 0, 0, STAYS, 1000, 0, 0)
        written.append(_chunk(b"fcTL", struct.pack(">IIIIIHHBB", *frame)))
        number += 1
        for data in (data for kind, data in picture if kind == b"IDAT"):
            if place == 0:
                written.append(_chunk(b"IDAT", data))
            else:
                written.append(_chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
    return b"".join([SIGNATURE, *written, _chunk(b"IEND", b"")])


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        kind = picture[place + 4 : place + 8]
        yield kind, picture[place + 8 : place + 8 + length]
        place += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
