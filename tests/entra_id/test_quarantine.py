from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from tests.entra_id.client import Retries, ScimClient
from tests.entra_id.directory import Directory, User
from tests.entra_id.provisioning import ProvisioningService, ProvisioningSettings
from tests.entra_id.quarantine import (
    Quarantine,
    QuarantineRules,
    enter,
    reason_in_figures,
    refusal,
)
from tests.entra_id.small_target import BASE_URL, TOKEN, SmallTarget
from tests.entra_id.small_target import refusal as refused

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
USERS = [User(str(number), f"u{number}@example.jp") for number in range(20)]


def service_for(
    target: SmallTarget,
    folder: Path,
    settings: ProvisioningSettings | None = None,
    token: str = TOKEN,
) -> ProvisioningService:
    return ProvisioningService(
        client=ScimClient(
            BASE_URL, token, retries=Retries(attempts=0), transport=target.transport
        ),
        directory=Directory.of(USERS),
        state_file=folder / "state.json",
        settings=settings or ProvisioningSettings(),
        clock=lambda: NOON,
    )


def test_the_waits_are_6_12_24_hours_and_then_daily() -> None:
    quarantine: Quarantine | None = None
    waits = []
    for _ in range(4):
        quarantine = enter("401", NOON, quarantine)
        waits.append(quarantine.next_attempt_at - NOON)

    assert waits == [timedelta(hours=hours) for hours in (6, 12, 24, 24)]


def test_a_quarantined_job_may_run_after_its_wait_and_not_after_28_days() -> None:
    quarantine = enter("401", NOON, None)

    assert refusal(None, NOON) == ""
    assert refusal(quarantine, NOON + timedelta(hours=5)).startswith("401")
    assert refusal(quarantine, NOON + timedelta(hours=6)) == ""
    assert refusal(quarantine, NOON + timedelta(days=28)).startswith("Disabled")


def test_failures_count_when_they_are_many_and_a_large_share() -> None:
    rules = QuarantineRules()

    assert reason_in_figures(tried=4_999, failed=4_999, rules=rules) == ""
    assert reason_in_figures(tried=12_500, failed=5_000, rules=rules) == ""
    assert reason_in_figures(tried=12_499, failed=5_000, rules=rules)
    assert reason_in_figures(tried=900_000, failed=40_000, rules=rules)


def test_a_refused_token_stops_the_cycle_at_once(tmp_path: Path) -> None:
    target = SmallTarget()
    service = service_for(target, tmp_path, token="another")

    report = service.initial_cycle()

    assert report.quarantine.startswith("401 CW-AUTH-1: Access token")
    assert (report.failed, report.requests, report.is_clean) == (1, 1, False)


def test_a_job_in_quarantine_waits_until_it_is_ended(tmp_path: Path) -> None:
    target = SmallTarget()
    service_for(target, tmp_path, token="another").initial_cycle()

    service = service_for(target, tmp_path)
    waiting = service.incremental_cycle()
    service.end_quarantine()
    running = service.incremental_cycle()

    assert (waiting.requests, bool(waiting.quarantine)) == (0, True)
    assert (running.created, running.quarantine) == (20, "")


def test_404_to_a_query_is_quarantine(tmp_path: Path) -> None:
    target = SmallTarget(planned=[refused(404, "Not found.")])

    assert service_for(target, tmp_path).initial_cycle().quarantine


def test_too_many_failures_stop_the_cycle(tmp_path: Path) -> None:
    target = SmallTarget(refused_names={user.user_principal_name for user in USERS})
    rules = QuarantineRules(minimum_failures=5)
    settings = ProvisioningSettings(quarantine=rules)

    report = service_for(target, tmp_path, settings).initial_cycle()

    assert report.failed == 5
    assert "5 of 5" in report.quarantine


def test_a_target_that_is_down_stops_the_cycle_without_quarantine(
    tmp_path: Path,
) -> None:
    target = SmallTarget(planned=[httpx.ConnectError("refused") for _ in range(99)])

    report = service_for(target, tmp_path).initial_cycle()

    assert (report.failed, report.quarantine) == (10, "")
    assert report.stopped


def test_accidental_deletions_are_held_until_allowed(tmp_path: Path) -> None:
    target = SmallTarget()
    service = service_for(target, tmp_path, ProvisioningSettings(deletion_threshold=3))
    service.initial_cycle()
    service.directory = Directory.of(USERS[:15])

    held = service.incremental_cycle()
    released = service.incremental_cycle(allow_deletions=True)

    assert held.quarantine.startswith("StagedDelete: 5")
    assert (held.requests, held.deleted) == (0, 0)
    assert (released.deleted, released.quarantine) == (5, "")
