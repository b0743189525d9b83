"""Whoever holds a token of provisioning becomes no user manager by it.

Each way is gone to its end: somebody else signs in by SAML, and administers nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import recycling
from saml_sso.models import LinkedIdentity
from tests.portal.mails.mailing import deliver, sent
from tests.saml_sso.signing_in import Visitor, entra_of, refused_because
from tests.scim.conftest import USERS, Document, Provisioning
from tests.scim.frequent.writing import Send, at_once, operations, replacing, send
from tests.scim.test_lifecycle import renaming, told
from tests.scim.test_succession import BULK

__all__ = ["send"]

OID = "0f3c6a1e-2b4d-4c5e-8f60-718293a4b5c6"
INTRUDERS = "9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d"
INTRUDER = "intruder@evil.example"
DISMISSED = "user_manager.dismissed"

Way = Callable[[Provisioning, str], None]


@pytest.fixture
def visitor(enabled_acme: Organization) -> Visitor:
    return Visitor(entra_of(enabled_acme))


def patched(*changes: Document) -> Way:
    return lambda entra, user: succeeded(entra.patch(f"{USERS}/{user}", *changes))


def put(entra: Provisioning, user: str) -> None:
    document = {"userName": INTRUDER, "externalId": INTRUDERS}
    succeeded(entra.put(f"{USERS}/{user}", document))


def in_bulk(entra: Provisioning, user: str) -> None:
    body = {"Operations": [renaming(INTRUDER)]}
    change = {"method": "PATCH", "path": f"/Users/{user}", "data": body}
    done = entra.post("/scim/v2/Bulk", {"schemas": [BULK], "Operations": [change]})
    assert done.body["Operations"][0]["status"] == "200"


def created_again(user_name: str, *changes: Document, **said: str) -> Way:
    def again(entra: Provisioning, user: str) -> None:
        assert entra.delete(f"{USERS}/{user}").status == 204
        newcomer = entra.create(user_name, **said)
        if changes:
            patched(*changes)(entra, newcomer)

    return again


def succeeded(answer: object) -> None:
    assert getattr(answer, "status", 0) == 200


EXTERNAL_ID = {"op": "Replace", "path": "externalId", "value": INTRUDERS}
WAYS: dict[str, Way] = {
    "external id": patched(EXTERNAL_ID),
    "name as external id": patched(EXTERNAL_ID | {"value": INTRUDER}),
    "PATCH": patched(renaming(INTRUDER)),
    "PATCH of both": patched(renaming(INTRUDER), EXTERNAL_ID),
    "PUT": put,
    "Bulk": in_bulk,
    "again": created_again("carol@acme.test"),
    "again, renamed": created_again("carol@acme.test", renaming(INTRUDER)),
    "again, another": created_again("carol@acme.test", externalId=INTRUDERS),
    "again, another, renamed": created_again(
        "carol@acme.test", renaming(INTRUDER), externalId=INTRUDERS
    ),
    "again, another name": created_again(INTRUDER, externalId="carol"),
}


@pytest.mark.parametrize("is_linked", [True, False], ids=["linked", "unlinked"])
@pytest.mark.parametrize("way", WAYS)
def test_nobody_becomes_a_user_manager_by_provisioning(
    entra: Provisioning,
    visitor: Visitor,
    carol: User,
    way: str,
    is_linked: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    succeeded(
        entra.patch(f"{USERS}/{carol.pk}", EXTERNAL_ID | {"value": "carol"})
        if way == "again, another name"
        else entra.get(f"{USERS}/{carol.pk}")
    )
    if is_linked:
        visitor.sign_in(carol, object_id=OID)
        assert visitor.client.get("/manage/").status_code == 200

    WAYS[way](entra, str(carol.pk))

    assert not administers(intruder(visitor))
    assert visitor.client.get("/manage/").status_code in {302, 403, 200 * keeps(way)}


def keeps(way: str) -> bool:
    """Whether a way says nothing of who the user manager is."""
    return "external id" in way


def intruder(visitor: Visitor) -> Visitor:
    """Sign in with an account of one's own, or be refused."""
    other = Visitor(visitor.entra)
    person = User(user_name=INTRUDER, display_name="Intruder")
    answer = other.answer(other.start(), person, object_id=INTRUDERS)
    if answer.status_code == 303:
        other.follow(answer)
    return other


