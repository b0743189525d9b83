"""Who is deleted and provisioned again has a new id, and is himself again (row D19)."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.models import Tombstone
from tests.scim.conftest import ENTERPRISE, GROUPS, USERS, Document, Provisioning
from tests.scim.successions import AGAIN, deleted, teams
from tests.scim.test_lifecycle import told

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def test_who_comes_again_after_a_deletion_has_a_new_id_and_his_teams(
    entra: Provisioning,
) -> None:
    """Rows D19, D20, G8 and G9: Entra looks for him, finds nobody, creates him again."""
    former = entra.create("a@example.jp", externalId="e1", title="T")
    group = entra.create_group("営業部", former)
    entra.delete(f"{USERS}/{former}")
    before = entra.get(f"{GROUPS}/{group}").body["meta"]
    assert entra.found('userName eq "a@example.jp"') == []

    answer = entra.post(USERS, {"userName": "A@example.jp", "externalId": "e1"})

    assert (answer.status, answer.body["userName"]) == (201, "A@example.jp")
    assert answer.id != former
    assert [each["value"] for each in answer.body["groups"]] == [group]
    assert entra.get(f"{USERS}/{answer.id}").body == answer.body
    assert "title" not in answer.body  # it was not said again
    assert entra.members(group) == {answer.id}
    after = entra.get(f"{GROUPS}/{group}").body["meta"]
    assert after["version"] != before["version"]
    assert after["lastModified"] > before["lastModified"]
    assert entra.get(f"{USERS}/{former}").refusal == (404, None, "CW-USER-6")


@pytest.mark.parametrize(
    "said",
    [
        {"op": "remove", "path": "members"},
        {"op": "replace", "path": "members", "value": [{"value": "{other}"}]},
        {"op": "replace", "value": {"members": [{"value": "{other}"}]}},
        {"op": "remove", "path": 'members[value eq "{former}"]'},
        {"op": "remove", "path": "members", "value": [{"value": "{former}"}]},
        {"op": "remove", "path": 'members[value eq "x" or value eq "{former}"]'},
        {"op": "remove", "path": 'members[display eq "A"]'},
        {"op": "remove", "path": 'members[value ne "{other}"]'},
        {
            "op": "replace",
            "path": 'members[display sw ""]',
            "value": {"value": "{other}"},
        },
    ],
    ids=[
        "all",
        "replaced",
        "replaced-by-value",
        "by-id",
        "listed",
        "by-ids",
        "by-name",
        "all-others",
        "each-replaced",
    ],
)
def test_nobody_comes_back_into_a_group_that_is_told_to_be_without_him(
    entra: Provisioning, said: Document
) -> None:
    """Rows H7 and H8, RFC 7644 §3.5.2.2: a client cannot name whom it has deleted."""
    other, former = entra.create("b@example.jp"), entra.create("a@example.jp")
    group = entra.create_group("told", former, other)
    untold = entra.create_group("untold", former)
    entra.delete(f"{USERS}/{former}")
    named = json.dumps(said).replace("{other}", other).replace("{former}", former)

    assert entra.patch(f"{GROUPS}/{group}", json.loads(named)).status == 204

    assert teams(entra, entra.create("a@example.jp")) == ["untold"]
    assert len(entra.members(untold)) == 1


def test_who_is_deleted_is_no_target_and_comes_back_if_others_are_meant(
    entra: Provisioning,
) -> None:
    """RFC 7644 §3.5.2.3: a replacement is for what is there."""
    entra.create("b@example.jp")
    former = entra.create("a@example.jp")
    group = entra.create_group("told", former)
    entra.delete(f"{USERS}/{former}")
    other = {"op": "remove", "path": 'members[display eq "B"]'}
    his = {"op": "replace", "path": 'members[display eq "A"]', "value": {"value": "x"}}

    assert entra.patch(f"{GROUPS}/{group}", other).status == 204
    assert entra.patch(f"{GROUPS}/{group}", his).refusal[1] == "noTarget"

    assert teams(entra, entra.create("a@example.jp")) == ["told"]


def test_nobody_comes_back_into_a_group_that_was_put_without_him(
    entra: Provisioning,
) -> None:
    former = entra.create("a@example.jp")
    group = entra.create_group("told", former)
    entra.delete(f"{USERS}/{former}")

    entra.put(f"{GROUPS}/{group}", {"displayName": "told", "members": []})

    assert teams(entra, entra.create("a@example.jp")) == []


def test_a_succession_is_recorded_once_and_names_the_predecessor(
    entra: Provisioning,
) -> None:
    former = deleted(entra, externalId="e1")

    user = entra.create("a@example.jp", externalId="e1")

    assert told(user) == AGAIN
    event = AuditEvent.objects.get(action=Action.USER_RESTORED)
    assert event.context["predecessor"] == former
    assert event.context["former_name"] == "a@example.jp"
    assert len(event.context["rejoined"]) == 1
    assert event.actor["kind"] == "provisioning-client"
    assert not User.objects.filter(pk=former).exists()
    assert not Tombstone.objects.exists()
    assert told(former)[-1] == Action.USER_DELETED


def test_those_he_managed_name_him_by_his_new_id(entra: Provisioning) -> None:
    former = entra.create("boss@example.jp")
    named: Document = {ENTERPRISE: {"manager": {"value": former, "$ref": "../x"}}}
    report = entra.create("report@example.jp", **named)
    entra.delete(f"{USERS}/{former}")

    boss = entra.create("boss@example.jp")

    extension = entra.get(f"{USERS}/{report}").body[ENTERPRISE]
    assert extension == {"manager": {"value": boss}}
    assert entra.found(f'manager eq "{boss}"') == ["report@example.jp"]


def test_who_was_deleted_again_comes_again(entra: Provisioning) -> None:
    deleted(entra, externalId="e1")
    second = entra.create("a@example.jp", externalId="e1")
    entra.delete(f"{USERS}/{second}")

    third = entra.create("a@example.jp", externalId="e1")

    assert len(teams(entra, third)) == 1
    assert AuditEvent.objects.filter(action=Action.USER_RESTORED).count() == 2


def test_who_comes_suspended_has_his_teams_and_no_access(entra: Provisioning) -> None:
    """Row D17."""
    deleted(entra)

    user = entra.create("a@example.jp", active=False)

    assert len(teams(entra, user)) == 1
    assert User.objects.get(pk=user).is_active is False


def test_the_last_sign_in_goes_over_but_no_right_password_or_session(
    entra: Provisioning, carol: User
) -> None:
    signed_in = timezone.now()
    User.objects.filter(pk=carol.pk).update(last_login=signed_in)
    entra.delete(f"{USERS}/{carol.pk}")

    user = User.objects.get(pk=entra.create("carol@acme.test", displayName="C"))

    assert (user.role, user.last_login) == (User.Role.MEMBER, signed_in)
    assert told(user.pk) == [*AGAIN, Action.USER_MANAGER_DISMISSED]
    assert not user.has_usable_password()
    assert user.get_session_auth_hash() != carol.get_session_auth_hash()
    assert user.display_name == "C"


def test_a_name_that_no_client_sends_is_kept(entra: Provisioning, bob: User) -> None:
    """The gallery's mapping has no displayName."""
    entra.delete(f"{USERS}/{bob.pk}")

    answer = entra.post(USERS, {"userName": "bob@acme.test"})

    assert answer.body["displayName"] == "Bob"
    assert User.objects.get(pk=answer.id).display_name == "Bob"


