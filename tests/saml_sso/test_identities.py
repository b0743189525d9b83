"""Who is meant: object id, external id, login e-mail, within the organization only."""

from __future__ import annotations

import pytest

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.sessions import by_saml
from chatwork_admin.synchronization import provisioning
from saml_sso.models import LinkedIdentity
from saml_sso.sign_in import identities
from tests.conftest import actor_for
from tests.entra_id.saml_responses import PERSISTENT
from tests.portal.mails.mailing import deliver, sent
from tests.saml_sso.identifying import (
    OID,
    OTHER_OID,
    give_external_id,
    person,
    refused,
    rename,
    signed_in_as,
    tenant,
)
from tests.saml_sso.signing_in import (
    Visitor,
    entra_of,
    written,
)


def test_the_first_sign_in_links_by_login_email_and_is_recorded(
    visitor: Visitor, bob: User
) -> None:
    visitor.sign_in(bob, object_id=OID)

    identity = LinkedIdentity.objects.get()
    assert (identity.user, identity.object_id) == (bob, OID)
    assert identity.issuer == visitor.entra.signer.entity_id
    (event,) = AuditEvent.objects.filter(action="login.identity_linked")
    assert event.target["id"] == str(bob.pk)


def test_a_name_of_256_characters_fits_and_a_longer_one_is_refused(
    visitor: Visitor, bob: User
) -> None:
    name = "𠮷" * 256  # each is one character, of four bytes
    visitor.sign_in(bob, object_id=OID)
    visitor.client.logout()

    assert refused(visitor, bob, object_id=OID, name_id=f"{name}x") == "bad-name-id"
    visitor.sign_in(bob, object_id=OID, name_id=name, name_id_format=PERSISTENT)

    assert visitor.is_signed_in
    assert LinkedIdentity.objects.get().name_id == name
    assert UserSession.objects.latest("started_at").saml_name_id == name
    ended = by_saml.end_by_name(bob.organization, name, (), actor=SYSTEM)
    assert ended == 1
    assert not visitor.is_signed_in


def test_the_second_sign_in_links_nothing_new(visitor: Visitor, bob: User) -> None:
    visitor.sign_in(bob)
    first = LinkedIdentity.objects.get()
    visitor.sign_in(bob)

    second = LinkedIdentity.objects.get()
    assert second.linked_at == first.linked_at
    assert second.last_seen_at > first.last_seen_at
    assert AuditEvent.objects.filter(action="login.identity_linked").count() == 1


def test_the_login_email_is_compared_without_case(visitor: Visitor, bob: User) -> None:
    visitor.sign_in(bob, name_id="Bob@ACME.test")

    assert signed_in_as() == [bob]


def test_the_object_id_may_come_in_capitals(visitor: Visitor, bob: User) -> None:
    visitor.sign_in(bob, object_id=OID)
    visitor.sign_in(bob, object_id=OID.upper(), name_id="other@acme.test")

    assert signed_in_as() == [bob, bob]


def test_an_external_id_that_is_the_object_id_comes_before_the_email(
    visitor: Visitor, acme: Organization, bob: User
) -> None:
    yamada = person(acme, "yamada@acme.test", OID)

    visitor.sign_in(bob, object_id=OID)  # NameID is bob's

    assert signed_in_as() == [yamada]


def test_an_external_id_that_is_the_name_id_is_enough(
    visitor: Visitor, acme: Organization, bob: User
) -> None:
    yamada = person(acme, "yamada@acme.test", "yH2-uM_4bX")

    visitor.sign_in(
        bob, name_id="yH2-uM_4bX", name_id_format=PERSISTENT, claims=tenant(visitor)
    )

    assert signed_in_as() == [yamada]


def test_a_rename_by_scim_then_saml_reaches_the_same_account(
    visitor: Visitor, acme: Organization
) -> None:
    tanaka = person(acme, "tanaka@acme.test", OID)
    visitor.sign_in(tanaka, object_id=OID)

    rename(tanaka, "suzuki@acme.test")
    visitor.sign_in(tanaka, object_id=OID, name_id="suzuki@acme.test")

    assert signed_in_as() == [tanaka, tanaka]


