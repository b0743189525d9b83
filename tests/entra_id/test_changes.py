from dataclasses import replace
from pathlib import Path

import pytest

from tests.entra_id.dialects import Dialect
from tests.entra_id.directory import Directory, Group, User
from tests.entra_id.provisioning import ProvisioningSettings
from tests.entra_id.small_directory import DIRECTORY, JIRO, TARO, service_for
from tests.entra_id.small_target import SmallTarget

both_dialects = pytest.mark.parametrize("dialect", [*Dialect])


@pytest.fixture
def target() -> SmallTarget:
    return SmallTarget()


@both_dialects
def test_a_user_is_disabled_and_restored_under_the_same_id(
    target: SmallTarget, tmp_path: Path, dialect: Dialect
) -> None:
    service = service_for(target, tmp_path, ProvisioningSettings(dialect=dialect))
    service.initial_cycle()
    before = target.user("taro@example.jp")["id"]

    service.directory = DIRECTORY.with_users(replace(TARO, account_enabled=False))
    disabled = service.incremental_cycle()
    was_active = target.user("taro@example.jp")["active"]
    service.directory = DIRECTORY
    restored = service.incremental_cycle()

    assert (disabled.disabled, was_active, restored.restored) == (1, False, 1)
    assert target.user("taro@example.jp")["id"] == before
    assert target.user("taro@example.jp")["active"] is True


def test_a_purged_user_is_deleted(target: SmallTarget, tmp_path: Path) -> None:
    service = service_for(target, tmp_path)
    service.initial_cycle()

    service.directory = DIRECTORY.without_users("t")
    report = service.incremental_cycle()

    assert (report.deleted, report.failed) == (1, 0)
    assert len(target.resources["Users"]) == 2


def test_an_unassigned_user_is_disabled_and_never_deleted(
    target: SmallTarget, tmp_path: Path
) -> None:
    service = service_for(target, tmp_path)
    service.initial_cycle()

    service.directory = DIRECTORY.with_users(
        replace(TARO, assigned=False, job_title="x")
    )
    report = service.incremental_cycle()
    service.directory = DIRECTORY.without_users("t")
    later = service.incremental_cycle()

    assert (report.disabled, later.deleted) == (1, 0)
    assert target.user("taro@example.jp")["active"] is False
    assert target.user("taro@example.jp")["title"] == "主任"


def test_a_user_made_anew_under_an_old_name_gets_an_account_of_his_own(
    target: SmallTarget, tmp_path: Path
) -> None:
    service = service_for(target, tmp_path)
    service.initial_cycle()
    old = target.user("taro@example.jp")["id"]

    service.directory = DIRECTORY.without_users("t").with_users(
        replace(TARO, object_id="t2")
    )
    report = service.incremental_cycle()

    assert (report.created, report.deleted) == (1, 1)
    assert target.user("taro@example.jp")["id"] != old


def test_a_lost_id_is_matched_again(target: SmallTarget, tmp_path: Path) -> None:
    service = service_for(target, tmp_path)
    service.initial_cycle()
    del target.resources["Users"][target.user("taro@example.jp")["id"]]

    service.directory = DIRECTORY.with_users(replace(TARO, job_title="課長"))
    report = service.incremental_cycle()

    assert (report.created, report.failed) == (1, 0)
    assert target.user("taro@example.jp")["title"] == "課長"
    members = {member["value"] for member in target.group("営業部")["members"]}
    assert target.user("taro@example.jp")["id"] in members


def test_a_lost_answer_to_a_post_makes_no_second_account(
    target: SmallTarget, tmp_path: Path
) -> None:
    target.loses_answers_to_posts = True

    report = service_for(target, tmp_path).initial_cycle()

    assert (report.failed, report.linked) == (0, 4)
    assert len(target.resources["Users"]) == 3


@both_dialects
def test_a_group_is_renamed_and_its_members_change(
    target: SmallTarget, tmp_path: Path, dialect: Dialect
) -> None:
    service = service_for(target, tmp_path, ProvisioningSettings(dialect=dialect))
    service.initial_cycle()

    service.directory = DIRECTORY.with_groups(Group("g", "販売部", members=("t", "j")))
    report = service.incremental_cycle()

    assert (report.updated, report.failed) == (1, 0)
    members = {member["value"] for member in target.group("販売部")["members"]}
    assert members == {
        target.user(user.user_principal_name)["id"] for user in (TARO, JIRO)
    }


def test_a_deleted_group_leaves_its_users(target: SmallTarget, tmp_path: Path) -> None:
    service = service_for(target, tmp_path)
    service.initial_cycle()

    service.directory = DIRECTORY.without_groups("g")
    report = service.incremental_cycle()

    assert report.count("deleted", "groups") == 1
    assert len(target.resources["Users"]) == 3


def test_members_join_in_portions(target: SmallTarget, tmp_path: Path) -> None:
    users = [User(str(number), f"u{number}@example.jp") for number in range(250)]
    service = service_for(target, tmp_path)
    service.directory = Directory.of(
        users, [Group("g", "全員", members=tuple(map(str, range(250))))]
    )

    service.initial_cycle()

    portions = [len(body["Operations"][0]["value"]) for body in target.sent("PATCH")]
    assert portions == [100, 100, 50]
