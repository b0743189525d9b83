"""Whole cycles of the stand-in Entra ID against the running product."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.entra_id.dialects import Dialect
from tests.entra_id.directory import Directory
from tests.entra_id.mapping import FULL, GALLERY, AttributeMapping
from tests.entra_id.provisioning import ProvisioningSettings
from tests.running_product.conftest import (
    RunningProduct,
    entra,
    in_a_domain_of_its_own,
    smaller,
)

pytestmark = pytest.mark.processes

DIALECTS = pytest.mark.parametrize(
    ("dialect", "mapping"),
    [
        (Dialect.LEGACY, GALLERY),
        (Dialect.FLAGGED, FULL),
    ],
    ids=lambda value: getattr(value, "name", str(value)).lower(),
)


@DIALECTS
def test_a_first_cycle_creates_everybody_and_a_second_changes_nothing(
    running: RunningProduct,
    directory: Directory,
    tmp_path: Path,
    dialect: Dialect,
    mapping: AttributeMapping,
) -> None:
    slug = f"{dialect.name}-{mapping.name}".lower()
    customer = running.organization(slug)
    renamed = in_a_domain_of_its_own(smaller(directory, 30), slug)
    settings = ProvisioningSettings(mapping=mapping, dialect=dialect)
    service = entra(customer, renamed, tmp_path / "state.json", settings)
    with service.client:
        assert service.test_connection().succeeded
        first = service.initial_cycle()
        recorded = running.wait_until_delivered()["events"]
        second = service.initial_cycle(restart=True)

    active = sum(user.is_active for user in renamed.users.values())
    assert first.failures == ()
    assert first.count("created", "users") == active
    assert first.count("created", "groups") == len(renamed.groups)
    assert second.failures == ()
    assert (second.created, second.updated) == (0, 0)
    assert second.linked == first.created
    assert running.wait_until_delivered()["events"] == recorded


@DIALECTS
def test_an_incremental_cycle_sends_what_changed(
    running: RunningProduct,
    directory: Directory,
    tmp_path: Path,
    dialect: Dialect,
    mapping: AttributeMapping,
) -> None:
    slug = f"changes-{dialect.name}-{mapping.name}".lower()
    customer = running.organization(slug)
    before = in_a_domain_of_its_own(smaller(directory, 8), slug)
    settings = ProvisioningSettings(mapping=mapping, dialect=dialect)
    service = entra(customer, before, tmp_path / "state.json", settings)
    leaver, returner, gone, renamed, *_ = before.users.values()
    with service.client:
        service.initial_cycle()
        target = service.state.users[leaver.object_id].target_id
        service.directory = before.with_users(
            replace(leaver, is_soft_deleted=True),
            replace(renamed, user_principal_name=f"new@{slug}.example.jp"),
        ).without_users(gone.object_id)
        suspended = service.incremental_cycle()
        left = service.client.read("Users", target)
        service.directory = service.directory.with_users(leaver)
        restored = service.incremental_cycle()
        back = service.client.read("Users", target)
        quiet = service.incremental_cycle()
        found = service.client.find("Users", f'userName eq "NEW@{slug}.example.jp"')

    assert suspended.failures == restored.failures == ()
    assert (suspended.disabled, suspended.deleted) == (1, 1)
    assert (left["active"], back["active"]) == (False, True)
    assert restored.restored == 1
    assert quiet.requests == 0
    assert len(found) == 1
    assert returner.object_id in service.state.users
