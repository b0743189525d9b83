"""What is answered before Django is asked is what Django would have answered."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from hypothesis import given
from pytest_django import DjangoAssertNumQueries

from chatwork_admin.organizations.models import Organization, User
from scim.frequent import requests
from scim.frequent.questions import MOST_GROUPS
from tests.examples import DEAR
from tests.scim.conftest import USERS, Document, Provisioning
from tests.scim.crowds import crowd
from tests.scim.frequent.both_ways import Environ, at_once, by_django, join, match
from tests.scim.statements import plan, recorded
from tests.scim.test_round_trips import DOCUMENTS


@DEAR
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


def test_a_user_of_many_groups_goes_the_long_way(
    get: Callable[..., Environ], user: str, enabled_acme: Organization
) -> None:
    """Others would wait meanwhile."""
    asked = [get(f"{USERS}/{user}"), get(match("yamada@example.jp"))]
    join(user, enabled_acme, MOST_GROUPS)
    assert all(at_once(each) == by_django(each) for each in asked)

    join(user, enabled_acme, 1)
    assert not any(map(at_once, asked))
    assert all(by_django(each).status == "200 OK" for each in asked)


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
    requests.common.cache_clear()
    said = {} if forwarded is None else {"HTTP_X_FORWARDED_PROTO": forwarded}
    environ = get(f"{USERS}/{user}", **said, **{"wsgi.url_scheme": scheme})

    assert requests.is_secure(environ) == WSGIRequest(environ).is_secure()
    assert at_once(environ) == by_django(environ)
    requests.common.cache_clear()


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
        assert "Seq Scan on organizations_user " not in explained, explained


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
