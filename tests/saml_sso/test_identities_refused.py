"""Whom an assertion means, and who does not get in for all that."""

from __future__ import annotations

import re

import pytest

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import provisioning
from saml_sso.models import LinkedIdentity
from tests.saml_sso.identifying import (
    OID,
    OTHER_OID,
    person,
    refused,
    signed_in_as,
)
from tests.saml_sso.signing_in import (
    Entra,
    Visitor,
)

OF_ONE_ANSWER = re.compile(r'middlewaretoken" value="\w+"|\w{4}(-\w{4}){2}')


@pytest.mark.parametrize("state", ["suspended", "deleted", "unknown"])
def test_who_may_not_sign_in_is_refused(
    visitor: Visitor, acme: Organization, state: str
) -> None:
    tanaka = person(acme, "tanaka@acme.test", OID)
    reason = {"suspended": "person-suspended"}.get(state, "person-unknown")
    put_into(state, tanaka)

    assert refused(visitor, tanaka, object_id=OID) == reason


def test_those_outside_cannot_tell_the_unknown_from_the_suspended(
    visitor: Visitor, acme: Organization
) -> None:
    pages = set()
    for number, state in enumerate(["suspended", "deleted", "unknown"]):
        who = person(acme, f"person{number}@acme.test")
        put_into(state, who)
        response = visitor.answer(visitor.start(), who)
        pages.add(OF_ONE_ANSWER.sub("", response.text))

    assert len(pages) == 1


def test_nobody_is_created(visitor: Visitor, acme: Organization, bob: User) -> None:
    before = acme.users.count()

    reason = refused(visitor, bob, name_id="new@acme.test", object_id=OTHER_OID)

    assert reason == "person-unknown"
    assert acme.users.count() == before


def test_two_people_with_one_external_id_are_nobody(
    visitor: Visitor, acme: Organization, bob: User
) -> None:
    person(acme, "one@acme.test", OID)
    person(acme, "two@acme.test", OID)

    assert refused(visitor, bob, object_id=OID) == "person-ambiguous"


def test_an_address_that_only_folding_takes_for_the_same_is_somebody_else(
    visitor: Visitor, acme: Organization
) -> None:
    weiss = person(acme, "weiss@acme.test")

    assert refused(visitor, weiss, name_id="weiß@acme.test") == "person-unknown"


def test_the_neighbours_people_are_nobody_here(
    visitor: Visitor, globex: Organization, mallory: User
) -> None:
    person(globex, "eve@globex.test", OID)

    assert refused(visitor, mallory, object_id=OID) == "person-unknown"


def test_the_neighbours_object_id_links_to_nobody_of_ours(
    visitor: Visitor, globex_entra: Entra, bob: User, mallory: User
) -> None:
    Visitor(globex_entra).sign_in(mallory, object_id=OID)

    visitor.sign_in(bob, object_id=OID)

    assert signed_in_as() == [mallory, bob]
    assert LinkedIdentity.objects.filter(object_id=OID).count() == 2


def test_an_email_of_another_user_does_not_beat_the_object_id(
    visitor: Visitor, acme: Organization, bob: User
) -> None:
    tanaka = person(acme, "tanaka@acme.test")
    visitor.sign_in(tanaka, object_id=OID)

    visitor.sign_in(bob, object_id=OID)  # tanaka, whose NameID is bob's now

    assert signed_in_as() == [tanaka, tanaka]


def put_into(state: str, user: User) -> None:
    if state == "suspended":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        provisioning.deprovision_user(user.organization, user.pk, actor=SYSTEM)
    if state == "unknown":
        User.objects.filter(pk=user.pk).delete()
