"""Directories: claimed by one process, private to one user, short enough for a socket."""

import fcntl
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import IO

from chatwork_admin.embedded.children import Account, CannotStart

# A socket's address holds 108 bytes, and PostgreSQL adds its file name to the directory.
SOCKET_DIRECTORY_BYTES = 90


def claim(directory: Path) -> IO[str]:
    """Take a data directory for this process, until the returned file is closed.

    Raises CannotStart when another process has it, or when it is not ours to use.
    """
    try:
        _make(directory)
        lock = (directory / "lock").open("w")
    except OSError as error:
        hint = "give it to this user, or choose another place with DATA_DIRECTORY"
        raise CannotStart(f"{directory} cannot be used ({error}): {hint}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise CannotStart(f"{directory} is in use: stop what runs there") from error
    return lock


def private(directory: Path, account: Account | None = None) -> Path:
    """Make a directory that only its owner may enter: `account`, else this user.

    Raises CannotStart when somebody else made it, as anybody may in the system's
    directory for temporary files.
    """
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    ours = {os.geteuid(), account.user if account else os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise CannotStart(f"{directory} belongs to another user: remove it")
    if account:
        os.chown(directory, account.user, account.group)
    directory.chmod(0o700)
    return directory


def short(directory: Path) -> Path:
    """Return the directory, or its twin if a socket's address cannot say it."""
    too_long = len(os.fsencode(directory)) > SOCKET_DIRECTORY_BYTES
    # PostgreSQL and its clients read a comma as the beginning of the next one.
    return twin(directory) if too_long or "," in str(directory) else directory


def twin(directory: Path) -> Path:
    """Return the directory for temporary files that always stands for this one."""
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    name = f"chatwork-admin-{os.geteuid()}-{digest}"
    return Path(tempfile.gettempdir()) / name


def _make(directory: Path) -> None:
    if directory.is_dir():
        return
    directory.mkdir(parents=True)
    # PostgreSQL's user must pass through, whatever the umask.
    directory.chmod(0o711)
