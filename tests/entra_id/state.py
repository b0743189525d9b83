"""What the provisioning service remembers between cycles, kept in one JSON file."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.entra_id.attribute_paths import Value
from tests.entra_id.quarantine import Quarantine


@dataclass(frozen=True)
class UserLink:
    """The anchor of one user: its id at the target, and what was last sent there.

    `manager_id` is the target id of the manager; a link out of scope belongs to an
    unassigned user, whom Entra disables once and never deletes.
    """

    target_id: str
    sent: dict[str, Value]
    in_scope: bool = True
    manager_id: str = ""


@dataclass(frozen=True)
class GroupLink:
    """The anchor of one group; `members` maps object ids to the target ids sent."""

    target_id: str
    sent: dict[str, Value]
    members: dict[str, str] = field(default_factory=dict)


@dataclass
class State:
    """Links by object id. `watermark` is the end of the last cycle that was not stopped.

    `absent` are disabled users whom the target did not know, with the name that was
    looked for: they are looked for again only under another name.
    """

    users: dict[str, UserLink] = field(default_factory=dict)
    groups: dict[str, GroupLink] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    watermark: str = ""
    quarantine: Quarantine | None = None

    def forget(self) -> None:
        """Do what "Restart provisioning" does: drop anchors, watermark and quarantine."""
        self.users.clear()
        self.groups.clear()
        self.absent.clear()
        self.watermark = ""
        self.quarantine = None


def read_state(path: Path) -> State:
    """Read the file; a file that does not exist is the state before the first cycle."""
    if not path.is_file():
        return State()
    kept = json.loads(path.read_text(encoding="utf-8"))
    return State(
        users={key: UserLink(**link) for key, link in kept["users"].items()},
        groups={key: GroupLink(**link) for key, link in kept["groups"].items()},
        absent=kept["absent"],
        watermark=kept["watermark"],
        quarantine=_quarantine(kept["quarantine"]),
    )


def write_state(state: State, path: Path) -> None:
    """Write the file in one step, so that an interrupted run leaves the former one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(state), ensure_ascii=False, indent=1, default=_instant)
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _quarantine(kept: dict[str, Any] | None) -> Quarantine | None:
    if kept is None:
        return None
    return Quarantine(
        reason=kept["reason"],
        since=datetime.fromisoformat(kept["since"]),
        attempts=kept["attempts"],
        next_attempt_at=datetime.fromisoformat(kept["next_attempt_at"]),
    )


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