@pytest.mark.parametrize("licences", [1, 500])
def test_a_creation_that_is_refused_leaves_everything_in_the_recycle_bin(
    entra: Provisioning, enabled_acme: Organization, licences: int
) -> None:
    former = deleted(entra, externalId="e1")
    group = entra.get(GROUPS).resources[0]["id"]
    entra.create("taken@example.jp")
    Organization.objects.filter(pk=enabled_acme.pk).update(licences=licences)

    answer = entra.post(USERS, {"userName": "taken@example.jp", "externalId": "e1"})

    assert answer.status == (403 if licences == 1 else 409)
    assert entra.members(group) == set()
    assert Tombstone.objects.get().user == User.objects.get(pk=former)
    assert not AuditEvent.objects.filter(action=Action.USER_RESTORED).exists()


def test_nobody_succeeds_to_somebody_elsewhere(
    entra: Provisioning, neighbour: Provisioning
) -> None:
    former = deleted(neighbour, externalId="e1")

    user = entra.create("a@example.jp", externalId="e1")

    assert told(user) == [Action.USER_PROVISIONED]
    assert Tombstone.objects.get().user == User.objects.get(pk=former)


def test_a_bulk_request_brings_somebody_back_as_well(entra: Provisioning) -> None:
    deleted(entra, externalId="e1")
    creation = {
        "method": "POST",
        "path": "/Users",
        "bulkId": "q",
        "data": {"userName": "a@example.jp", "externalId": "e1"},
    }

    body = {"schemas": [BULK], "Operations": [creation]}
    answer = entra.post("/scim/v2/Bulk", body)

    location = answer.body["Operations"][0]["location"]
    assert len(teams(entra, location.rpartition("/")[2])) == 1
