"""What is written before Django is asked is what Django would have written."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatwork_admin.audit.models import AuditDelivery, AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.statements import fetch_all
from chatwork_admin.synchronization import at_once as writing
from chatwork_admin.synchronization import provisioning
from scim import frequent_writes, rate
from tests.conftest import signed_in
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    PATCH_OP,
    SCIM_JSON,
    USERS,
    Document,
    Provisioning,
)
from tests.scim.documents.test_plain import SINGLE, VALUES
from tests.scim.statements import plan, recorded
from tests.scim.test_frequent import Environ, Said, by_django
from tests.scim.test_round_trips import DOCUMENTS

Send = Callable[..., Environ]
BODY = "test.body"
STATUSES = {
    200: "200 OK",
    201: "201 Created",
    500: "500 Internal Server Error",
}
OF_A_MOMENT = {"id", "created_at", "changed_at", "linked_at", "password", "last_login"}
OF_AN_EVENT = ("action", "actor", "target", "changes", "context", "schema_version")


@pytest.fixture(autouse=True)
def licences(enabled_acme: Organization) -> None:
    Organization.objects.filter(pk=enabled_acme.pk).update(licences=100_000)


@pytest.fixture
def send(entra: Provisioning) -> Send:
    """Requests of a client that was here a moment ago."""
    entra.get(USERS, count=0)
    sent = {"HTTP_AUTHORIZATION": entra.client.defaults["HTTP_AUTHORIZATION"]}

    def environ(method: str, address: str, body: object, **more: Any) -> Environ:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        request = RequestFactory().generic(
            method, address, content, content_type=SCIM_JSON
        )
        length = {"CONTENT_LENGTH": str(len(content))}
        return fresh({**request.environ, **length, **sent, **more, BODY: content})

    return environ


def fresh(environ: Environ) -> Environ:
    """The same request, whose body nobody has read yet."""
    return environ | {"wsgi.input": BytesIO(environ[BODY])}


async def ask(statement: str, parameters: Any) -> list[Any]:
    """Within the test's transaction, which awaits nothing."""
    return fetch_all(statement, parameters)


def at_once(environ: Environ) -> Said | None:
    """The answer that needs no Django; None for what goes the long way."""
    try:
        frequent_writes.answer(environ, ask).send(None)
    except StopIteration as end:
        return said(end.value) if end.value else None
    raise AssertionError("nothing is awaited here")


def said(answer: frequent_writes.Answer) -> Said:
    status, headers, text = answer
    found = dict(headers)
    reference = found.pop("X-Request-Id")
    return Said(STATUSES[status], found, text.encode(), reference)


def sent(environ: Environ) -> Said:
    return at_once(environ) or by_django(environ)


def creation(document: Document) -> Document:
    return {"schemas": [CORE], **document}


def operations(*listed: Document) -> Document:
    return {"schemas": [PATCH_OP], "Operations": list(listed)}


def replacing(path: str, value: object) -> Document:
    return {"op": "replace", "path": path, "value": value}


@dataclass(frozen=True)
class Outcome:
    """An answer and what is in the database after it, without ids and instants."""

    said: tuple[str, dict[str, str], Document] | None
    users: list[Document]
    events: list[Document]
    deliveries: int
    open_sessions: int


def outcome(answer: Callable[[], Said | None]) -> Outcome:
    """Have something done, look at all it did, and undo it."""
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    with transaction.atomic():
        said = answer()
        events = AuditEvent.objects.exclude(pk__in=before).order_by("pk")
        found = Outcome(
            _timeless(said) if said else None,
            [_row(user) for user in User.objects.order_by("created_at")],
            [_event(event) for event in events],
            AuditDelivery.objects.count(),
            UserSession.objects.filter(ended_at=None).count(),
        )
        transaction.set_rollback(True)
    return found


def _timeless(said: Said) -> tuple[str, dict[str, str], Document]:
    body = orjson.loads(said.body)
    name, meta = body.pop("id", ""), body.get("meta", {})
    for instant in ("created", "lastModified"):
        assert len(meta.pop(instant, "x" * 27)) == 27
    meta["location"] = meta.get("location", "").replace(name, "<id>")
    return said.status, _headers(said, name), body


def _headers(said: Said, name: str) -> dict[str, str]:
    return {key: value.replace(name, "<id>") for key, value in said.headers.items()}


