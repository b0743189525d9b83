"""The provisioning service: test connection, initial cycle and incremental cycles of one app."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from tests.entra_id.client import ScimClient, quoted
from tests.entra_id.dialects import Dialect
from tests.entra_id.directory import Directory
from tests.entra_id.failures import RequestFailed
from tests.entra_id.groups import GROUPS, GroupSynchronization
from tests.entra_id.managers import ManagerReferences
from tests.entra_id.mapping import GALLERY, AttributeMapping
from tests.entra_id.plan import (
    accounts_losing_access,
    group_jobs,
    manager_jobs,
    user_jobs,
)
from tests.entra_id.quarantine import QuarantineRules, enter, refusal
from tests.entra_id.report import CycleReport
from tests.entra_id.run import Progress, Run
from tests.entra_id.state import State, read_state, write_state
from tests.entra_id.users import USERS, UserSynchronization


@dataclass(frozen=True)
class ProvisioningSettings:
    """What an administrator of Entra can set on the "Provisioning" page of an app.

    `deletion_threshold` is that of "Accidental deletions prevention": more accounts
    than this losing access in one cycle hold the whole cycle.
    """

    mapping: AttributeMapping = GALLERY
    dialect: Dialect = Dialect.LEGACY
    with_groups: bool = True
    workers: int = 1
    members_per_request: int = 100
    deletion_threshold: int | None = None
    quarantine: QuarantineRules = field(default_factory=QuarantineRules)


@dataclass(frozen=True)
class ConnectionTest:
    succeeded: bool
    explanation: str


def _show_nothing(_kind: str, _done: int, _total: int) -> None:
    return None


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class ProvisioningService:
    """Keeps one target in step with `directory`, which may be replaced between cycles."""

    client: ScimClient
    directory: Directory
    state_file: Path
    settings: ProvisioningSettings = field(default_factory=ProvisioningSettings)
    progress: Progress = _show_nothing
    clock: Callable[[], datetime] = _now

    def __post_init__(self) -> None:
        self.state: State = read_state(self.state_file)

    def test_connection(self) -> ConnectionTest:
        """Query for names nobody has; only 200 with an empty list is a success."""
        endpoints = {USERS: "userName", GROUPS: "displayName"}
        if not self.settings.with_groups:
            del endpoints[GROUPS]
        for endpoint, matching in endpoints.items():
            try:
                found = self.client.find(
                    endpoint, f"{matching} eq {quoted(str(uuid.uuid4()))}"
                )
            except RequestFailed as error:
                return ConnectionTest(succeeded=False, explanation=str(error))
            if found:
                return ConnectionTest(
                    succeeded=False,
                    explanation=f"/{endpoint} returned a resource for a random name.",
                )
        return ConnectionTest(
            succeeded=True, explanation="The supplied credentials are authorized."
        )

    def initial_cycle(self, *, restart: bool = False) -> CycleReport:
        """Match and then create or link everybody; `restart` forgets all anchors first."""
        if restart:
            self.state.forget()
        return self._cycle("initial")

    def incremental_cycle(self, *, allow_deletions: bool = False) -> CycleReport:
        """Send what has changed since the last cycle, deletions too.

        `allow_deletions` is the administrator's answer to a held cycle.
        """
        if allow_deletions:
            self.end_quarantine()
        return self._cycle("incremental", allow_deletions=allow_deletions)

    def end_quarantine(self) -> None:
        """Do what saving corrected credentials does: try again at the next cycle."""
        self.state.quarantine = None
        write_state(self.state, self.state_file)

    def _cycle(self, kind: str, *, allow_deletions: bool = False) -> CycleReport:
        run = Run(self.settings.quarantine, self.settings.workers, self.progress)
        requests, began = self.client.requests, monotonic()
        refused = refusal(self.state.quarantine, self.clock())
        if refused:
            run.hold(refused)
        else:
            self._perform(run, allow_deletions=allow_deletions)
        return CycleReport(
            kind=kind,
            counts={name: dict(counter) for name, counter in run.counts.items()},
            failures=tuple(run.failures),
            requests=self.client.requests - requests,
            seconds=monotonic() - began,
            quarantine=run.quarantine_reason,
            stopped=run.stopped,
        )

    def _perform(self, run: Run, *, allow_deletions: bool) -> None:
        users, state = self._users(), self.state
        managers = ManagerReferences(self.client, self.settings.dialect, state.users)
        if not allow_deletions:
            self._hold_accidental_deletions(run, users)
        try:
            run.perform("users", user_jobs(self.directory, users))
            if self.settings.mapping.with_manager:
                run.perform("managers", manager_jobs(self.directory, managers))
            if self.settings.with_groups:
                run.perform("groups", group_jobs(self.directory, self._groups()))
            self._conclude(run)
        finally:
            # An interrupted cycle still knows whom it has linked.
            write_state(state, self.state_file)

    def _hold_accidental_deletions(self, run: Run, users: UserSynchronization) -> None:
        threshold = self.settings.deletion_threshold
        losing = accounts_losing_access(self.directory, users)
        if threshold is not None and losing > threshold:
            run.hold(
                f"StagedDelete: {losing} accounts would lose access, {threshold} may"
            )

    def _conclude(self, run: Run) -> None:
        now, state = self.clock(), self.state
        if run.quarantine_reason:
            state.quarantine = enter(run.quarantine_reason, now, state.quarantine)
        elif not run.stopped:
            state.quarantine = None
            state.watermark = now.isoformat()

    def _users(self) -> UserSynchronization:
        chosen = self.settings
        return UserSynchronization(
            client=self.client,
            mapping=chosen.mapping,
            dialect=chosen.dialect,
            links=self.state.users,
            absent=self.state.absent,
        )

    def _groups(self) -> GroupSynchronization:
        return GroupSynchronization(
            client=self.client,
            dialect=self.settings.dialect,
            links=self.state.groups,
            users=self.state.users,
            members_per_request=self.settings.members_per_request,
        )
