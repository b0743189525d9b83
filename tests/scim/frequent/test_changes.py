"""Whoever is changed before Django is asked is as Django would have changed him."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.database.statements import fetch_all
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.synchronization import at_once as operations_at_once
from chatwork_admin.synchronization import provisioning
from scim.frequent.questions import MOST_GROUPS
from tests.conftest import signed_in
from tests.examples import DEAR
from tests.scim.conftest import (
    USERS,
    Document,
    Provisioning,
)
from tests.scim.documents.test_plain import SINGLE, VALUES
from tests.scim.frequent.both_ways import by_django, join
from tests.scim.frequent.writing import (
    Send,
    at_once,
    creation,
    fresh,
    nothing_is_done,
    operations,
    outcome,
    replacing,
    together,
)
from tests.scim.test_round_trips import DOCUMENTS

STATES = st.sampled_from(["plain", "suspended", "in groups", "signed in"])


@DEAR
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


@DEAR
@given(document=DOCUMENTS, state=STATES, replaced=DOCUMENTS)
def test_whatever_is_replaced_it_is_the_same(
    send: Send,
    entra: Provisioning,
    document: Document,
    state: str,
    replaced: Document,
) -> None:
    with transaction.atomic():
        user = entra.post(USERS, document | {"active": True}).id
        _bring_into(state, user, entra)
        environ = send("PUT", f"{USERS}/{user}", creation(replaced))

        done = outcome(lambda: at_once(fresh(environ)))
        expected = outcome(lambda: by_django(fresh(environ)))
        transaction.set_rollback(True)

    assert done.said is not None
    assert done == expected


@pytest.mark.parametrize(
    "condition",
    [
        {"HTTP_IF_MATCH": "*"},
        {"HTTP_IF_MATCH": 'W/"1"'},
        {"HTTP_IF_MATCH": '"7", W/"1-0123abcd"'},
        {"HTTP_IF_MATCH": 'W/"2"'},
        {"HTTP_IF_MATCH": ""},
        {"HTTP_IF_NONE_MATCH": 'W/"2"'},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"HTTP_IF_MATCH": "*", "HTTP_IF_NONE_MATCH": 'W/"1"'},
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_version_is_heeded(
    send: Send, user: str, method: str, condition: dict[str, str]
) -> None:
    """§3.14: whoever meets another one is told so the long way."""
    patched = operations(replacing("title", "T"))
    put = creation({"userName": "yamada@example.jp", "title": "T"})
    body = {"PATCH": patched, "PUT": put}[method]
    environ = send(method, f"{USERS}/{user}", body, **condition)

    done = outcome(lambda: at_once(fresh(environ)))
    expected = outcome(lambda: by_django(fresh(environ)))

    assert expected.said is not None
    is_met = expected.said[0] == "200 OK"
    assert (done.said is not None) == is_met
    assert not is_met or done == expected


def _bring_into(state: str, user: str, entra: Provisioning) -> None:
    if state == "suspended":
        entra.patch(f"{USERS}/{user}", replacing("active", value=False))
    if state == "in groups":
        entra.create_group('A "quoted"\\', user)
        entra.create_group("営業部", user)
    if state == "signed in":
        signed_in(User.objects.get(pk=user))


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


def test_so_does_one_of_a_user_of_many_groups(
    send: Send, user: str, enabled_acme: Organization
) -> None:
    """The answer shows them all; others would wait meanwhile."""
    join(user, enabled_acme, MOST_GROUPS + 1)

    body = operations(replacing("title", "T"))
    assert nothing_is_done(send("PATCH", f"{USERS}/{user}", body))


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


def kept(user: str) -> operations_at_once.Kept:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xmin::text FROM organizations_user WHERE id = %s", [user]
        )
        (state,) = cursor.fetchone() or ("",)
    row = User.objects.get(pk=user)
    return operations_at_once.Kept(
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
    changed = operations_at_once.change(read, after, actor=SYSTEM)
    assert changed is not None
    _, statement = changed
    assert fetch_all(*statement) == []
    assert outcome(lambda: None) == before


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
