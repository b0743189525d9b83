"""Users: create, read, replace, delete (RFC 7644 §3.3-§3.6; rows D, E and G)."""

from __future__ import annotations

import uuid

import pytest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    ERROR,
    GROUP,
    USERS,
    Document,
    Provisioning,
    address,
)
from tests.scim.documents.examples import ENTRA_USER, EVERY_ATTRIBUTE, KEPT, without


def test_a_user_is_created_and_answered_whole(entra: Provisioning) -> None:
    """Rows A12 and D1; RFC 7643 §3.1, §4.1.1; RFC 7644 §3.3, §3.3.1."""
    answer = entra.post(USERS, ENTRA_USER)

    user = User.objects.get(pk=answer.id)
    created = answer.body["meta"]["created"]
    assert answer.status == 201
    assert answer.body == {
        **KEPT,
        "id": str(user.pk),
        "meta": {
            "resourceType": "User",
            "created": created,
            "lastModified": created,
            "version": 'W/"1"',
            "location": address(f"{USERS}/{user.pk}"),
        },
    }
    assert answer.headers["Location"] == answer.body["meta"]["location"]
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert (user.user_name_key, user.title, user.department) == (
        "yamada.t@example.jp",
        "主任",
        "営業",
    )
    assert user.linked_at is not None
    assert not user.has_usable_password()


def test_what_is_read_is_what_was_answered(entra: Provisioning) -> None:
    """Row E1; RFC 7644 §3.4.1."""
    created = entra.post(USERS, ENTRA_USER)

    answer = entra.get(f"{USERS}/{created.id}")

    assert (answer.status, answer.body) == (200, created.body)


def test_every_documented_attribute_is_kept_as_it_was_sent(entra: Provisioning) -> None:
    """Row A13; RFC 7643 §2.3.1, §2.3.8, §3.3, §4.1.1, §4.1.2, §4.3, §8.2, §8.3."""
    created = entra.post(USERS, EVERY_ATTRIBUTE)

    read = entra.get(f"{USERS}/{created.id}")

    assert without(read.body, "id", "meta") == EVERY_ATTRIBUTE


def test_a_client_cannot_say_what_is_not_its_to_say(entra: Provisioning) -> None:
    """Rows D2, D14, D20 and K9; RFC 7643 §3.1, §9.2."""
    answer = entra.post(
        USERS,
        {
            "schemas": [CORE],
            "id": "mine",
            "meta": {"created": "1999-01-01T00:00:00Z"},
            "groups": [{"value": "x"}],
            "password": "hunter2",
            "userName": "okta@example.jp",
        },
    )

    assert uuid.UUID(answer.id).version == 7
    assert without(answer.body, "id", "meta") == {
        "schemas": [CORE],
        "userName": "okta@example.jp",
        "active": True,
    }
    assert b"hunter2" not in answer.content