@pytest.mark.parametrize("external_id", [OID, "tanaka"])
def test_a_rename_by_saml_then_scim_reaches_the_same_account(
    visitor: Visitor, acme: Organization, external_id: str
) -> None:
    tanaka = person(acme, "tanaka@acme.test", external_id)
    visitor.sign_in(tanaka, object_id=OID)

    visitor.sign_in(tanaka, object_id=OID, name_id="suzuki@acme.test")
    rename(tanaka, "suzuki@acme.test")
    visitor.sign_in(tanaka, object_id=OID)

    assert signed_in_as() == [tanaka] * 3


def test_a_renamed_address_given_to_somebody_else_opens_no_account_of_the_first(
    visitor: Visitor, acme: Organization
) -> None:
    tanaka = person(acme, "tanaka@acme.test", OID)
    visitor.sign_in(tanaka, object_id=OID)

    reason = refused(Visitor(visitor.entra), tanaka, object_id=OTHER_OID)

    assert reason == "identity-conflict"


def test_a_second_object_id_raises_an_alarm_of_its_own(
    visitor: Visitor, bob: User
) -> None:
    visitor.sign_in(bob, object_id=OID)
    refused(Visitor(visitor.entra), bob, object_id=OTHER_OID)

    (event,) = AuditEvent.objects.filter(action="login.identity_conflict")
    assert event.target["id"] == str(bob.pk)
    assert event.context["code"] == "identity-conflict"
    assert event.context["channel"] == "saml"
    assert len(event.context["certificate"]) == 40
    assert LinkedIdentity.objects.get().object_id == OID


def test_a_letter_that_only_looks_the_same_in_lower_case_is_another(
    visitor: Visitor, acme: Organization
) -> None:
    naoki = person(acme, "naoki@acme.test")
    claims = tenant(visitor)

    reason = refused(visitor, naoki, name_id="nao\u212ai@acme.test", claims=claims)

    assert reason == "person-unknown"


def test_a_new_account_that_provisioning_names_takes_over_the_link(
    visitor: Visitor, acme: Organization
) -> None:
    tanaka = person(acme, "tanaka@acme.test", OID)
    visitor.sign_in(tanaka, object_id=OID)
    provisioning.change_user(
        acme,
        tanaka.pk,
        lambda document: document | {"externalId": OTHER_OID},
        actor=SYSTEM,
    )

    Visitor(visitor.entra).sign_in(tanaka, object_id=OTHER_OID)

    assert signed_in_as() == [tanaka] * 2
    linked = AuditEvent.objects.filter(action="login.identity_linked").latest("pk")
    assert linked.changes == [
        {"attribute": "object_id", "before": OID, "after": OTHER_OID}
    ]
    # and the former account is nobody any more
    tanaka.refresh_from_db()
    assert refused(Visitor(visitor.entra), tanaka, object_id=OID) == "identity-conflict"


@pytest.mark.parametrize("is_linked", [True, False])
@pytest.mark.parametrize("who", ["alice", "carol"])
def test_no_provisioning_makes_somebody_else_of_who_administers(
    visitor: Visitor,
    acme: Organization,
    who: str,
    is_linked: bool,  # noqa: FBT001 - a parameter of the test
    request: pytest.FixtureRequest,
) -> None:
    """A token of provisioning is not worth the administrator right."""
    administering: User = request.getfixturevalue(who)
    if is_linked:
        visitor.sign_in(administering, object_id=OID)
    intruder = person(acme, "intruder@acme.test")
    for external_id in (OTHER_OID, "intruder@acme.test"):
        give_external_id(administering, external_id)
        reason = refused(Visitor(visitor.entra), intruder, object_id=OTHER_OID)
        assert reason == "external-id-conflict"

    if is_linked:
        Visitor(visitor.entra).sign_in(administering, object_id=OID)
        assert signed_in_as() == [administering] * 2


def test_an_alarm_whose_cause_is_an_external_id_says_so(
    visitor: Visitor, acme: Organization, alice: User, bob: User
) -> None:
    """To unlink somebody's identity would open the account."""
    visitor.sign_in(alice, object_id=OID)
    intruder = person(acme, "intruder@acme.test")
    give_external_id(alice, OTHER_OID)
    refused(Visitor(visitor.entra), intruder, object_id=OTHER_OID)
    visitor.sign_in(bob, object_id=str(bob.pk))
    refused(Visitor(visitor.entra), bob, object_id=OTHER_OID, name_id=bob.user_name)
    deliver(acme)

    (told,) = [each for each in sent() if "An external ID led to" in each.subject]
    assert "/manage/sync/connection/" in str(told.body)
    assert "unlink" not in str(told.body)


