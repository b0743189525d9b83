"""What is answered before Django is asked is what Django would have answered."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import close_old_connections, connection
from django.db.models import F
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from pytest_django import DjangoAssertNumQueries

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.models import UserSynchronization
from scim import frequent, rate
from tests.conftest import ScimClientFor, actor_for, enable
from tests.scim.conftest import USERS, Document, Provisioning
from tests.scim.crowds import crowd
from tests.scim.statements import plan, recorded
from tests.scim.test_round_trips import DOCUMENTS

Environ = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """An answer; its reference differs from request to request."""

    status: str
    headers: dict[str, str]
    body: bytes
    reference: str = field(compare=False)


def asked(application: Any, environ: Environ) -> Said:
    started: list[Any] = []
    body = b"".join(application(environ, lambda *said: started.extend(said)))
    headers = dict(started[1])
    return Said(started[0], headers, body, headers.pop("X-Request-Id"))


def by_django(environ: Environ) -> Said:
    return asked(django, environ)


def django(environ: Environ, start_response: Any) -> Any:
    """Django, within the test's transaction (as django.test.Client has it)."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    try:
        return WSGIHandler()(environ, start_response)
    finally:
        signals.request_finished.connect(close_old_connections)
        signals.request_started.connect(close_old_connections)


def at_once(environ: Environ) -> Said | None:
    """The answer that needs no Django; None for what goes the long way."""
    found = frequent.answer(environ)
    if found is None:
        return None
    headers = dict(found[0])
    reference = headers.pop("X-Request-Id")
    return Said("200 OK", headers, found[1].encode(), reference)


def match(user_name: str) -> str:
    expression = f'userName eq "{user_name}"'
    return f"{USERS}?filter={quote(expression)}"


@pytest.fixture
def get(entra: Provisioning) -> Callable[..., Environ]:
    """Requests of a client that was here a moment ago."""
    entra.get(USERS, count=0)
    sent = {"HTTP_AUTHORIZATION": entra.client.defaults["HTTP_AUTHORIZATION"]}

    def environ(address: str, **more: Any) -> Environ:
        request = RequestFactory().get(address, **(sent | more))
        return dict(request.environ)

    return environ


@pytest.fixture
def user(entra: Provisioning) -> str:
    return entra.create("yamada@example.jp")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=DOCUMENTS)
def test_whatever_a_user_is_the_answers_are_the_same(
    get: Callable[..., Environ], entra: Provisioning, document: Document
) -> None:
    user = entra.post(USERS, document).id
    groups = [entra.create_group(name, user) for name in ('A "quoted"\\', "営業部")]

    for address in (f"{USERS}/{user}", match("a@example.jp"), match("A@EXAMPLE.JP")):
        found = at_once(get(address))
        assert found == by_django(get(address))
    for path in (f"{USERS}/{user}", *(f"/scim/v2/Groups/{each}" for each in groups)):
        entra.delete(path)

    assert at_once(get(f"{USERS}/{user}")) is None
    assert at_once(get(match("a@example.jp"))) == by_django(get(match("a@example.jp")))