def _row(user: User) -> Document:
    names = (field.attname for field in User._meta.concrete_fields)
    row = {name: getattr(user, name) for name in names if name not in OF_A_MOMENT}
    return row | {"usable": user.has_usable_password(), "linked": bool(user.linked_at)}


def _event(event: AuditEvent) -> Document:
    said = {name: getattr(event, name) for name in OF_AN_EVENT}
    users = User.objects.filter(pk=said["target"].pop("id"))
    return said | {"of": users.get().user_name, "is_named": len(event.reference) == 14}


SUPPRESSED = [HealthCheck.function_scoped_fixture]


@settings(max_examples=50, suppress_health_check=SUPPRESSED, deadline=None)
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


STATES = st.sampled_from(["plain", "suspended", "in groups", "signed in"])


@settings(max_examples=60, suppress_health_check=SUPPRESSED, deadline=None)
@given(
    document=DOCUMENTS,
    state=STATES,
    assigned=st.lists(st.tuples(SINGLE, VALUES), min_size=1, max_size=3),
)
def test_whatever_is_changed_it_is_the_same(
    send: Send,
    entra: Provisioning,
    document: Document,
    state: str,
    assigned: list[tuple[str, object]],
) -> None:
    with transaction.atomic():
        user = entra.post(USERS, document | {"active": True}).id
        _bring_into(state, user, entra)
        body = operations(*(replacing(*each) for each in assigned))
        environ = send("PATCH", f"{USERS}/{user}", body)

        done = outcome(lambda: at_once(fresh(environ)))
        expected = outcome(lambda: by_django(fresh(environ)))
        transaction.set_rollback(True)

    is_refused = expected.said is not None and expected.said[0] != "200 OK"
    assert (done.said is None) == is_refused
    assert is_refused or done == expected


def _bring_into(state: str, user: str, entra: Provisioning) -> None:
    if state == "suspended":
        entra.patch(f"{USERS}/{user}", replacing("active", value=False))
    if state == "in groups":
        entra.create_group('A "quoted"\\', user)
        entra.create_group("営業部", user)
    if state == "signed in":
        signed_in(User.objects.get(pk=user))


@pytest.fixture
def user(entra: Provisioning) -> str:
    return entra.create("yamada@example.jp", title="Engineer")


def nothing_is_done(environ: Environ) -> bool:
    """Whether a request goes the long way, its body whole, and nothing was written."""
    before = outcome(lambda: None)
    after = outcome(lambda: at_once(environ))
    return after == before and environ["wsgi.input"].read() == environ[BODY]


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
    other = send("POST", USERS, creation({"userName": "b@example.jp"}))
    entra.delete(f"{USERS}/{user}")
    assert nothing_is_done(again)

    Organization.objects.filter(pk=enabled_acme.pk).update(licences=500)
    assert nothing_is_done(other)


@pytest.mark.parametrize(
    "sent",
    [
        [replacing("userName", "suzuki@example.jp")],
        [replacing("userName", "")],
        [replacing("active", "perhaps")],
        [replacing("unknown", "x")],  # to be logged
        [replacing("id", "x")],
        [replacing("title", "x" * 101)],
        [{"op": "remove"}],
        [],
    ],
)
def test_a_change_that_is_not_plain_sailing_goes_the_long_way(
    send: Send, user: str, sent: list[Document]
) -> None:
    assert nothing_is_done(send("PATCH", f"{USERS}/{user}", operations(*sent)))


@pytest.mark.usefixtures("mallory")
def test_whom_provisioning_has_not_linked_may_not_touch_or_see_is_for_the_long_way(
    send: Send, alice: User, bob: User, mallory: User
) -> None:
    body = operations(replacing("title", "T"))

    for name in (alice.pk, bob.pk, mallory.pk, uuid.uuid4()):
        assert nothing_is_done(send("PATCH", f"{USERS}/{name}", body))


def test_a_change_that_changes_nothing_writes_nothing(send: Send, user: str) -> None:
    environ = send(
        "PATCH", f"{USERS}/{user}", operations(replacing("title", "Engineer"))
    )
    before = outcome(lambda: None)

    done = outcome(lambda: at_once(fresh(environ)))

    assert done.said is not None
    assert (done.users, done.events) == (before.users, before.events)
    assert done == outcome(lambda: by_django(fresh(environ)))


