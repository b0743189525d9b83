from dataclasses import replace
from pathlib import Path

import pytest

from tests.entra_id.dialects import Dialect
from tests.entra_id.directory import Directory
from tests.entra_id.mapping import FULL, MANAGER
from tests.entra_id.provisioning import ProvisioningSettings
from tests.entra_id.report import as_document
from tests.entra_id.small_directory import DIRECTORY, HANAKO, TARO, service_for
from tests.entra_id.small_target import SmallTarget

both_dialects = pytest.mark.parametrize("dialect", [*Dialect])


@pytest.fixture
def target() -> SmallTarget:
    return SmallTarget()


@both_dialects
@pytest.mark.parametrize("workers", [1, 4])
def test_the_initial_cycle_creates_everybody(
    target: SmallTarget, tmp_path: Path, dialect: Dialect, workers: int
) -> None:
    settings = ProvisioningSettings(mapping=FULL, dialect=dialect, workers=workers)
    report = service_for(target, tmp_path, settings).initial_cycle()

    assert (report.created, report.linked, report.failed) == (4, 0, 0)
    assert report.count("created", "users") == 3
    assert report.count("updated", "managers") == 2
    assert report.requests == len(target.requests)
    assert target.user("taro@example.jp")["active"] is True
    members = {member["value"] for member in target.group("営業部")["members"]}
    assert members == {
        target.user(user.user_principal_name)["id"] for user in (HANAKO, TARO)
    }
    hanako = target.user("hanako@example.jp")["id"]
    assert target.user("jiro@example.jp")["manager id"] == hanako


def test_a_second_cycle_with_nothing_new_sends_nothing(
    target: SmallTarget, tmp_path: Path
) -> None:
    service_for(target, tmp_path, ProvisioningSettings(mapping=FULL)).initial_cycle()

    again = service_for(target, tmp_path, ProvisioningSettings(mapping=FULL))
    report = again.incremental_cycle()

    assert (report.requests, report.skipped) == (0, 4)


@both_dialects
def test_a_restart_links_everything_and_writes_nothing(
    target: SmallTarget, tmp_path: Path, dialect: Dialect
) -> None:
    settings = ProvisioningSettings(mapping=FULL, dialect=dialect)
    service = service_for(target, tmp_path, settings)
    service.initial_cycle()
    written = len(target.sent("PATCH"))

    report = service.initial_cycle(restart=True)

    assert (report.created, report.linked, report.updated) == (0, 4, 0)
    assert len(target.sent("PATCH")) == written


def test_an_account_the_target_has_is_linked_by_the_differing_attributes(
    target: SmallTarget, tmp_path: Path
) -> None:
    local = {"id": "7", "userName": "taro@example.jp", "active": True, "title": "係長"}
    target.resources["Users"]["7"] = local

    report = service_for(target, tmp_path).initial_cycle()

    assert (report.linked, report.updated) == (1, 1)
    [operations] = [body["Operations"] for body in target.sent("PATCH")[:1]]
    assert operations == [
        {"op": "Replace", "path": "title", "value": "主任"},
        {"op": "Add", "path": "externalId", "value": "t"},
    ]


def test_a_disabled_user_nobody_knows_is_not_created(
    target: SmallTarget, tmp_path: Path
) -> None:
    service = service_for(target, tmp_path)
    service.directory = Directory.of([replace(TARO, account_enabled=False)])

    report = service.initial_cycle()
    quiet = service.incremental_cycle()

    assert (report.created, report.skipped) == (0, 1)
    assert quiet.requests == 0
    assert target.sent("POST") == []


def test_a_disabled_user_is_created_once_he_is_enabled(
    target: SmallTarget, tmp_path: Path
) -> None:
    service = service_for(target, tmp_path)
    service.directory = Directory.of([replace(TARO, account_enabled=False)])
    service.initial_cycle()

    service.directory = Directory.of([TARO])

    assert service.incremental_cycle().created == 1


def test_a_refused_user_is_reported_and_tried_again(
    target: SmallTarget, tmp_path: Path
) -> None:
    target.refused_names = {"taro@example.jp"}
    service = service_for(target, tmp_path)

    report = service.initial_cycle()
    target.refused_names = set()
    later = service.incremental_cycle()

    document = as_document(report)
    assert (document["created"], document["failed"]) == (3, 1)
    assert document["failures"][0]["name"] == "taro@example.jp"
    assert document["failures"][0]["code"] == "CW-USER-1"
    assert (later.created, later.updated) == (1, 1)


def test_a_changed_manager_is_replaced(target: SmallTarget, tmp_path: Path) -> None:
    settings = ProvisioningSettings(mapping=FULL, dialect=Dialect.FLAGGED)
    service = service_for(target, tmp_path, settings)
    service.initial_cycle()

    service.directory = DIRECTORY.with_users(replace(TARO, manager="j"))
    service.incremental_cycle()

    jiro = target.user("jiro@example.jp")["id"]
    operation = {"op": "replace", "path": MANAGER, "value": jiro}
    assert target.sent("PATCH")[-1]["Operations"] == [operation]


def test_the_connection_is_tested_with_names_nobody_has(
    target: SmallTarget, tmp_path: Path
) -> None:
    result = service_for(target, tmp_path).test_connection()

    assert result.succeeded
    assert [request.method for request in target.requests] == ["GET", "GET"]
