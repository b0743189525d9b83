"""The administrator whose name at the identity provider is another links it by a test."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.synchronization import provisioning
from saml_sso.models import AuthenticationRequest, IdentityProvider, LinkedIdentity
from tests.portal.mails.mailing import deliver, sent
from tests.portal.saml.test_trial import OBJECT_ID, PAGE, START
from tests.saml_sso.identifying import refused, tenant
from tests.saml_sso.signing_in import Entra, Visitor, asked_by, entra_of

OTHER = "9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d"
NAME = "alice.adm@acme.onmicrosoft.com"
NOTHING = "Nothing was linked."


@pytest.fixture
def entra(acme: Organization) -> Entra:
    return entra_of(acme)


def try_out(client: Client, entra: Entra, person: User, **claims: Any) -> str:
    """Return the number of the test, if its page offers to link what it has named."""
    asked = asked_by(client.get(START)["Location"])
    said = {"name_id": NAME, "object_id": OBJECT_ID} | claims
    Visitor(entra).answer(asked, person, **said)
    found = re.search(r'name="test" value="([^"]+)"', page_of(client))
    return found[1] if found else ""


def link(client: Client, test: str, **proof: str) -> Any:
    return client.post(f"{PAGE}link/", {"test": test, **proof}, follow=True)


def page_of(client: Client) -> str:
    return client.get(PAGE).text


def give_external_id(user: User, external_id: str) -> None:
    provisioning.change_user(
        user.organization,
        user.pk,
        lambda document: document | {"externalId": external_id},
        actor=SYSTEM,
    )


def events() -> list[AuditEvent]:
    linked = AuditEvent.objects.filter(action=Action.ADMINISTRATOR_LINKED)
    return list(linked.order_by("id"))


@pytest.mark.parametrize("external_id", ["", OBJECT_ID])
def test_what_a_test_named_is_linked_by_who_has_asked_for_it(
    as_alice: Client, alice: User, entra: Entra, external_id: str
) -> None:
    if external_id:
        give_external_id(alice, external_id)
    test = try_out(as_alice, entra, alice)
    assert "is nobody's here" in unescape(page_of(as_alice))
    page = link(as_alice, test).text

    assert "The account is linked to you." in page
    known = LinkedIdentity.objects.get()
    assert (known.user, known.object_id, known.name_id) == (alice, OBJECT_ID, NAME)
    (event,) = events()
    assert event.actor["id"] == str(alice.pk)
    assert 'id="link-form"' not in page  # it is theirs by now
    assert not try_out(as_alice, entra, alice)
    assert "The test has passed." in page_of(as_alice)
    member = Visitor(entra)
    member.sign_in(alice, name_id=NAME, object_id=OBJECT_ID)
    assert member.is_signed_in


def test_it_is_told_to_those_who_administer(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    link(as_alice, try_out(as_alice, entra, alice))
    deliver(alice.organization)

    told = [each for each in sent() if "An account was linked" in each.subject]
    assert [OBJECT_ID in str(each.body) for each in told] == [True]


def test_an_account_that_is_somebody_elses_is_not_offered(
    as_alice: Client, alice: User, bob: User, entra: Entra
) -> None:
    assert not try_out(as_alice, entra, bob, name_id=bob.user_name)
    give_external_id(bob, OBJECT_ID)
    assert not try_out(as_alice, entra, alice)
    give_external_id(bob, NAME)
    assert not try_out(as_alice, entra, alice)


def test_nor_one_that_became_somebody_elses_meanwhile(
    as_alice: Client, alice: User, bob: User, entra: Entra
) -> None:
    test = try_out(as_alice, entra, alice)
    give_external_id(bob, OBJECT_ID)

    assert NOTHING in link(as_alice, test).text
    assert not LinkedIdentity.objects.exists()
    assert not events()


def test_nor_one_without_an_object_id_or_of_an_answer_that_was_not_believed(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    assert not try_out(as_alice, entra, alice, claims=tenant(Visitor(entra)))
    assert not try_out(as_alice, entra, alice, audience="https://other.test/")


def test_another_account_takes_the_place_of_the_former_one(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    link(as_alice, try_out(as_alice, entra, alice))
    link(as_alice, try_out(as_alice, entra, alice, object_id=OTHER, name_id="new@x"))

    assert LinkedIdentity.objects.get().object_id == OTHER
    assert events()[-1].changes == [
        {"attribute": "object_id", "before": OBJECT_ID, "after": OTHER}
    ]


def test_whoever_proved_it_too_long_ago_is_asked_who_they_are(
    as_alice: Client, alice: User, entra: Entra, password: str
) -> None:
    test = try_out(as_alice, entra, alice)
    UserSession.objects.update(authenticated_at=timezone.now() - timedelta(minutes=11))

    assert link(as_alice, test).status_code == 403
    assert not LinkedIdentity.objects.exists()
    link(as_alice, test, **{"step-up-password": password})
    assert LinkedIdentity.objects.get().user == alice


def test_what_was_found_ten_minutes_ago_links_nobody(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    test = try_out(as_alice, entra, alice)
    long_ago = timezone.now() - timedelta(minutes=11)
    AuthenticationRequest.objects.update(created_at=long_ago, consumed_at=long_ago)

    assert NOTHING in link(as_alice, test).text
    assert not LinkedIdentity.objects.exists()


def test_nor_does_an_earlier_test_or_one_of_other_settings(
    as_alice: Client, alice: User, entra: Entra
) -> None:
    earlier = try_out(as_alice, entra, alice)
    later = try_out(as_alice, entra, alice, object_id=OTHER)
    assert NOTHING in link(as_alice, earlier).text
    provider = IdentityProvider.objects.get()
    provider.config_version += 1
    provider.save()

    assert NOTHING in link(as_alice, later).text
    assert not LinkedIdentity.objects.exists()


def test_only_the_administrators_own_test_counts(
    as_alice: Client, as_carol: Client, as_mallory: Client, alice: User, entra: Entra
) -> None:
    test = try_out(as_alice, entra, alice)

    assert link(as_carol, test).status_code == 403
    assert NOTHING in link(as_mallory, test).text
    assert NOTHING in link(as_alice, "").text
    assert as_alice.get(f"{PAGE}link/").status_code == 302
    assert not LinkedIdentity.objects.exists()


def test_a_test_alone_links_nobody(as_alice: Client, alice: User, entra: Entra) -> None:
    try_out(as_alice, entra, alice)

    said = {"name_id": NAME, "object_id": OBJECT_ID}
    assert refused(Visitor(entra), alice, **said) == "person-unknown"
