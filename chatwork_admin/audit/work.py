"""What waits in the database until a worker does it, and is found there by the relay."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from celery import Task


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of waiting rows, named in `RELAYED_WORK`.

    `kick` returns the ids of what has work and nobody at it, and notes that a worker was
    told. `task` does it for one id, and nothing where another is at it: messages may be
    lost, late or repeated.
    """

    kick: Callable[[], list[uuid.UUID]]
    task: Task[Any, None]


@cache
def all_work() -> tuple[Work, ...]:
    return tuple(map(import_string, settings.RELAYED_WORK))