@pytest.mark.parametrize(
    "schemas",
    [
        None,
        [],
        ["urn:scim:schemas:core:1.0"],
        [CORE.upper()],
        [CORE, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
        [CORE, "urn:ietf:params:scim:schemas:extension:Custom:2.0:User"],
    ],
)
def test_schemas_are_taken_as_they_come(entra: Provisioning, schemas: object) -> None:
    """Row D4; RFC 7643 §3."""
    body = {
        "schemas": schemas,
        "userName": "a@example.jp",
        ENTERPRISE: {"department": "D"},
    }

    answer = entra.post(USERS, body)

    assert (answer.status, answer.body["schemas"]) == (201, [CORE, ENTERPRISE])


@pytest.mark.parametrize("schemas", [[GROUP], [ENTERPRISE], ["x"], "x", [CORE[:-1]]])
def test_a_list_of_schemas_without_the_user_s_is_refused(
    entra: Provisioning, schemas: object
) -> None:
    """Row D4."""
    answer = entra.post(USERS, {"schemas": schemas, "userName": "a@example.jp"})

    assert answer.refusal == (400, "invalidSyntax", "CW-REQ-2")
    assert f"schemas must contain {CORE}" in answer.body["detail"]


def test_nulls_and_empty_texts_are_unassigned(entra: Provisioning) -> None:
    """RFC 7643 §2.5; rows D3, E22."""
    answer = entra.post(
        USERS,
        {
            "userName": "a@example.jp",
            "title": None,
            "nickName": "",
            "addresses": [{"type": "work", "streetAddress": None}],
            "phoneNumbers": None,
            "name": {"givenName": None},
            ENTERPRISE: {"department": "", "manager": None},
        },
    )

    assert without(answer.body, "id", "meta") == {
        "schemas": [CORE],
        "userName": "a@example.jp",
        "active": True,
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"schemas": [CORE]},
        {"userName": None},
        {"userName": ""},
        {"userName": "   "},
        {"userName": ["a@example.jp", "b@example.jp"]},
        {"userName": {"value": "a@example.jp"}},
        {"userName": 42},
        {"userName": "tyamada"},
        {"userName": "a@example.jp", "active": "maybe"},
        {"userName": "a@example.jp", "active": 1},
        {"userName": "a@example.jp", "name": "Yamada"},
        {"userName": "a@example.jp", "title": 3},
        {"userName": "a@example.jp", "emails": [3]},
        {"userName": f"{'a' * 250}@example.jp"},
        {"userName": "a@example.jp", ENTERPRISE: {"department": "D" * 101}},
        {
            "userName": "a@example.jp",
            "emails": [
                {"value": "a", "primary": True},
                {"value": "b", "primary": True},
            ],
        },
    ],
)
def test_a_value_that_cannot_be_kept_is_refused_and_nothing_is_written(
    entra: Provisioning, enabled_acme: Organization, body: Document
) -> None:
    """Rows D5, D11 and D13; RFC 7643 §2.2, §2.3.2."""
    answer = entra.post(USERS, body)

    assert answer.status == 400
    assert answer.body["scimType"] in {"invalidValue", "invalidSyntax"}
    assert answer.body["schemas"] == [ERROR]
    assert enabled_acme.users.count() == 1  # Alice
    assert not AuditEvent.objects.filter(action=Action.USER_PROVISIONED).exists()


def test_a_user_name_is_unique_whatever_its_letter_case(entra: Provisioning) -> None:
    """Rows D7 and D8; RFC 7644 §3.3, §7.8."""
    entra.create("yamada@example.jp")

    answer = entra.post(USERS, {"userName": "YAMADA@example.jp"})

    assert answer.refusal == (409, "uniqueness", "CW-USER-3")
    assert "yamada" not in answer.body["detail"].lower()


def test_an_external_id_need_not_be_unique(entra: Provisioning) -> None:
    """Row D9; RFC 7643 §3.1."""
    entra.create("a@example.jp", externalId="same")
    entra.create("b@example.jp", externalId="same")

    assert entra.found('externalId eq "same"') == ["a@example.jp", "b@example.jp"]


def test_an_address_of_another_organization_is_refused_without_saying_whose(
    entra: Provisioning, mallory: User
) -> None:
    """Row D18."""
    answer = entra.post(USERS, {"userName": mallory.user_name})

    assert answer.refusal == (409, "uniqueness", "CW-USER-2")
    assert "globex" not in answer.body["detail"].lower()


