"""Whoever gets another way to provision users, the administrators are told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.models import Organization, User
from tests.authorization.conftest import (
    Registered,
    another_secret,
    granted,
    registered,
)
from tests.authorization.workloads import trusted
from tests.conftest import actor_for
from tests.portal.mails.mailing import deliver, sent

REGISTERED = "An OAuth client was registered"
SECRET = "A client secret was issued"


def issue_token(acme: Organization) -> None:
    alice = acme.users.get(role=User.Role.ADMINISTRATOR)
    tokens.issue(acme, name="by hand", expires_at=None, actor=actor_for(alice))


NEWS = {
    "client": (registered, [REGISTERED, SECRET]),
    "secret": (lambda acme: another_secret(registered(acme).row), [SECRET]),
    "token": (issue_token, ["An access token was issued"]),
    "connection": (granted, ["A connection was authorized"]),
    "identity": (
        lambda acme: trusted(registered(acme).row, has_keys=False),
        ["A workload identity was added"],
    ),
}


@pytest.mark.parametrize("new", NEWS)
def test_a_new_way_in_is_told_to_those_who_administer(
    enabled_acme: Organization, carol: User, new: str
) -> None:
    make: Callable[[Organization], object]
    make, subjects = NEWS[new]  # type: ignore[assignment] # of a dictionary of several
    deliver(enabled_acme)
    before = len(sent())
    make(enabled_acme)
    deliver(enabled_acme)

    news = sent()[before:]
    for address in ("alice@acme.test", "carol@acme.test"):
        told = [each.subject.split(" / ")[1] for each in news if each.to == [address]]
        assert told[-len(subjects) :] == subjects
    assert all("revoke or remove it here" in str(each.body) for each in news)
    assert all("/manage/sync/connection/" in str(each.body) for each in news)


def test_tokens_that_clients_fetch_by_themselves_are_not_told(
    ask: Callable[..., Any], entra: Registered
) -> None:
    organization = entra.row.organization
    deliver(organization)
    before = len(sent())

    token = ask(entra.body).json()["access_token"]
    deliver(organization)

    assert AuditEvent.objects.filter(action=Action.TOKEN_ISSUED).count() == 1
    assert len(sent()) == before
    assert not any(token in str(each.body) for each in sent())