def test_each_account_of_the_administrator_is_told_to_those_who_administer(
    visitor: Visitor, acme: Organization, alice: User, carol: User
) -> None:
    visitor.sign_in(alice, object_id=OID)
    identities.unlink(acme, alice, actor=actor_for(alice))
    Visitor(visitor.entra).sign_in(alice, object_id=OTHER_OID)
    Visitor(visitor.entra).sign_in(alice, object_id=OTHER_OID)
    Visitor(visitor.entra).sign_in(carol, object_id=OID)
    deliver(acme)

    told = [each for each in sent() if "An account was linked" in each.subject]
    assert [each.to[0] for each in told] == [alice.user_name, carol.user_name] * 2
    assert [OID in str(each.body) for each in told] == [True] * 2 + [False] * 2
    assert [OTHER_OID in str(each.body) for each in told] == [False] * 2 + [True] * 2


def test_who_was_unlinked_is_linked_anew(
    visitor: Visitor, acme: Organization, alice: User, bob: User
) -> None:
    visitor.sign_in(bob, object_id=OID)
    identities.unlink(acme, bob, actor=actor_for(alice))
    assert not visitor.is_signed_in

    Visitor(visitor.entra).sign_in(bob, object_id=OTHER_OID)

    assert LinkedIdentity.objects.get().object_id == OTHER_OID
    identities.unlink(acme, bob, actor=actor_for(alice))
    identities.unlink(acme, bob, actor=actor_for(alice))
    events = AuditEvent.objects.filter(action="login.identity_unlinked")
    assert [event.changes[0]["before"] for event in events.order_by("pk")] == [
        OID,
        OTHER_OID,
    ]


@pytest.mark.parametrize("who", ["carol", "mallory"])
def test_only_the_administrator_of_the_organization_unlinks(
    visitor: Visitor,
    acme: Organization,
    bob: User,
    who: str,
    request: pytest.FixtureRequest,
) -> None:
    actor = actor_for(request.getfixturevalue(who))
    visitor.sign_in(bob, object_id=OID)
    before = written()

    with pytest.raises(NotAllowed):
        identities.unlink(acme, bob, actor=actor)

    assert written() == before
    assert visitor.is_signed_in


def test_an_external_id_that_is_another_object_id_is_a_conflict_too(
    visitor: Visitor, acme: Organization
) -> None:
    tanaka = person(acme, "tanaka@acme.test", OID)

    assert refused(visitor, tanaka, object_id=OTHER_OID) == "identity-conflict"


def test_whoever_had_an_object_id_does_not_get_in_without(
    visitor: Visitor, bob: User
) -> None:
    visitor.sign_in(bob, object_id=OID)

    reason = refused(Visitor(visitor.entra), bob, claims=tenant(visitor))

    assert reason == "object-id-missing"


def test_another_tenant_trusted_since_links_anew(
    visitor: Visitor, acme: Organization, bob: User
) -> None:
    visitor.sign_in(bob, object_id=OID)
    moved = Visitor(entra_of(acme, slug="acme-after-the-merger"))

    moved.sign_in(bob, object_id=OTHER_OID)

    assert signed_in_as() == [bob, bob]
    assert LinkedIdentity.objects.get().object_id == OTHER_OID


def test_a_person_provisioned_again_after_deletion_takes_the_link_over(
    visitor: Visitor, acme: Organization
) -> None:
    first = person(acme, "tanaka@acme.test", "tanaka")
    visitor.sign_in(first, object_id=OID)
    provisioning.deprovision_user(acme, first.pk, actor=SYSTEM)
    second = User.objects.create(
        organization=acme,
        user_name="tanaka@acme.test",
        user_name_key=fold("tanaka@acme.test"),
    )

    visitor.sign_in(second, object_id=OID)

    assert signed_in_as()[-1] == second
    assert LinkedIdentity.objects.get().user == second
