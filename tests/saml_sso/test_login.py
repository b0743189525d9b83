"""The controls: who must get in, gets in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import User, UserSession
from saml_sso.models import Completion, TrustedCertificate
from tests.entra_id.saml_responses import SigningOption
from tests.saml_sso.signing_in import Entra, Visitor


def test_a_member_signs_in_and_lands_on_a_page_of_their_own(
    visitor: Visitor, bob: User
) -> None:
    response = visitor.sign_in(bob)

    assert response.status_code == 302
    home = visitor.client.get(response["Location"], follow=True)
    assert home.redirect_chain == [("/account/", 302)]
    assert "bob@acme.test" in home.text
    assert "Acme 株式会社" in home.text
    assert "To the admin settings" not in home.text


def test_an_administrator_lands_in_the_portal(visitor: Visitor, alice: User) -> None:
    response = visitor.sign_in(alice)

    home = visitor.client.get(response["Location"], follow=True)
    assert home.redirect_chain == [("/manage/", 302)]
    assert home.status_code == 200


def test_the_session_says_how_it_began_and_the_sign_in_is_recorded(
    visitor: Visitor, bob: User
) -> None:
    response = visitor.sign_in(bob)

    session = UserSession.objects.get()
    assert (session.user, session.began) == (bob, "saml")
    assert session.saml_name_id == "bob@acme.test"
    assert session.saml_issuer == visitor.entra.signer.entity_id
    assert session.saml_session_index.startswith("_")
    (event,) = AuditEvent.objects.filter(action="login.succeeded")
    assert event.actor["id"] == event.target["id"] == str(bob.pk)
    assert event.reference == response["X-Request-Id"]
    assert not Completion.objects.exists()


def test_signing_in_gives_a_new_session_key_and_keeps_nothing_of_the_old(
    visitor: Visitor, bob: User
) -> None:
    planted = visitor.client.session
    planted["planted"] = "by somebody"
    planted.save()
    visitor.client.cookies[settings.SESSION_COOKIE_NAME] = str(planted.session_key)

    visitor.sign_in(bob)

    assert visitor.client.session.session_key != planted.session_key
    assert "planted" not in visitor.client.session


def test_the_browser_goes_where_it_wanted_to(visitor: Visitor, alice: User) -> None:
    asked = visitor.start(next="/manage/sync/?tab=1")

    response = visitor.follow(visitor.answer(asked, alice))

    assert response["Location"] == "/manage/sync/?tab=1"


@pytest.mark.parametrize("option", ["assertion", "response", "both"])
def test_each_signing_option_of_entra_lets_in(
    visitor: Visitor, bob: User, option: SigningOption
) -> None:
    visitor.sign_in(bob, signing_option=option)

    assert visitor.is_signed_in


def test_a_clock_ninety_seconds_ahead_lets_in(visitor: Visitor, bob: User) -> None:
    visitor.sign_in(bob, now=datetime.now(UTC) + timedelta(seconds=90))

    assert visitor.is_signed_in


def test_the_same_person_may_sign_in_twice_with_two_assertions(
    visitor: Visitor, bob: User
) -> None:
    visitor.sign_in(bob)
    other_browser = Visitor(visitor.entra)
    other_browser.sign_in(bob)

    assert visitor.is_signed_in
    assert other_browser.is_signed_in


def test_two_tabs_answered_in_reverse_order_both_let_in(
    visitor: Visitor, alice: User
) -> None:
    first = visitor.start(next="/manage/users/")
    second = visitor.start(next="/manage/teams/")

    second_answer = visitor.answer(second, alice)
    first_answer = visitor.answer(first, alice)

    assert visitor.follow(second_answer)["Location"] == "/manage/teams/"
    assert visitor.follow(first_answer)["Location"] == "/manage/users/"


def test_the_answer_neither_needs_nor_gives_a_cookie(
    visitor: Visitor, bob: User
) -> None:
    response = visitor.answer(visitor.start(), bob)

    assert response.status_code == 303
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


def test_the_ticket_of_the_browser_is_a_cookie_nobody_else_reads(
    visitor: Visitor,
) -> None:
    visitor.start()

    (cookie,) = visitor.client.cookies.values()
    assert len(cookie.value) == 43
    assert cookie["path"] == "/saml/"
    assert cookie["samesite"] == "Lax"
    assert cookie["httponly"]
    assert cookie["max-age"] == 600
    assert bool(cookie["secure"]) == settings.IS_HTTPS


def test_what_the_identity_provider_is_told_says_nothing_of_where_to_go(
    visitor: Visitor,
) -> None:
    asked = visitor.start(next="/manage/sync/")

    assert "manage" not in asked.url
    assert len(asked.relay_state) == 43


def test_an_assertion_without_a_session_end_lasts_as_long_as_a_session(
    visitor: Visitor, bob: User
) -> None:
    visitor.sign_in(bob)

    session = UserSession.objects.get()
    lasts = session.expires_at - session.started_at
    assert lasts == timedelta(hours=settings.SESSION_HOURS)


def test_which_certificate_signed_last_is_noted(entra: Entra, bob: User) -> None:
    Visitor(entra).sign_in(bob)

    certificate = TrustedCertificate.objects.get()
    assert certificate.first_used_at is not None
    assert certificate.first_used_at == certificate.last_used_at


def test_each_organization_has_its_own_way_in(
    visitor: Visitor, globex_entra: Entra, bob: User, mallory: User
) -> None:
    visitor.sign_in(bob)
    at_globex = Visitor(globex_entra)
    at_globex.sign_in(mallory)

    people = UserSession.objects.values_list("user", "organization")
    assert set(people) == {
        (bob.pk, bob.organization_id),
        (mallory.pk, mallory.organization_id),
    }
