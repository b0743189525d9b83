"""What the product keeps and writes, laid open as files and searched for secrets."""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis

from chatwork_admin.embedded.postgresql import PostgreSQL
from chatwork_admin.supervisor import Product
from tests.running_product.issued import needles

SIGNED = re.compile(rb"^\S+\t(\.?[A-Za-z0-9_-]+):[^:\t]+:[^:\t]+\t", re.MULTILINE)


@dataclass(frozen=True)
class Search:
    """How much was searched for what; `found` says what was found where."""

    secrets: int
    forms: int
    sizes: dict[str, int]
    found: list[str]

    def __str__(self) -> str:
        sizes = ", ".join(
            f"{size:,} bytes of {name}" for name, size in self.sizes.items()
        )
        return f"{self.secrets} secrets in {self.forms:,} forms, {sizes}: {self.found or 'none'}"


def lay_open(product: Product, folder: Path) -> None:
    """Write down all that somebody could read who should not: dump, logs, mails, Redis."""
    servers = product._services.servers
    [postgresql] = [each for each in servers if isinstance(each, PostgreSQL)]
    program = postgresql.binaries / "pg_dump"
    dump: list[str | Path] = [program, "--dbname", product.environment["DATABASE_URL"]]
    dumped = subprocess.run(dump, capture_output=True, check=True).stdout
    (folder / "database").write_bytes(dumped)
    (folder / "sessions").write_bytes(b"\n".join(_sessions(dumped)))
    (folder / "redis").write_bytes(b"\n".join(_redis(product.environment["REDIS_URL"])))
    for name in ("log", "mail"):
        texts = sorted((product.directory / name).rglob("*"))
        whole = b"".join(text.read_bytes() for text in texts if text.is_file())
        (folder / name).write_bytes(whole)


def search(folder: Path, secrets: dict[bytes, str], patterns: Path) -> Search:
    """Look for every form of every secret; `patterns` is a file for grep alone."""
    known = needles(secrets)
    patterns.touch(mode=0o600)
    patterns.write_bytes(b"\n".join(known))
    grep = ["grep", "-raoF", "-f", str(patterns), "."]
    lines = subprocess.run(
        grep, cwd=folder, capture_output=True, check=False, env={"LC_ALL": "C"}
    ).stdout.splitlines()
    patterns.unlink()
    found = {
        f"{secrets[known[what]]} in {where.decode().removeprefix('./')}"
        for where, _, what in (line.partition(b":") for line in lines)
    }
    sizes = {each.name: each.stat().st_size for each in sorted(folder.iterdir())}
    return Search(len(secrets), len(known), sizes, sorted(found))


def _sessions(dumped: bytes) -> Iterator[bytes]:
    """Yield what Django's sessions hold: it is packed, not hidden."""
    for packed in SIGNED.findall(dumped):
        plain = packed.removeprefix(b".")
        try:
            data = base64.urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))
            yield zlib.decompress(data) if plain != packed else data
        except (binascii.Error, zlib.error):
            continue


def _redis(url: str) -> Iterator[bytes]:
    """Yield keys and values, not as DUMP gives them, which packs them."""
    with Redis.from_url(url.replace("redis+socket:", "unix:")) as redis:
        read: dict[bytes, Callable[[bytes], Any]] = {
            b"string": redis.get,
            b"hash": redis.hgetall,
            b"list": lambda key: redis.lrange(key, 0, -1),
            b"set": redis.smembers,
            b"zset": lambda key: redis.zrange(key, 0, -1),
        }
        for key in redis.scan_iter():
            yield key
            yield repr(read[redis.type(key)](key)).encode()
