"""Whoever is created before Django is asked is whom Django would have created."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from io import BytesIO

import pytest
from django.utils import timezone
from hypothesis import given

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User
from scim.frequent import callers
from tests.examples import DEAR
from tests.scim.conftest import (
    SCIM_JSON,
    USERS,
    Document,
    Provisioning,
)
from tests.scim.frequent.both_ways import Environ, by_django
from tests.scim.frequent.writing import (
    Send,
    at_once,
    creation,
    fresh,
    nothing_is_done,
    outcome,
    together,
)
from tests.scim.test_round_trips import DOCUMENTS


@DEAR
@given(document=DOCUMENTS)
def test_whoever_is_created_is_the_same(send: Send, document: Document) -> None:
    environ = send("POST", USERS, creation(document))

    done = outcome(lambda: at_once(fresh(environ)))

    assert done.said is not None
    assert done == outcome(lambda: by_django(fresh(environ)))


def test_what_says_nothing_takes_no_longer(send: Send) -> None:
    """Row D1: `meta` and empty `roles` are in Entra's documented request."""
    silent: Document = {"meta": {"resourceType": "User"}, "roles": [], "title": None}
    environ = send("POST", USERS, creation({"userName": "b@example.jp", **silent}))

    done = outcome(lambda: at_once(fresh(environ)))

    assert done.said is not None
    assert done == outcome(lambda: by_django(fresh(environ)))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"userName": "no address"},
        {"userName": "ｙ@example.jp"},
        {"userName": "YAMADA@example.jp"},  # taken
        {"userName": "mallory@globex.test"},  # taken elsewhere
        {"userName": "b@example.jp", "title": "x" * 101},
        {"userName": "b@example.jp", "unknown": "x"},  # to be logged
        {"userName": "b@example.jp", "active": "perhaps"},
        [],
        b"{",
        b'{"userName": "b@example.jp", "title": "\\u0000"}',
        b"[" * 40 + b"]" * 40,
    ],
)
@pytest.mark.usefixtures("user", "mallory")
def test_a_creation_that_is_not_plain_sailing_goes_the_long_way(
    send: Send, document: object
) -> None:
    body = creation(document) if isinstance(document, dict) else document

    assert nothing_is_done(send("POST", USERS, body))


@pytest.mark.parametrize(
    "changed",
    [
        {"QUERY_STRING": "attributes=userName"},
        {"HTTP_IF_MATCH": "*"},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"HTTP_CONTENT_ENCODING": "gzip"},
        {"HTTP_TRANSFER_ENCODING": "chunked"},
        {"CONTENT_TYPE": "text/plain"},
        {"CONTENT_TYPE": "application/json; charset=shift_jis"},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "99999999"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"PATH_INFO": "/scim/v2/Users/"},
        {"PATH_INFO": "/scim/v2/Groups"},
    ],
)
def test_so_does_what_is_sent_otherwise(send: Send, changed: Environ) -> None:
    environ = send("POST", USERS, creation({"userName": "b@example.jp"}), **changed)

    assert nothing_is_done(environ)


class Broken(BytesIO):
    def read(self, _: int | None = -1) -> bytes:
        raise OSError


def test_so_does_a_body_that_did_not_arrive(send: Send) -> None:
    document = creation({"userName": "b@example.jp"})
    environ = send("POST", USERS, document) | {"wsgi.input": Broken()}

    assert at_once(environ) is None
    assert by_django(environ).status == "408 Request Timeout"


@pytest.mark.parametrize(
    "media_type", ["application/json", f"{SCIM_JSON}; charset=UTF-8"]
)
def test_json_may_be_called_so(send: Send, media_type: str) -> None:
    document = creation({"userName": "b@example.jp"})

    assert at_once(send("POST", USERS, document, CONTENT_TYPE=media_type))


def test_who_comes_back_or_may_take_the_last_licence_goes_the_long_way(
    send: Send, entra: Provisioning, user: str, enabled_acme: Organization
) -> None:
    again = send("POST", USERS, creation({"userName": "yamada@example.jp"}))
    entra.put(f"{USERS}/{user}", {"userName": "yamada@example.jp", "externalId": "e1"})
    namesake = {"userName": "c@example.jp", "externalId": "e1"}
    other = send("POST", USERS, creation({"userName": "b@example.jp"}))
    entra.delete(f"{USERS}/{user}")
    assert nothing_is_done(again)
    assert nothing_is_done(send("POST", USERS, creation(namesake)))  # and is told so

    Organization.objects.filter(pk=enabled_acme.pk).update(licences=500)
    assert nothing_is_done(other)


def renamed(acme: Organization) -> None:
    AccessToken.objects.filter(organization=acme).update(name="Another name")


def revoked(acme: Organization) -> None:
    AccessToken.objects.filter(organization=acme).update(revoked_at=timezone.now())


@pytest.mark.parametrize(("change", "status"), [(renamed, "201"), (revoked, "401")])
def test_whoever_was_known_a_moment_ago_is_asked_for_again(
    send: Send,
    enabled_acme: Organization,
    change: Callable[[Organization], None],
    status: str,
) -> None:
    assert at_once(send("POST", USERS, creation({"userName": "b@example.jp"})))

    change(enabled_acme)

    environ = send("POST", USERS, creation({"userName": "c@example.jp"}))
    assert nothing_is_done(environ)
    assert by_django(fresh(environ)).status.startswith(status)
    known_again = at_once(send("POST", USERS, creation({"userName": "d@example.jp"})))
    assert bool(known_again) == (status == "201")


def test_only_so_many_are_known(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST_KNOWN", 2)
    known = {name: (uuid.uuid4(), uuid.uuid4(), "x") for name in "ab"}
    monkeypatch.setattr(callers, "KNOWN", known)

    assert at_once(send("POST", USERS, creation({"userName": "b@example.jp"})))

    assert len(known) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_creations_of_one_user_one_succeeds(send: Send) -> None:
    environs = [
        send("POST", USERS, creation({"userName": name}))
        for name in ("Yamada@example.jp", "yamada@EXAMPLE.jp") * 5
    ]

    statuses = together(environs)

    assert sorted(statuses) == ["201 Created"] + ["409 Conflict"] * 9
    assert User.objects.filter(user_name_key="yamada@example.jp").count() == 1
    assert AuditEvent.objects.filter(action="user.provisioned").count() == 1
