"""Authorization code and refresh (RFC 6749 §4.1, §6), rows B8 to B16 of the catalogue."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, grants, tokens
from chatwork_admin.authorization.models import AccessToken, Grant
from chatwork_admin.authorization.tasks import forget_tokens
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from tests.authorization.conftest import Registered, granted, registered
from tests.authorization.gallery import BACK, Gallery
from tests.authorization.test_client_credentials import Ask, refused, scim
from tests.conftest import actor_for, enable

AUTHORIZE = "/oauth/authorize"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    .rstrip(b"=")
    .decode()
)
ANSWER = re.compile(r'<a id="consent-answer"[^>]* href="([^"]+)"')
Knowing = Gallery | Registered


def query(client: Knowing, **changed: str) -> dict[str, str]:
    asked = {"client_id": client.client_id, "redirect_uri": BACK, "state": "1"}
    return {"response_type": "code"} | asked | changed


def answered(page: Any) -> dict[str, str]:
    """Return what the browser brings back to Entra ID."""
    found = ANSWER.search(page.text)
    assert found is not None, page.text
    address = urlsplit(unescape(found[1]))
    assert f"{address.scheme}://{address.netloc}{address.path}" == BACK
    said = parse_qs(address.query, keep_blank_values=True)
    return {name: values[0] for name, values in said.items()}


def code_of(browser: Client, client: Knowing, **changed: str) -> str:
    asked = f"{AUTHORIZE}?{urlencode(query(client, **changed))}"
    return answered(browser.post(asked))["code"]


def exchange(code: str, **changed: str) -> dict[str, str]:
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return fields | changed


def refresh(token: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": token}


@pytest.fixture(params=["gallery", "registered"])
def knowing(
    request: pytest.FixtureRequest, enabled_acme: Organization
) -> Gallery | Registered:
    if request.param == "gallery":
        return request.getfixturevalue("gallery")  # type: ignore[no-any-return]
    return registered(enabled_acme)


def test_a_code_is_worth_a_token_that_can_be_refreshed(
    as_alice: Client, ask: Ask, knowing: Knowing, alice: User
) -> None:
    given_code = code_of(as_alice, knowing)

    answer = ask(exchange(given_code) | knowing.body)

    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said.keys() == {
        "access_token",
        "expires_in",
        "refresh_token",
        "scope",
        "token_type",
    }
    assert scim(said["access_token"]).status_code == 200
    again = ask(refresh(said["refresh_token"]) | knowing.body)
    assert again.status_code == 200
    assert again.json()["refresh_token"] == said["refresh_token"]  # not rotated (D2)
    assert scim(again.json()["access_token"]).status_code == 200
    assert scim(said["access_token"]).status_code == 200  # lives out its hour (D3)
    grant = Grant.objects.get()
    assert (grant.organization, grant.authorized_by) == (alice.organization, alice)
    [event] = AuditEvent.objects.filter(action=Action.GRANT_AUTHORIZED)
    assert event.actor["label"] == "Alice"


def test_who_provisions_by_a_grant_of_the_gallery_has_its_name(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    grant = enabled_acme.grants.get()
    for _ in range(2):  # the second is well known
        client = tokens.admit(said["access_token"], reference="", address="")
        assert client.actor.id == str(grant.pk)
        assert client.actor.label == "Microsoft Entra ID"
    event = AuditEvent.objects.get(action=Action.TOKEN_ISSUED)
    assert event.actor["id"] == str(grant.pk)


@pytest.mark.parametrize("challenge", [{}, {"code_challenge": ""}])
def test_who_offers_a_proof_of_no_value_gets_no_code_without_one(
    as_alice: Client,
    gallery: Gallery,
    enabled_acme: Organization,
    challenge: dict[str, str],
) -> None:
    asked = query(gallery, code_challenge_method="S256", **challenge)
    page = as_alice.post(f"{AUTHORIZE}?{urlencode(asked)}")

    assert answered(page)["error"] == "invalid_request"
    assert not Grant.objects.exists()


def test_what_has_no_value_counts_as_left_out(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    asked = query(gallery, scope="", response_type="", state="")
    page = as_alice.post(f"{AUTHORIZE}?{urlencode(asked)}")

    assert answered(page).keys() == {"code", "iss"}


@pytest.mark.parametrize("state", ["1", "x" * 1500, "a b+c&d=é/%25?#"])
def test_the_state_comes_back_as_it_was(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization, state: str
) -> None:
    page = as_alice.post(f"{AUTHORIZE}?{urlencode(query(gallery, state=state))}")
    assert answered(page)["state"] == state
    assert answered(page)["iss"] == "https://admin.example.jp"


def test_the_gallery_may_leave_the_response_type_out_and_nobody_else(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    asked = query(gallery)
    del asked["response_type"]
    assert as_alice.get(AUTHORIZE, asked).status_code == 200

    answer = as_alice.get(
        AUTHORIZE, asked | {"client_id": registered(enabled_acme).client_id}
    )

    assert answer.status_code == 400
    assert answered(answer)["error"] == "invalid_request"


def test_a_code_is_good_once_and_its_reuse_ends_what_it_gave(
    as_alice: Client, ask: Ask, knowing: Knowing
) -> None:
    fields = exchange(code_of(as_alice, knowing)) | knowing.body
    said = ask(fields).json()

    assert refused(ask(fields), "invalid_grant", 400)

    assert scim(said["access_token"]).status_code == 401
    renewal = refresh(said["refresh_token"]) | knowing.body
    assert refused(ask(renewal), "invalid_grant", 400)
    assert refused(ask(fields), "invalid_grant", 400)
    assert AuditEvent.objects.filter(action=Action.CODE_REUSED).count() == 1


def test_a_code_is_good_for_a_minute(
    as_alice: Client, ask: Ask, knowing: Knowing
) -> None:
    code = code_of(as_alice, knowing)
    Grant.objects.update(issued_at=timezone.now() - timedelta(minutes=1))
    assert refused(ask(exchange(code) | knowing.body), "invalid_grant", 400)


def test_a_code_is_bound_to_the_client_and_the_address(
    as_alice: Client, ask: Ask, gallery: Gallery, settings: Any, enabled_acme: Any
) -> None:
    other = registered(enabled_acme)
    settings.OAUTH_REDIRECT_URIS = [BACK, "https://entra.microsoft.com/x"]
    code = code_of(as_alice, gallery)

    assert refused(ask(exchange(code) | other.body), "invalid_grant", 400)
    elsewhere = exchange(code, redirect_uri="https://entra.microsoft.com/x")
    assert ask(elsewhere | gallery.body).status_code == 400
    nowhere = exchange(code) | gallery.body
    del nowhere["redirect_uri"]
    assert ask(nowhere).status_code == 400
    assert not AccessToken.objects.exists()
    assert ask(exchange(code) | gallery.body).status_code == 200


def test_a_refresh_token_is_bound_to_the_client(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    other = registered(enabled_acme)
    fields = refresh(said["refresh_token"])
    assert refused(ask(fields | other.body), "invalid_grant", 400)
    assert refused(ask(fields | gallery.body | {"client_secret": "x"}))


@pytest.mark.parametrize(
    ("verifier", "status"), [(VERIFIER, 200), ("w" * 43, 400), ("", 400)]
)
def test_who_began_with_a_challenge_must_know_its_answer(
    as_alice: Client, ask: Ask, knowing: Knowing, verifier: str, status: int
) -> None:
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = code_of(as_alice, knowing, **pkce)
    proof = {"code_verifier": verifier} if verifier else {}
    assert ask(exchange(code) | knowing.body | proof).status_code == status


def test_a_challenge_that_was_taken_away_is_missed(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    fields = exchange(code_of(as_alice, gallery)) | gallery.body
    proof = {"code_verifier": VERIFIER}
    assert refused(ask(fields | proof), "invalid_grant", 400)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),  # means plain
        (
            {"code_challenge": "x" * 200, "code_challenge_method": "S256"},
            "invalid_request",
        ),
    ],
)
def test_what_is_not_supported_is_said_here_and_there(
    as_alice: Client,
    gallery: Gallery,
    enabled_acme: Organization,
    changed: dict[str, str],
    error: str,
) -> None:
    answer = as_alice.post(f"{AUTHORIZE}?{urlencode(query(gallery, **changed))}")
    assert answer.status_code == 400
    assert answered(answer) == {
        "error": error,
        "state": "1",
        "iss": "https://admin.example.jp",
    }
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://portal.azure.com/TokenAuthorize/",
        "https://portal.azure.com/TokenAuthorize?x=1",
        "https://portal.azure.com/TokenAuthorize#x",
        "https://portal.azure.com/tokenauthorize",
        "https://PORTAL.azure.com/TokenAuthorize",
        "https://portal.azure.com:443/TokenAuthorize",
        "http://portal.azure.com/TokenAuthorize",
        "https://portal.azure.com@evil.example/TokenAuthorize",
        "https://portal.azure.com.evil.example/TokenAuthorize",
        "https://evil.example/?https://portal.azure.com/TokenAuthorize",
        "//portal.azure.com/TokenAuthorize",
        "javascript:alert(1)",
    ],
)
def test_an_answer_goes_to_registered_addresses_only(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization, address: str
) -> None:
    asked = query(gallery, redirect_uri=address)
    for answer in (
        as_alice.get(AUTHORIZE, asked),
        as_alice.post(f"{AUTHORIZE}?{urlencode(asked)}"),
        as_alice.post(f"/oauth/deny?{urlencode(asked)}"),
    ):
        assert answer.status_code == 400
        assert "not registered. You are not led there." in answer.text
        assert "http-equiv" not in answer.text
        assert ANSWER.search(answer.text) is None
    assert not Grant.objects.exists()


def test_a_client_that_is_not_there_is_refused_on_a_page_of_ours(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization, globex: Organization
) -> None:
    theirs = registered(globex)
    for client_id in ("", "nobody", theirs.client_id, "\0", "é"):
        answer = as_alice.get(AUTHORIZE, query(gallery, client_id=client_id))
        assert answer.status_code == 400
        assert "is not registered for your organization" in answer.text
        assert ANSWER.search(answer.text) is None


def test_a_parameter_given_twice_is_refused_on_a_page_of_ours(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    for name in ("client_id", "redirect_uri", "state", "scope"):
        twice = [*query(gallery, scope="scim").items(), (name, "x")]
        answer = as_alice.get(f"{AUTHORIZE}?{urlencode(twice)}")
        assert answer.status_code == 400
        assert ANSWER.search(answer.text) is None


@hypothesis_settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    asked=strategies.dictionaries(
        strategies.sampled_from(
            [
                "client_id",
                "redirect_uri",
                "state",
                "scope",
                "response_type",
                "code_challenge",
                "code_challenge_method",
                "response_mode",
                "request",
                "grant",
                "client",
            ]
        ),
        strategies.text(max_size=40)
        | strategies.sampled_from(["gallery-client", BACK, "S256", "code"]),
    )
)
def test_whatever_is_asked_leads_nowhere_else(
    as_alice: Client,
    gallery: Gallery,
    enabled_acme: Organization,
    asked: dict[str, str],
) -> None:
    encoded = urlencode(asked, errors="replace")
    for answer in (
        as_alice.get(f"{AUTHORIZE}?{encoded}"),
        as_alice.post(f"{AUTHORIZE}?{encoded}"),
    ):
        assert answer.status_code in {200, 400}
        if ANSWER.search(answer.text):
            assert answered(answer)


def test_the_gallery_gets_nothing_without_a_grant(ask: Ask, gallery: Gallery) -> None:
    fields = gallery.body | {"grant": "x", "client": "x", "authenticated": "x"}
    assert refused(ask(fields), "unauthorized_client", 400)
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("field", ["code", "refresh_token"])
def test_what_nobody_has_given_is_worth_nothing(
    ask: Ask, gallery: Gallery, field: str
) -> None:
    kind = {"code": "authorization_code", "refresh_token": "refresh_token"}[field]
    for said in ("x", "", "\0", "scimcode_" + "A" * 43 + "_00000000"):
        fields = {"grant_type": kind, field: said, "redirect_uri": BACK}
        answer = ask(fields | gallery.body)
        assert answer.status_code == 400
        assert answer.json()["error"] in {"invalid_grant", "invalid_request"}


def revoke(acme: Organization, _: User) -> None:
    grants.revoke(acme, acme.grants.earliest("id").pk, actor=SYSTEM)


def disable_and_enable(acme: Organization, alice: User) -> None:
    gate.disable(acme, administrator=alice, actor=actor_for(alice))
    enable(acme)


def remove_client(acme: Organization, _: User) -> None:
    clients.remove(acme, acme.oauth_clients.get().pk, actor=SYSTEM)


@pytest.mark.parametrize("spoil", [revoke, disable_and_enable, remove_client])
def test_what_ends_a_grant_ends_its_tokens_at_once(
    as_alice: Client,
    ask: Ask,
    enabled_acme: Organization,
    alice: User,
    spoil: Callable[[Organization, User], None],
) -> None:
    entra = registered(enabled_acme)
    said = ask(exchange(code_of(as_alice, entra)) | entra.body).json()
    assert scim(said["access_token"]).status_code == 200

    spoil(enabled_acme, alice)

    assert scim(said["access_token"]).status_code == 401
    renewal = ask(refresh(said["refresh_token"]) | entra.body)
    assert renewal.status_code in {400, 401}


def test_disabling_ends_codes_and_refresh_tokens_of_the_gallery(
    as_alice: Client,
    ask: Ask,
    gallery: Gallery,
    enabled_acme: Organization,
    alice: User,
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    waiting = code_of(as_alice, gallery)

    disable_and_enable(enabled_acme, alice)

    assert refused(ask(exchange(waiting) | gallery.body), "invalid_grant", 400)
    renewal = refresh(said["refresh_token"]) | gallery.body
    assert refused(ask(renewal), "invalid_grant", 400)


def test_a_grant_outlives_the_right_of_whoever_gave_it(
    as_alice: Client, ask: Ask, gallery: Gallery, carol: User, enabled_acme: Any
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    alice = User.objects.get(role=User.Role.ADMINISTRATOR)
    User.objects.filter(pk=alice.pk).update(role=User.Role.MEMBER, is_active=False)
    User.objects.filter(pk=carol.pk).update(role=User.Role.ADMINISTRATOR)
    answer = ask(refresh(said["refresh_token"]) | gallery.body)
    assert answer.status_code == 200
    assert scim(answer.json()["access_token"]).status_code == 200


def test_a_grant_that_nobody_has_used_for_ninety_days_is_over(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    renewal = refresh(said["refresh_token"]) | gallery.body
    Grant.objects.update(last_used_at=timezone.now() - timedelta(days=89))
    assert ask(renewal).status_code == 200
    Grant.objects.update(last_used_at=timezone.now() - timedelta(days=90))
    assert refused(ask(renewal), "invalid_grant", 400)


def test_neither_codes_nor_refresh_tokens_can_be_read_in_the_database(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    code = code_of(as_alice, gallery)
    said = ask(exchange(code) | gallery.body).json()
    given_out = f"{code}|{said['access_token']}|{said['refresh_token']}"
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            sql = f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s'
            cursor.execute(sql, [given_out])
            assert cursor.fetchone() == (0,), table


def test_codes_that_nobody_exchanged_are_forgotten(
    as_alice: Client, gallery: Gallery, enabled_acme: Organization
) -> None:
    used = granted(enabled_acme)
    code_of(as_alice, gallery)
    Grant.objects.update(issued_at=timezone.now() - timedelta(days=2))

    forget_tokens()

    assert list(Grant.objects.all()) == [used]