@pytest.mark.parametrize("forwarded", [None, "https", "http", "https, http", "x"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_headers_are_the_same_by_http_and_https(
    get: Callable[..., Environ],
    user: str,
    settings: Any,
    scheme: str,
    forwarded: str | None,
) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    frequent.common.cache_clear()
    said = {} if forwarded is None else {"HTTP_X_FORWARDED_PROTO": forwarded}
    environ = get(f"{USERS}/{user}", **said, **{"wsgi.url_scheme": scheme})

    assert frequent.is_secure(environ) == WSGIRequest(environ).is_secure()
    assert at_once(environ) == by_django(environ)
    frequent.common.cache_clear()


def test_where_https_is_needed_http_goes_the_long_way(
    get: Callable[..., Environ], user: str, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert at_once(get(f"{USERS}/{user}")) is None
    assert by_django(get(f"{USERS}/{user}")).status == "403 Forbidden"
    assert at_once(get(f"{USERS}/{user}", **{"wsgi.url_scheme": "https"}))


def test_each_answer_has_a_reference_of_its_own(
    get: Callable[..., Environ], user: str
) -> None:
    said = [at_once(get(f"{USERS}/{user}")) for _ in range(3)]

    assert len({each.reference for each in said if each}) == 3


@pytest.mark.parametrize(
    "address",
    [
        "/scim/v2/Users/{id}/",
        "/scim/v2/Users/{ID}",
        "/scim/v2/Users/{id}?attributes=userName",
        "/scim/v2/Users/{nobody}",
        "/scim/v2/Users/yamada",
        "/scim/v2/Users/{id}%0A",
        "/scim/v2/Users",
        "/scim/v2/Users/",
        "/scim/v2/Users?filter=",
        "/scim/v2/Users?filter=userName%20eq%20yamada",
        "/scim/v2/Users?filter=userName%20sw%20%22y%22",
        "/scim/v2/Users?filter=userName%20eq%20%22a%5C%22b%22",
        "/scim/v2/Users?filter=userName%20eq%20%22a%22%20or%20active%20eq%20true",
        "/scim/v2/Users?filter=userName%20eq%20%22a%00%22",
        "/scim/v2/Users?filter=userName%20eq%20%22a%22&count=0",
        "/scim/v2/Users?filter=userName%20eq%20%22a%22&filter=userName%20pr",
        "/scim/v2/Users?count=1&filter=userName%20eq%20%22a%22",
        "/scim/v2/Users?filter=userName%20eq%20%22{nobody}%22",
        "/scim/v2/Groups/{id}",
        "/scim/v2/Groups?filter=userName%20eq%20%22a%22",
        "/scim/v2/users/{id}",
        "/",
    ],
)
def test_whatever_is_asked_otherwise_goes_the_long_way(
    get: Callable[..., Environ], user: str, address: str
) -> None:
    environ = get(address.format(id=user, ID=user.upper(), nobody=uuid.uuid4()))

    assert at_once(environ) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"REQUEST_METHOD": "HEAD"},
        {"REQUEST_METHOD": "DELETE"},
        {"HTTP_IF_MATCH": 'W/"9"'},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"SCRIPT_NAME": "/elsewhere"},
        {"HTTP_AUTHORIZATION": ""},
        {"HTTP_AUTHORIZATION": "Basic x"},
        {"HTTP_AUTHORIZATION": f"Bearer scim_{'A' * 43}_00000000"},
        {"HTTP_AUTHORIZATION": f"Bearer scim_{'é' * 43}_00000000"},
    ],
)
def test_so_does_what_is_sent_otherwise(
    get: Callable[..., Environ], user: str, changed: Environ
) -> None:
    assert at_once(get(f"{USERS}/{user}", **changed)) is None


def test_entras_own_flag_means_nothing(get: Callable[..., Environ], user: str) -> None:
    address = match("yamada@example.jp").replace("?", "?aadOptscim062020&")
    found = at_once(get(address))

    assert found == by_django(get(address))
    assert found is not None
    assert orjson.loads(found.body)["Resources"][0]["id"] == user


def test_blanks_of_a_query_may_be_pluses(
    get: Callable[..., Environ], user: str
) -> None:
    address = match("yamada@example.jp").replace("%20", "+")
    found = at_once(get(address))

    assert found == by_django(get(address))
    assert found is not None
    assert user.encode() in found.body


def test_somebody_elses_user_is_nobody(
    get: Callable[..., Environ], mallory: User
) -> None:
    assert at_once(get(f"{USERS}/{mallory.pk}")) is None
    assert by_django(get(f"{USERS}/{mallory.pk}")).status == "404 Not Found"
    found = at_once(get(match(mallory.user_name)))
    assert found is not None
    assert orjson.loads(found.body)["totalResults"] == 0


Spoil = Callable[[Organization, User], object]


def tokens_of(acme: Organization, **changed: object) -> None:
    AccessToken.objects.filter(organization=acme).update(**changed)


def gate_of(acme: Organization, **changed: object) -> None:
    UserSynchronization.objects.filter(organization=acme).update(**changed)


def revoke(acme: Organization) -> None:
    for token in acme.access_tokens.all():
        tokens.revoke(acme, token.pk, actor=SYSTEM)


def disable(acme: Organization, alice: User) -> None:
    gate.disable(acme, administrator=alice, actor=actor_for(alice))


def disable_and_enable(acme: Organization, alice: User) -> None:
    disable(acme, alice)
    enable(acme)
    gate_of(acme, last_contact_at=timezone.now())


