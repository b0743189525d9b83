"""A token of one organization is worth nothing in another (rows B3 and I10)."""

from __future__ import annotations

import pytest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from tests.scim.conftest import GROUPS, USERS, Provisioning


@pytest.fixture
def ours(entra: Provisioning) -> tuple[str, str]:
    user = entra.create("a@example.jp", externalId="e")
    return f"{USERS}/{user}", f"{GROUPS}/{entra.create_group('A', user)}"


def test_the_neighbour_sees_and_changes_nothing(
    entra: Provisioning,
    enabled_acme: Organization,
    neighbour: Provisioning,
    ours: tuple[str, str],
) -> None:
    """RFC 7644 §6.1, §6.2. Refusals are in the neighbour's own audit log."""
    before = [entra.get(path).body for path in ours]
    events = AuditEvent.objects.filter(organization_id=enabled_acme.pk)
    told = events.count()

    for path in ours:
        answers = [
            neighbour.get(path),
            neighbour.delete(path),
            neighbour.put(path, {"userName": "m@globex.test", "displayName": "M"}),
            neighbour.patch(path, {"op": "add", "path": "displayName", "value": "M"}),
        ]
        code = "CW-USER-6" if "/Users/" in path else "CW-GROUP-2"
        assert {answer.refusal for answer in answers} == {(404, None, code)}

    assert [entra.get(path).body for path in ours] == before
    assert events.count() == told
    others = AuditEvent.objects.exclude(organization_id=enabled_acme.pk)
    refused = others.filter(action=Action.REQUEST_REFUSED)
    assert str(ours[0].rpartition("/")[2]) in {each.target["id"] for each in refused}


@pytest.mark.parametrize(
    "expression",
    [
        'userName eq "a@example.jp"',
        'externalId eq "e"',
        'userName ne "zz" or userName eq "a@example.jp"',
        "userName pr or userName pr",
        'not (userName eq "x")',
        'id eq "{id}"',
        'groups eq "{group}"',
    ],
)
def test_no_filter_reaches_over_the_fence(
    neighbour: Provisioning,
    globex: Organization,
    ours: tuple[str, str],
    expression: str,
) -> None:
    user, group = (path.rpartition("/")[2] for path in ours)
    asked = expression.replace("{id}", user).replace("{group}", group)

    found = neighbour.found(asked)

    assert set(found) <= set(globex.users.values_list("user_name", flat=True))
    assert neighbour.get(GROUPS).resources == []


def test_groups_of_both_may_have_one_name(
    entra: Provisioning, neighbour: Provisioning
) -> None:
    assert entra.create_group("Sales") != neighbour.create_group("Sales")
