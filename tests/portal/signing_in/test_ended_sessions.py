"""Who was here is led to their own door, is told why, and is not sent in circles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as product
from django.test import Client
from django.utils import timezone

from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.models.sessions import Began, Why
from tests.conftest import signed_in
from tests.saml_sso.certificate_rows import let_all_expire
from tests.saml_sso.signing_in import Visitor, entra_of, refused_because

ACCOUNT, DOOR = "/account/", "/s/acme/"
NO_ACCESS = "Your access to this organization has ended"


@pytest.fixture
def as_bob(bob: User, alice: User) -> Client:
    return signed_in(bob, began=Began.SAML)


@pytest.fixture
def bobs(acme: Organization, bob: User, alice: User) -> Visitor:
    """Bob's browser, in which he has signed in by SAML."""
    visitor = Visitor(entra_of(acme))
    visitor.sign_in(bob)
    return visitor


def alter(person: User, **columns: Any) -> None:
    UserSession.objects.filter(user=person).update(**columns)


def end(person: User, why: Why) -> None:
    alter(person, ended_at=timezone.now(), ended_why=why)


def suspend(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    end(person, Why.SUSPENDED)


def led_from(client: Client, path: str = ACCOUNT) -> tuple[str, str]:
    response = client.get(path)
    return response["Location"], client.get(response["Location"]).text


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (Why.IDENTITY_PROVIDER, "signed out at Microsoft Entra ID"),
        (Why.ADMINISTRATOR, "An administrator has signed you out"),
        (Why.SIGNED_OUT_ELSEWHERE, "from another of your sessions"),
        (Why.CREDENTIAL, "your password or app was changed"),
        (Why.SAML_OFF, "was switched off"),
        (Why.SUSPENDED, "Your session has ended."),  # and is active again
    ],
)
def test_the_door_of_ones_own_organization_says_what_ended_a_session(
    as_bob: Client, bob: User, why: Why, words: str
) -> None:
    end(bob, why)

    location, page = led_from(as_bob)

    assert location == f"{DOOR}?next={ACCOUNT}"
    assert words in page
    assert words in as_bob.get(DOOR).text  # as often as it is looked at
    assert NO_ACCESS not in page


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"last_seen_at": timedelta(minutes=241)}, "did nothing here"),
        (
            {"started_at": timedelta(hours=12), "expires_at": timedelta(0)},
            "after 12 hours",
        ),
        (
            {"started_at": timedelta(hours=1), "expires_at": timedelta(0)},
            "the time that Microsoft Entra ID allowed",
        ),
    ],
)
def test_the_door_says_which_limit_was_reached(
    as_bob: Client, bob: User, columns: dict[str, timedelta], words: str
) -> None:
    now = timezone.now()
    alter(bob, **{name: now - before for name, before in columns.items()})

    assert words in led_from(as_bob)[1]


def test_the_browser_remembers_longer_than_the_session_lasts(bobs: Visitor) -> None:
    cookie = bobs.client.cookies[product.SESSION_COOKIE_NAME]

    assert int(cookie["max-age"]) > product.SESSION_HOURS * 60 * 60


def test_strangers_and_neighbours_are_told_nothing(
    as_bob: Client, bob: User, mallory: User
) -> None:
    suspend(bob)
    led_from(as_bob)

    stranger = Client()
    assert led_from(stranger)[0] == f"/sign-in/?next={ACCOUNT}"
    for page in (stranger.get(DOOR), as_bob.get(f"/s/{mallory.organization.slug}/")):
        assert NO_ACCESS not in page.text
        assert "signed out" not in page.text


def test_whoever_is_suspended_is_told_so_and_whom_to_ask(
    as_bob: Client, bob: User, alice: User
) -> None:
    suspend(bob)

    page = led_from(as_bob)[1]

    assert NO_ACCESS in page
    assert alice.display_name in page


def test_the_suspended_are_not_sent_in_circles(bobs: Visitor, bob: User) -> None:
    suspend(bob)
    led_from(bobs.client)

    refused = bobs.post_only(*answer_of(bobs, bob))
    page = bobs.client.get(refused["Location"])

    assert refused_because() == ["person-suspended"]
    assert page.status_code == 403
    assert NO_ACCESS in page.text
    assert "start once more" not in page.text
    assert refused["X-Request-Id"] in page.text
    # and nobody else learns it, who has such an answer
    elsewhere = Client().get(refused["Location"])
    assert NO_ACCESS not in elsewhere.text
    assert "start once more" in elsewhere.text


def test_an_expired_certificate_sends_nobody_in_circles(
    bobs: Visitor, bob: User, alice: User
) -> None:
    end(bob, Why.IDENTITY_PROVIDER)
    led_from(bobs.client)
    asked = bobs.start()
    let_all_expire()

    refused = bobs.post_only("any", asked.relay_state)

    page = bobs.client.get(refused["Location"]).text
    assert "certificate is not valid now" in page
    assert alice.display_name in page
    assert "certificate" not in Client().get(refused["Location"]).text


def answer_of(visitor: Visitor, person: User) -> tuple[str, str]:
    asked = visitor.start()
    return visitor.entra.answer(asked.request_id, person), asked.relay_state


def test_a_page_that_was_only_read_lost_no_form(as_alice: Client, alice: User) -> None:
    alter(alice, last_seen_at=timezone.now() - timedelta(minutes=31))

    assert "was not carried out" not in led_from(as_alice, "/manage/")[1]


def test_a_refresh_after_the_end_leads_to_the_same_door(
    as_alice: Client, alice: User
) -> None:
    end(alice, Why.IDENTITY_PROVIDER)

    refresh = as_alice.get("/manage/sync/status/", headers={"HX-Request": "true"})

    assert refresh["HX-Refresh"] == "true"
    location, page = led_from(as_alice, "/manage/sync/")
    assert location.startswith(DOOR)
    assert "signed out at Microsoft Entra ID" in page


def test_signing_in_again_forgets_it(bobs: Visitor, bob: User) -> None:
    end(bob, Why.IDENTITY_PROVIDER)
    led_from(bobs.client)

    bobs.sign_in(bob)
    bobs.client.post("/sign-out/")

    assert "at Microsoft Entra ID." not in bobs.client.get(DOOR).text


def test_the_address_of_answers_leads_to_the_door_if_it_is_opened(
    bobs: Visitor,
) -> None:
    answer = Client().get(bobs.entra.address("acs"))

    assert (answer.status_code, answer["Location"]) == (302, DOOR)


def test_pages_of_refusals_can_be_read_in_the_other_language(bobs: Visitor) -> None:
    for name in ("answered", "logout"):
        page = Client().get(bobs.entra.address(name)).text
        assert 'name="language" value="ja"' in page


def test_who_administers_nothing_is_not_led_to_the_overview(as_bob: Client) -> None:
    page = as_bob.get("/manage/").text

    assert "To your account" in page
    assert "To the overview" not in page
