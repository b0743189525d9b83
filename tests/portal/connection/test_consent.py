"""The page on which the administrator lets a client in, or not."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization.models import Grant
from chatwork_admin.organizations.models import Organization, User, UserSession
from tests.authorization.codes import AUTHORIZE, answered, query
from tests.authorization.conftest import granted, registered
from tests.authorization.gallery import Gallery
from tests.conftest import signed_in
from tests.portal.signing_in.test_step_up import proven

CONNECTION = "/manage/sync/connection/"
DENY = "/oauth/deny"


def asking(gallery: Gallery) -> str:
    return f"{AUTHORIZE}?{urlencode(query(gallery))}"


def test_the_page_says_who_asks_and_what_it_may_do(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    answer = as_alice.get(asking(gallery))

    assert "<bdi>Microsoft Entra ID</bdi> asks to manage users of" in answer.text
    assert "<bdi>Acme 株式会社</bdi>" in answer.text
    assert "read messages, files or contacts" in answer.text
    assert "alice@acme.test" in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert "form-action 'self';" in answer["Content-Security-Policy"] + ";"
    assert not Grant.objects.exists()


def test_a_stranger_signs_in_and_comes_back(
    client: Client, alice: User, gallery: Gallery, enabled_acme: object, password: str
) -> None:
    door = client.get(asking(gallery))
    assert door["Location"] == f"/sign-in/?next={quote(asking(gallery), safe='/')}"
    fields = {
        "username": alice.user_name,
        "password": password,
        "next": asking(gallery),
    }
    assert client.post(door["Location"], fields)["Location"] == asking(gallery)


def test_cancelling_authorizes_nothing_and_says_so_there(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    page = as_alice.get(asking(gallery)).text
    target = re.search(r'formaction="([^"]+)"', page)
    assert target is not None

    answer = as_alice.post(target[1].replace("&amp;", "&"))

    assert "Nothing was authorized" in answer.text
    assert answered(answer)["error"] == "access_denied"
    assert answered(answer)["state"] == "1"
    assert not Grant.objects.exists()
    [event] = AuditEvent.objects.filter(action=Action.GRANT_DENIED)
    assert event.actor["label"] == "Alice"


@pytest.mark.parametrize("who", ["carol", "bob"])
def test_nobody_else_authorizes_anything(
    request: pytest.FixtureRequest,
    gallery: Gallery,
    enabled_acme: Organization,
    who: str,
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    for answer in (browser.get(asking(gallery)), browser.post(asking(gallery))):
        assert answer.status_code == 403
        assert "Only the organization administrator (\u2068Alice\u2069)" in answer.text
        assert answered(answer)["error"] == "access_denied"
    assert not Grant.objects.exists()


def test_while_synchronization_is_off_nothing_is_authorized(
    as_alice: Client, gallery: Gallery, acme: Organization
) -> None:
    for answer in (as_alice.get(asking(gallery)), as_alice.post(asking(gallery))):
        assert answer.status_code == 403
        assert "User synchronization is not enabled" in answer.text
        assert 'href="/manage/sync/"' in answer.text
        assert answered(answer)["error"] == "access_denied"
    assert not Grant.objects.exists()


REFUSED = {
    "an unknown client": ({"client_id": "nobody"}, 400, "is not registered for your"),
    "a client id that is none": ({"client_id": "\0"}, 400, "is not registered"),
    "another address": (
        {"redirect_uri": "https://evil.example/"},
        400,
        "You are not led there.",
    ),
    "no address": ({"redirect_uri": ""}, 400, "You are not led there."),
    "more than there is": ({"scope": "admin"}, 400, "does not exist here"),
    "a token at once": ({"response_type": "token"}, 400, "does not exist here"),
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=[*REFUSED])
def test_what_is_refused_writes_nothing_and_leads_nowhere_by_itself(
    as_alice: Client,
    gallery: Gallery,
    enabled_acme: Organization,
    refused: tuple[dict[str, str], int, str],
) -> None:
    changed, status, said = refused
    asked = f"?{urlencode(query(gallery) | changed)}"
    before = AuditEvent.objects.count()

    for answer in (
        as_alice.get(AUTHORIZE + asked),
        as_alice.post(AUTHORIZE + asked),
        as_alice.post(DENY + asked),
    ):
        assert answer.status_code == status
        assert said in answer.text
        assert "Location" not in answer
        assert 'http-equiv="refresh"' not in answer.text
        assert 'href="https://evil' not in answer.text
        assert CONNECTION in answer.text  # the administrator finds on from here
    assert not Grant.objects.exists()
    assert AuditEvent.objects.count() == before


def test_a_client_of_the_neighbour_is_not_known_here(
    as_alice: Client, enabled_acme: Organization, globex: Organization
) -> None:
    theirs = registered(globex)
    before = AuditEvent.objects.count()

    answer = as_alice.post(f"{AUTHORIZE}?{urlencode(query(theirs))}")

    assert answer.status_code == 400
    assert "is not registered for your organization" in answer.text
    assert not Grant.objects.exists()
    assert AuditEvent.objects.count() == before


def test_whoever_may_not_authorize_is_told_whom_to_ask_and_who_they_are(
    as_carol: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    before = AuditEvent.objects.count()
    denying = asking(gallery).replace(AUTHORIZE, DENY)

    for answer in (as_carol.post(asking(gallery)), as_carol.post(denying)):
        assert answer.status_code == 403
        assert "Ask that person to authorize it." in answer.text
        assert "<bdi>carol@acme.test</bdi> (User manager)" in answer.text
    assert AuditEvent.objects.count() == before


def test_without_the_plan_nothing_is_authorized(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    Organization.objects.update(plan="free")

    for answer in (as_alice.get(asking(gallery)), as_alice.post(asking(gallery))):
        assert answer.status_code == 403
        assert "The plan of this organization does not include" in answer.text
        assert "Enable it first" not in answer.text
        assert answered(answer)["error"] == "access_denied"
    assert not Grant.objects.exists()


def test_a_browser_left_open_is_asked_again_and_goes_on(
    as_alice: Client,
    alice: User,
    gallery: Gallery,
    enabled_acme: Organization,
    password: str,
) -> None:
    before = timezone.now() - timedelta(minutes=11)
    UserSession.objects.filter(user=alice).update(authenticated_at=before)

    asked = as_alice.post(asking(gallery))

    assert asked.status_code == 403
    assert "Authorize a connection" in asked.text
    assert not Grant.objects.exists()
    answer = as_alice.post(asking(gallery), proven(asked.text, password))
    assert answered(answer)["code"]


def test_who_leaves_to_prove_it_comes_back_to_the_same_question(
    as_alice: Client, alice: User, gallery: Gallery, enabled_acme: Organization
) -> None:
    as_alice.post("/account/step-up/leave/", {"step-up-path": asking(gallery)})

    page = as_alice.get("/account/step-up/").text

    form = re.search(r'<form id="go-on-form" method="post" action="([^"]+)"', page)
    assert form is not None
    answer = as_alice.post(form[1].replace("&amp;", "&"))
    assert answered(answer)["code"]


def test_without_the_forms_token_nothing_is_authorized(
    alice: User, gallery: Gallery, enabled_acme: Organization
) -> None:
    browser = signed_in(alice, Client(enforce_csrf_checks=True))
    for address in (asking(gallery), asking(gallery).replace("authorize", "deny")):
        assert browser.post(address).status_code == 403
    assert not Grant.objects.exists()


def test_connections_are_listed_and_revoked(
    as_alice: Client, enabled_acme: Organization
) -> None:
    grant = granted(enabled_acme)
    page = as_alice.get(CONNECTION).text
    assert "Authorized connections" in page
    assert "Microsoft Entra ID" in page
    address = f"{CONNECTION}grants/{grant.pk}/revoke/"
    assert "Its tokens are refused at once" in as_alice.get(address).text

    answer = as_alice.post(address, follow=True).text

    assert "The connection of “\u2068Microsoft Entra ID\u2069” is revoked." in answer
    grant.refresh_from_db()
    assert grant.revoked_by == "Alice"
    assert "revoked already" in as_alice.get(address).text
    as_alice.post(address)
    assert AuditEvent.objects.filter(action=Action.GRANT_REVOKED).count() == 1


def test_who_comes_to_the_refusal_by_a_link_is_asked_first(
    as_alice: Client, enabled_acme: Organization, gallery: Gallery
) -> None:
    response = as_alice.get(asking(gallery).replace("authorize", "deny"))

    assert (response.status_code, response["Location"]) == (302, asking(gallery))
