"""The identity provider ends sessions, as browsers carry it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.models.sessions import Began, Why
from chatwork_admin.organizations.sessions.by_saml import add_index, kept
from chatwork_admin.organizations.sessions.confirmation import confirm_identity
from saml_sso import addresses, keys
from saml_sso.identity_providers import modes
from saml_sso.messages.response_reasons import ResponseReason
from saml_sso.models import Arrival, IdentityProvider, SeenAssertion, TrustedCertificate
from tests.conftest import actor_for, signed_in
from tests.examples import DEAR
from tests.saml_sso.hostile.logouts import HostileQuery, hostile_logouts
from tests.saml_sso.hostile.target import Target
from tests.saml_sso.logging_out import (
    bring,
    by_saml,
    ended,
    is_in,
    refusals,
    sent,
    told,
)
from tests.saml_sso.signing_in import Entra, Visitor, entra_of, entry_of, signer_of

FEW = settings(DEAR, database=None)


def test_the_identity_provider_ends_a_session_without_its_cookie(
    visitor: Visitor, entra: Entra, bob: User
) -> None:
    visitor.sign_in(bob)
    session = bob.sessions.get()
    query = told(entra, session.saml_name_id, session.saml_session_index)

    response = bring(entra, query)

    assert not visitor.is_signed_in
    session.refresh_from_db()
    assert session.ended_why == Why.IDENTITY_PROVIDER
    (event,) = ended()
    assert event.actor["kind"] == "identity-provider"
    assert event.target["id"] == str(bob.pk)
    assert sent(response, entra.signer.logout_url).relay_state == "r"


def test_only_the_sessions_that_are_named_end(entra: Entra, bob: User) -> None:
    one, two, three = (by_saml(bob, index) for index in ("_1", "_2", "_3"))
    bring(entra, told(entra, bob.user_name, "_1", "_3"))

    assert [is_in(client) for client in (one, two, three)] == [False, True, False]
    assert ended()[0].context["sessions"] == 2


@pytest.mark.parametrize("index", ["_1", "_2", "_3", "_4"])
def test_a_session_ends_by_each_index_that_it_has_had(
    entra: Entra, bob: User, index: str
) -> None:
    client, other = by_saml(bob, "_1"), by_saml(bob, "_5")
    session = bob.sessions.get(saml_session_index="_1")
    for later in ("_2", "_3", "_4"):
        confirm_identity(
            session, by=Began.SAML, saml_session_index=later, actor=actor_for(bob)
        )
    bring(entra, told(entra, bob.user_name, "_0", index, "_9"))

    assert not is_in(client)
    assert is_in(other)


def test_without_an_index_all_of_that_name_end_and_nobody_elses(
    entra: Entra, bob: User, carol: User
) -> None:
    bobs = [by_saml(bob, "_1"), by_saml(bob, "")]
    carols = by_saml(carol, "_3")
    password = signed_in(bob)
    bring(entra, told(entra, bob.user_name))

    assert not any(is_in(client) for client in bobs)
    assert is_in(carols)
    assert is_in(password)


def test_a_session_ends_by_an_index_too_long_to_keep_and_no_other_does(
    visitor: Visitor, entra: Entra, bob: User
) -> None:
    index = "_" + "x" * 3000
    visitor.sign_in(bob, session_index=index)
    others = by_saml(bob, index[:255])

    bring(entra, told(entra, bob.user_name, index[:-1]))
    assert is_in(visitor.client)
    bring(entra, told(entra, bob.user_name, index))

    assert not is_in(visitor.client)
    assert is_in(others)


def test_a_later_index_may_be_as_long(
    visitor: Visitor, entra: Entra, bob: User
) -> None:
    visitor.sign_in(bob)
    index = kept("_" + "x" * 3000)
    add_index(bob.sessions.get(), index)

    bring(entra, told(entra, bob.user_name, "_" + "x" * 3000))

    assert not visitor.is_signed_in


def test_a_session_of_which_no_index_is_known_ends_by_its_name(
    entra: Entra, bob: User
) -> None:
    client = by_saml(bob, "")
    bring(entra, told(entra, bob.user_name, "_some"))

    assert not is_in(client)


def test_nobody_here_by_that_name_is_a_success_too(entra: Entra, bob: User) -> None:
    response = bring(entra, told(entra, "nobody@acme.test", "_1"))

    assert sent(response, entra.signer.logout_url).root.tag.endswith("LogoutResponse")
    assert not ended()


def test_where_there_is_no_address_to_answer_to_the_browser_stays_at_the_door(
    entra: Entra, bob: User
) -> None:
    IdentityProvider.objects.update(single_logout_url="")
    client = by_saml(bob, "_1")

    response = bring(entra, told(entra, bob.user_name, "_1"), client)

    assert response["Location"] == "/s/acme/"
    assert "You have signed out." in client.get("/s/acme/").text
    assert not is_in(client)


def test_a_request_counts_once(entra: Entra, bob: User) -> None:
    query = told(entra, bob.user_name)
    bring(entra, query)
    client = by_saml(bob, "_1")

    assert bring(entra, query).status_code == 403
    assert refusals() == ["logout-replayed"]
    assert is_in(client)


def test_the_neighbours_identity_provider_ends_nothing_of_ours(
    entra: Entra, globex_entra: Entra, bob: User
) -> None:
    client = by_saml(bob, "_1")
    own = told(globex_entra, bob.user_name, "_1")

    assert bring(globex_entra, own).status_code == 302
    assert bring(entra, own).status_code == 403
    assert is_in(client)
    assert not ended()


def test_without_an_identity_provider_nothing_is_read(
    acme: Organization, alice: User
) -> None:
    response = Client().get(f"/saml/{acme.public_id}/logout?SAMLRequest=x")

    assert response.status_code == 403
    assert refusals() == ["saml-off"]


def test_sessions_end_also_while_saml_is_off(entra: Entra, bob: User) -> None:
    client = by_saml(bob, "_1")
    IdentityProvider.objects.update(mode=IdentityProvider.Mode.OFF)
    bring(entra, told(entra, bob.user_name))

    assert not is_in(client)


def target(entra: Entra, bob: User) -> Target:
    organization = entra.organization
    return Target(
        entity_id=addresses.metadata_url(organization),
        acs_url=addresses.acs_url(organization),
        logout_url=addresses.logout_url(organization),
        request_id="_none",
        provider=entra.signer,
        neighbour=signer_of("globex"),
        victim=entry_of(bob),
        pair=keys.current_pair(),
    )


def test_every_hostile_request_is_refused_for_its_own_reason_and_ends_nothing(
    entra: Entra, bob: User
) -> None:
    client = by_saml(bob, "_1")
    messages = hostile_logouts(target(entra, bob))
    assert len(messages) >= 40
    (usual,) = TrustedCertificate.objects.values_list("pem", flat=True)
    for message in messages:
        pems: Any = message.changes.get("certificates", (usual,))
        TrustedCertificate.objects.update(pem=pems[0])

        assert bring(entra, message.query).status_code == 403, message.name
        assert refusals()[-1] == reason_of(message), message.name

    assert is_in(client)
    assert not ended()
    assert not SeenAssertion.objects.exists()
    assert len(refusals()) == len(messages)


def reason_of(message: HostileQuery) -> str:
    """A query with a response is read as one: that has its own order of checks."""
    if message.name == "a response in its place":
        return ResponseReason.SIGNATURE_INVALID
    return message.reason


@pytest.fixture
def genuine(entra: Entra, bob: User) -> str:
    return told(entra, bob.user_name)


@FEW
@given(
    where=st.floats(0, 1, exclude_max=True),
    left_out=st.integers(0, 3),
    put=st.text("abcXYZ019%&=+/-._~あ\0", max_size=4),
)
def test_a_genuine_request_with_characters_changed(
    entra: Entra, genuine: str, where: float, left_out: int, put: str
) -> None:
    at = int(where * len(genuine))
    changed = genuine[:at] + put + genuine[at + left_out :]
    if changed == genuine:
        return

    response = bring(entra, changed)

    # An address may spell the same octets otherwise: then it is the same request.
    assert response.status_code in {302, 400, 403}
    if response.status_code == 302:
        SeenAssertion.objects.all().delete()


def test_a_flood_of_requests_has_to_wait(entra: Entra) -> None:
    bring(entra, "SAMLRequest=x")
    Arrival.objects.update(at=datetime(2999, 1, 1, tzinfo=UTC))
    answer = bring(entra, "SAMLRequest=x")

    assert answer.status_code == 429
    assert answer["Retry-After"] == "1"


def test_switching_saml_off_ends_what_it_began_but_for_who_did_it(
    acme: Organization, alice: User, bob: User, carol: User
) -> None:
    entra_of(acme)
    alices, bobs = by_saml(alice, "_1"), by_saml(bob, "_2")
    carols = signed_in(carol)
    modes.switch(
        acme,
        IdentityProvider.Mode.OFF,
        administrator=alice,
        actor=actor_for(alice),
    )

    assert [is_in(client) for client in (alices, bobs, carols)] == [True, False, True]
    assert UserSession.objects.get(user=bob).ended_why == Why.SAML_OFF
