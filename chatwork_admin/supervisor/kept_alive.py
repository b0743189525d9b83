"""A child that is started again when it dies, and less often the more it dies."""

import time
from dataclasses import dataclass

from chatwork_admin.embedded.children import Child
from chatwork_admin.supervisor.terminal import say

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 15.0
STABLE_SECONDS = 60.0


@dataclass
class KeptAlive:
    """One of the product's processes."""

    name: str
    child: Child
    deaths: int = 0
    started_at: float = 0.0
    due_at: float | None = None

    def start(self) -> None:
        self.child.start()
        self.started_at = time.monotonic()
        self.due_at = None

    def tend(self) -> None:
        """Notice a death, or start again when that is due. Returns at once."""
        if self.child.is_running:
            return
        if self.due_at is None:
            self._mourn()
        elif time.monotonic() >= self.due_at:
            self.start()

    def _mourn(self) -> None:
        now = time.monotonic()
        self.deaths = 1 if now - self.started_at > STABLE_SECONDS else self.deaths + 1
        pause = min(FIRST_PAUSE_SECONDS * 2**self.deaths, LONGEST_PAUSE_SECONDS)
        self.due_at = now + pause
        exit_code = self.child.exit_code
        say(
            f"{self.name} ended (exit code {exit_code}), again in {pause:g} s: "
            f"{self.child.log}"
        )
        self.child.stop(seconds=0)  # its own children may have survived it