def test_without_a_licence_nobody_is_created(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    """Row G17."""
    Organization.objects.filter(pk=enabled_acme.pk).update(licences=1)

    answer = entra.post(USERS, {"userName": "a@example.jp"})

    assert answer.refusal == (403, None, "CW-USER-1")
    assert answer.body["detail"].startswith(
        "CW-USER-1: No licence left (1 of 1 used, 0 by suspended users)."
    )


def test_a_suspended_user_can_be_created_and_is_found(entra: Provisioning) -> None:
    """Rows D5 and D17."""
    entra.create("a@example.jp", active="False")

    answer = entra.get(USERS, filter='userName eq "a@example.jp"')

    assert [user["active"] for user in answer.resources] == [False]


def test_put_replaces_everything_but_what_it_may_not(entra: Provisioning) -> None:
    """RFC 7644 §3.5.1."""
    user = entra.create("a@example.jp", title="T", active=False, nickName="N")

    answer = entra.put(
        f"{USERS}/{user}", {"id": "other", "userName": "b@example.jp", "title": "U"}
    )

    assert answer.status == 200
    assert without(answer.body, "meta") == {
        "schemas": [CORE],
        "id": user,
        "userName": "b@example.jp",
        "title": "U",
        "active": False,  # G14: silence keeps it
    }
    assert entra.get(f"{USERS}/{user}").body == answer.body


def test_put_never_creates(entra: Provisioning) -> None:
    """Row G14; RFC 7644 §3.5.1."""
    answer = entra.put(f"{USERS}/{uuid.uuid4()}", {"userName": "a@example.jp"})

    assert answer.refusal == (404, None, "CW-USER-6")


def test_a_deleted_user_is_gone_and_the_name_is_free(entra: Provisioning) -> None:
    """Rows D19, G4, G7 and G8; RFC 7644 §3.6."""
    user = entra.create("a@example.jp")

    deleted = entra.delete(f"{USERS}/{user}")

    assert (deleted.status, deleted.content) == (204, b"")
    one = f"{USERS}/{user}"
    again = [
        entra.get(one),
        entra.put(one, {"userName": "a@example.jp"}),
        entra.patch(one, {"op": "remove", "path": "title"}),
        entra.delete(one),
    ]
    assert {answer.refusal for answer in again} == {(404, None, "CW-USER-6")}
    assert entra.found('userName eq "a@example.jp"') == []
    assert entra.create("a@example.jp") != user


@pytest.mark.parametrize(
    "name", ["x", "1", "00000000", "{}", "urn:uuid:1", "%00", "a%2Fb", "." * 300]
)
def test_an_id_that_is_not_ours_is_unknown(entra: Provisioning, name: str) -> None:
    """Row E1."""
    assert entra.get(f"{USERS}/{name}").status == 404
    assert entra.delete(f"{USERS}/{name}").status == 404


def test_the_administrator_is_protected(entra: Provisioning, alice: User) -> None:
    """Row G11."""
    one = f"{USERS}/{alice.pk}"

    answers = [
        entra.delete(one),
        entra.patch(one, {"op": "replace", "path": "active", "value": False}),
        entra.put(one, {"userName": "other@acme.test"}),
    ]

    assert {answer.refusal for answer in answers} == {(403, None, "CW-USER-5")}


def test_an_existing_account_is_found_and_linked_by_the_first_write(
    entra: Provisioning, bob: User
) -> None:
    """Row D18."""
    assert entra.found('userName eq "BOB@acme.test"') == ["bob@acme.test"]

    operation = {"op": "Add", "path": "externalId", "value": "bob"}
    assert entra.patch(f"{USERS}/{bob.pk}", operation).status == 200

    bob.refresh_from_db()
    assert bob.linked_at is not None
    assert AuditEvent.objects.filter(action=Action.USER_LINKED).count() == 1


def test_what_means_nothing_is_ignored_and_only_its_name_is_recorded(
    entra: Provisioning,
) -> None:
    """Row D12."""
    answer = entra.post(
        USERS, {"userName": "a@example.jp", "shoeSize": "secret", "emails": [{}]}
    )

    event = AuditEvent.objects.get(action=Action.ATTRIBUTES_IGNORED)
    assert answer.status == 201
    assert event.context["ignored"] == ["shoeSize"]
    assert event.reference == answer.headers["X-Request-Id"]
