"""A security key is a second factor like an app: first, one of two, the last, lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import (
    User,
    UserSession,
)
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.proofs import (
    recovery_codes,
    second_factor,
    security_keys,
)
from chatwork_admin.organizations.proofs.challenges import Purpose
from chatwork_admin.organizations.proofs.one_time_codes import WrongCode
from chatwork_admin.organizations.proofs.second_factor import Proof
from chatwork_admin.organizations.proofs.security_keys import Answer
from tests.conftest import actor_for, signed_in
from tests.organizations.proofs.authenticator import (
    Authenticator,
    Browser,
    key_of,
)
from tests.organizations.proofs.test_second_factor import with_app


def latest_session(user: User) -> UserSession:
    signed_in(user)
    return user.sessions.latest("started_at")


def test_the_first_key_comes_with_recovery_codes_and_ends_other_sessions(
    alice: User, browser: Browser
) -> None:
    other, here = latest_session(alice), latest_session(alice)
    codes = added(alice, browser, here)

    assert len(codes) == 10
    assert added(alice, browser, here) == ()  # it is not the first any more
    assert recovery_codes.codes_left(alice) == 10
    other.refresh_from_db()
    here.refresh_from_db()
    assert other.ended_why == "credential"
    assert here.ended_at is None
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions)[-6:-2] == [
        Action.SECURITY_KEY_ADDED,
        Action.SESSION_ENDED,
        Action.IDENTITY_CONFIRMED,
        Action.RECOVERY_CODES_ISSUED,
    ]


def added(user: User, browser: Browser, here: UserSession) -> tuple[str, ...]:
    text = Authenticator().create(browser.asked_to_register(user))
    answer = browser.answer(text, Purpose.REGISTER)
    actor = actor_for(user)
    return second_factor.add_key(user, answer, "blue", session=here, actor=actor)


def test_with_a_key_a_password_alone_is_not_enough(
    alice: User, blue: Authenticator
) -> None:
    assert second_factor.is_set_up(alice)
    for code in ("", "000000"):
        with pytest.raises(WrongCode):
            second_factor.require_proof(alice, Proof(code), actor=SYSTEM)


def test_a_recovery_code_does_instead_of_a_key(
    alice: User, blue: Authenticator
) -> None:
    code, *_ = recovery_codes.issue(alice, actor=SYSTEM)

    second_factor.require_proof(alice, Proof(code), actor=SYSTEM)


def test_whoever_has_no_key_shows_nothing_by_the_answer_of_one(
    alice: User, blue: Authenticator, carol: User, browser: Browser
) -> None:
    with_app(carol)
    text = blue.get(browser.asked())
    answer = browser.answer(text)

    with pytest.raises(WrongCode):
        second_factor.require_proof(carol, Proof(key=answer), actor=SYSTEM)


def test_a_proof_says_what_it_was(
    alice: User, carol: User, blue: Authenticator
) -> None:
    by_key = Proof(key=Answer("", b""))

    assert second_factor.proof_by(alice, by_key) == Began.SECURITY_KEY
    assert second_factor.proof_by(alice, Proof("1")) == Began.SECOND_FACTOR
    assert second_factor.proof_by(carol, by_key) == Began.PASSWORD


Removing = Callable[[User, UserSession], object]


def _remove_key(user: User, here: UserSession) -> object:
    key = security_keys.of(user).get()
    actor = actor_for(user)
    return second_factor.remove_key(user, key.pk, session=here, actor=actor)


def _remove_app(user: User, here: UserSession) -> object:
    return second_factor.remove_app(user, actor=actor_for(user))


@pytest.mark.parametrize("remove", [_remove_key, _remove_app])
def test_the_last_factor_stays_where_one_is_required(
    alice: User, settings: Any, remove: Removing
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    (key_of if remove is _remove_key else with_app)(alice)
    here = latest_session(alice)
    before = AuditEvent.objects.count()

    with pytest.raises(second_factor.LastFactor):
        remove(alice, here)

    assert second_factor.is_set_up(alice)
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("remove", [_remove_key, _remove_app])
def test_one_of_two_may_go_and_the_recovery_codes_stay(
    alice: User, settings: Any, remove: Removing
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    with_app(alice)
    key_of(alice)

    remove(alice, latest_session(alice))

    assert second_factor.is_set_up(alice)
    assert recovery_codes.codes_left(alice) == 10


def test_where_none_is_required_the_codes_go_with_the_last(alice: User) -> None:
    key_of(alice)
    recovery_codes.issue(alice, actor=SYSTEM)
    other, here = latest_session(alice), latest_session(alice)

    _remove_key(alice, here)

    assert not second_factor.is_set_up(alice)
    assert not recovery_codes.codes_left(alice)
    other.refresh_from_db()
    assert other.ended_why == "credential"


def test_whoever_lost_it_all_is_helped_and_each_loss_is_recorded(alice: User) -> None:
    with_app(alice)
    key_of(alice)

    assert second_factor.remove(alice, actor=SYSTEM, reason="#42")

    assert not second_factor.is_set_up(alice)
    events = AuditEvent.objects.filter(context__reason="#42").order_by("id")
    assert [event.action for event in events] == [
        Action.SECOND_FACTOR_REMOVED,
        Action.SECURITY_KEY_REMOVED,
    ]