def test_entras_own_requests_need_no_django(send: Send, user: str) -> None:
    """As Microsoft's reference shows them."""
    created = creation(
        {"userName": "b@example.jp", "externalId": "0a21f0f2", "active": True}
    )
    created |= {
        "schemas": [CORE, ENTERPRISE],
        "meta": {"resourceType": "User"},
        "roles": [],
    }
    changed = operations(
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "b@example.jp"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "営業部"},
    )

    assert at_once(send("POST", USERS, created))
    said = at_once(send("PATCH", f"{USERS}/{user}", changed))
    assert said is not None
    assert orjson.loads(said.body)["active"] is False


def kept(user: str) -> writing.Kept:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xmin::text FROM organizations_user WHERE id = %s", [user]
        )
        (state,) = cursor.fetchone() or ("",)
    row = User.objects.get(pk=user)
    return writing.Kept(
        row.pk, row.organization_id, state, row.version, row.document,
        row.user_name_key, row.is_active,
    )  # fmt: skip


def sign_in(user: User) -> None:
    signed_in(user, began=Began.SAML)


def change(user: User) -> None:
    provisioning.change_user(
        user.organization, user.pk, lambda d: d | {"nickName": "N"}, actor=SYSTEM
    )


def delete(user: User) -> None:
    provisioning.deprovision_user(user.organization, user.pk, actor=SYSTEM)


@pytest.mark.parametrize("meanwhile", [sign_in, change, delete])
def test_who_was_written_meanwhile_is_not_changed_as_he_was_read(
    user: str, meanwhile: Callable[[User], None]
) -> None:
    """Also by a sign-in, lest a suspension misses its session."""
    read = kept(user)
    meanwhile(User.objects.get(pk=user))
    before = outcome(lambda: None)

    after = read.document | {"active": False}
    changed = writing.change(read, after, actor=SYSTEM)
    assert changed is not None
    _, statement = changed
    assert fetch_all(*statement) == []
    assert outcome(lambda: None) == before


def test_a_creation_takes_one_statement_and_a_change_two(
    send: Send, user: str, django_assert_num_queries: Callable[[int], Any]
) -> None:
    assert at_once(send("POST", USERS, creation({"userName": "b@example.jp"})))

    with django_assert_num_queries(1):
        assert at_once(send("POST", USERS, creation({"userName": "c@example.jp"})))
    body = operations(replacing("title", "T"))
    with django_assert_num_queries(2):
        assert at_once(send("PATCH", f"{USERS}/{user}", body))


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
    monkeypatch.setattr(frequent_writes, "MOST_KNOWN", 2)
    known = {name: (uuid.uuid4(), uuid.uuid4(), "x") for name in "ab"}
    monkeypatch.setattr(frequent_writes, "KNOWN", known)

    assert at_once(send("POST", USERS, creation({"userName": "b@example.jp"})))

    assert len(known) == 1


@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_its_statements_read_by_index(send: Send, user: str, mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for environ in (
        send("POST", USERS, creation({"userName": "b@example.jp"})),
        send("PATCH", f"{USERS}/{user}", operations(replacing("active", value=False))),
    ):
        with recorded() as statements:
            assert at_once(environ)
        for statement in statements:
            explained = plan(statement, mode)
            assert "Seq Scan" not in explained, explained


def test_who_goes_the_long_way_is_counted_once(
    send: Send, user: str, settings: Any
) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST, settings.CELERY_BROKER_URL = 1, 40, ""
    rate.ARRIVALS.at.clear()
    taken = send("POST", USERS, creation({"userName": "yamada@example.jp"}))

    assert sent(taken).status == "409 Conflict"

    (arrival,) = rate.ARRIVALS.at.values()
    assert arrival <= time.monotonic_ns() // 1000 + 1_000_000


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


@pytest.mark.django_db(transaction=True)
def test_no_change_of_many_at_once_is_lost(send: Send, user: str) -> None:
    names = ["nickName", "title", "locale", "timezone", "profileUrl", "userType"]
    address = f"{USERS}/{user}"
    environs = [send("PATCH", address, operations(replacing(n, "x"))) for n in names]

    assert together(environs) == ["200 OK"] * len(names)

    row = User.objects.get(pk=user)
    assert all(row.document[name] == "x" for name in names)
    assert row.version == 1 + len(names)
    assert AuditEvent.objects.filter(action="user.changed").count() == len(names)


def together(environs: list[Environ]) -> list[str]:
    """Send requests at the same moment; return their statuses."""

    def run(environ: Environ) -> str:
        try:
            return sent(environ).status
        finally:
            connection.close()

    with ThreadPoolExecutor(len(environs)) as threads:
        return list(threads.map(run, environs))