def pause(acme: Organization, alice: User) -> None:
    gate.pause(acme, reason="", actor=actor_for(alice))


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda acme, _: revoke(acme), 401),
        (lambda acme, _: tokens_of(acme, expires_at=timezone.now()), 401),
        (lambda acme, _: tokens_of(acme, revoked_at=timezone.now()), 401),
        (disable_and_enable, 401),
        (disable, 403),
        (pause, 503),
        (lambda acme, _: Organization.objects.update(plan="free"), 403),
        (lambda acme, _: Organization.objects.update(plan="business"), 403),
    ],
)
def test_who_is_not_let_in_is_refused_from_the_next_request_on(
    get: Callable[..., Environ],
    enabled_acme: Organization,
    alice: User,
    user: str,
    spoil: Spoil,
    status: int,
) -> None:
    addresses = [f"{USERS}/{user}", match("yamada@example.jp")]
    assert all(at_once(get(each)) for each in addresses)

    spoil(enabled_acme, alice)

    assert [at_once(get(each)) for each in addresses] == [None, None]
    assert by_django(get(addresses[0])).status.startswith(str(status))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda acme, _: tokens_of(acme, last_used_at=None),
        lambda acme, _: tokens_of(
            acme, last_used_at=F("last_used_at") - timedelta(minutes=1)
        ),
        lambda acme, _: gate_of(acme, last_contact_at=None),
        lambda acme, _: gate_of(
            acme, last_contact_at=F("last_contact_at") - timedelta(minutes=1)
        ),
    ],
)
def test_who_was_not_here_for_a_minute_goes_the_long_way_once(
    get: Callable[..., Environ],
    enabled_acme: Organization,
    alice: User,
    user: str,
    spoil: Spoil,
) -> None:
    """So that "last used" and "last contact" are written."""
    spoil(enabled_acme, alice)

    assert at_once(get(f"{USERS}/{user}")) is None
    assert by_django(get(f"{USERS}/{user}")).status == "200 OK"
    assert at_once(get(f"{USERS}/{user}"))


def test_a_token_that_will_expire_serves_until_then(
    get: Callable[..., Environ], enabled_acme: Organization, user: str
) -> None:
    tokens_of(enabled_acme, expires_at=timezone.now() + timedelta(hours=1))

    assert at_once(get(f"{USERS}/{user}"))


def test_who_asks_too_often_is_told_so_and_counted_once(
    get: Callable[..., Environ],
    user: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST = 1, 40
    monkeypatch.setattr(rate, "MOST_WAITING", 0)
    monkeypatch.setattr(rate.PATIENCE, "seconds", 0)

    environs = [get(f"{USERS}/{user}") for _ in range(60)]
    said = [at_once(each) or by_django(each) for each in environs]

    statuses = [each.status.partition(" ")[0] for each in said]
    assert set(statuses[:30]) == {"200"}
    assert "429" in statuses


def test_it_takes_one_statement(
    get: Callable[..., Environ],
    user: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for address in (f"{USERS}/{user}", match("yamada@example.jp"), match("x@y.jp")):
        with django_assert_num_queries(1):
            assert at_once(get(address))


@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_its_statement_reads_by_index(
    get: Callable[..., Environ], user: str, mode: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # lest an index wait for them
        crowd(100, everybody=2000)
        cursor.execute("ANALYZE organizations_user")
    for address in (f"{USERS}/{user}", match("yamada@example.jp")):
        with recorded() as statements:
            assert at_once(get(address))
        explained = plan(statements[0], mode)
        assert "Seq Scan on organizations_user" not in explained, explained


@pytest.mark.django_db(transaction=True)
def test_without_the_database_it_goes_the_long_way(
    get: Callable[..., Environ], user: str
) -> None:
    here = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        assert at_once(get(f"{USERS}/{user}")) is None
        assert by_django(get(f"{USERS}/{user}")).status == "503 Service Unavailable"
    finally:
        connection.settings_dict["HOST"] = here
        connection.close()


def test_two_organizations_are_each_shown_their_own(
    get: Callable[..., Environ],
    user: str,
    globex: Organization,
    scim_client: ScimClientFor,
) -> None:
    enable(globex)
    neighbour = Provisioning(scim_client(globex))
    theirs = neighbour.create("suzuki@example.com")
    token = neighbour.client.defaults["HTTP_AUTHORIZATION"]

    assert at_once(get(f"{USERS}/{theirs}", HTTP_AUTHORIZATION=token))
    assert at_once(get(f"{USERS}/{user}", HTTP_AUTHORIZATION=token)) is None
    assert at_once(get(f"{USERS}/{theirs}")) is None