def administers(visitor: Visitor) -> bool:
    return bool(visitor.client.get("/manage/").status_code == 200)


def test_a_right_that_ended_is_recorded_and_mailed(
    entra: Provisioning, enabled_acme: Organization, carol: User
) -> None:
    patched(renaming("carol.tanaka@acme.test"))(entra, str(carol.pk))
    patched(renaming("carol.sato@acme.test"))(entra, str(carol.pk))
    deliver(enabled_acme)

    assert told(carol.pk).count(DISMISSED) == 1
    event = AuditEvent.objects.get(action=DISMISSED)
    assert event.actor["kind"] == "provisioning-client"
    assert [each.to for each in sent() if "user manager" in each.subject] == [
        ["alice@acme.test"]
    ]


@pytest.mark.parametrize("name", ["CAROL@ACME.test", "carol@acme.test"])
def test_another_case_is_the_same_name(
    entra: Provisioning, carol: User, name: str
) -> None:
    patched(renaming(name))(entra, str(carol.pk))

    carol.refresh_from_db()
    assert carol.role == User.Role.USER_MANAGER
    assert DISMISSED not in told(carol.pk)


def test_a_name_that_only_folding_takes_for_the_same_is_another(
    entra: Provisioning, carol: User, alice: User
) -> None:
    """SAML takes it for another, so provisioning may not choose between the two."""
    for person in (carol, alice):
        person.user_name = person.user_name_key = f"{person.display_name}strasse@a.test"
        person.user_name_key = person.user_name_key.lower()
        person.save()

    patched(renaming("Carolstraße@a.test"))(entra, str(carol.pk))
    refused = entra.patch(f"{USERS}/{alice.pk}", renaming("Alicestraße@a.test"))

    carol.refresh_from_db()
    assert carol.role == User.Role.MEMBER
    assert refused.refusal == (403, None, "CW-USER-5")


def test_who_is_changed_before_django_is_asked_is_a_member(
    send: Send, carol: User
) -> None:
    User.objects.filter(pk=carol.pk).update(linked_at=carol.created_at)
    body = operations(replacing("title", "T"))

    assert at_once(send("PATCH", f"{USERS}/{carol.pk}", body)) is None


def test_an_identity_goes_over_to_who_is_created_again(
    entra: Provisioning, visitor: Visitor, bob: User
) -> None:
    """GitLab deleted it once, and locked out whoever was provisioned again."""
    visitor.sign_in(bob, object_id=OID)
    entra.delete(f"{USERS}/{bob.pk}")

    again = entra.create("bob@acme.test", externalId="bob")

    assert str(LinkedIdentity.objects.get().user_id) == again
    Visitor(visitor.entra).sign_in(bob, object_id=OID)
    other = Visitor(visitor.entra)
    assert other.answer(other.start(), bob, object_id=INTRUDERS).status_code == 403
    assert refused_because()[-1] == "identity-conflict"
    conflict = AuditEvent.objects.get(action="login.identity_conflict")
    assert conflict.target["id"] == again


def test_what_the_administrator_restores_keeps_its_right(
    entra: Provisioning, visitor: Visitor, carol: User
) -> None:
    visitor.sign_in(carol, object_id=OID)
    entra.delete(f"{USERS}/{carol.pk}")

    recycling.restore_user(carol.organization, carol.pk, actor=SYSTEM)

    again = Visitor(visitor.entra)
    again.sign_in(carol, object_id=OID)
    assert administers(again)
    assert not administers(intruder(visitor))
