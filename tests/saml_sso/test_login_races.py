"""Several at once: threads with connections of their own, and real commits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.synchronization import provisioning
from saml_sso.models import (
    Completion,
    IdentityProvider,
    LinkedIdentity,
    RejectionCount,
    SeenAssertion,
)
from tests.saml_sso.signing_in import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 6
ROUNDS = 6


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Run all actions at the same moment; return what they return, in their order."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def test_an_answer_posted_many_times_at_once_lets_in_once(
    visitor: Visitor, bob: User
) -> None:
    asked = visitor.start()
    saml_response = visitor.entra.answer(asked.request_id, bob)

    answers = at_once(
        *[partial(visitor.post, saml_response, asked.relay_state)] * AT_ONCE
    )

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [303] + [403] * (AT_ONCE - 1)
    assert Completion.objects.count() == SeenAssertion.objects.count() == 1
    assert sum(RejectionCount.objects.values_list("count", flat=True)) == AT_ONCE - 1


def test_a_code_redeemed_many_times_at_once_starts_one_session(
    visitor: Visitor, bob: User
) -> None:
    answered = visitor.answer(visitor.start(), bob)
    (name,) = visitor.client.cookies
    ticket = visitor.client.cookies[name].value

    def redeem() -> int:
        browser = Visitor(visitor.entra)
        browser.client.cookies[name] = ticket
        return int(browser.follow(answered).status_code)

    assert sorted(at_once(*[redeem] * AT_ONCE)) == [302] + [403] * (AT_ONCE - 1)
    assert UserSession.objects.count() == 1
    assert AuditEvent.objects.filter(action="login.succeeded").count() == 1


def test_first_sign_ins_of_one_person_at_once_make_one_link(
    visitor: Visitor, bob: User
) -> None:
    browsers = [Visitor(visitor.entra) for _ in range(AT_ONCE)]

    responses = at_once(*[partial(each.sign_in, bob) for each in browsers])

    assert [response.status_code for response in responses] == [302] * AT_ONCE
    assert LinkedIdentity.objects.count() == 1
    assert AuditEvent.objects.filter(action="login.identity_linked").count() == 1


def test_whoever_is_suspended_in_the_same_moment_has_no_session_afterwards(
    visitor: Visitor, bob: User
) -> None:
    def set_active(*, is_active: bool) -> None:
        provisioning.change_user(
            bob.organization,
            bob.pk,
            lambda document: document | {"active": is_active},
            actor=SYSTEM,
        )

    for _ in range(ROUNDS):
        browser = Visitor(visitor.entra)
        answered = browser.answer(browser.start(), bob)
        at_once(
            partial(browser.follow, answered),
            partial(set_active, is_active=False),
        )
        assert not browser.is_signed_in
        set_active(is_active=True)
        assert not browser.is_signed_in


def test_whoever_signs_in_while_saml_is_switched_off_was_first_or_is_out(
    visitor: Visitor, bob: User
) -> None:
    providers = IdentityProvider.objects.filter(pk=visitor.entra.provider.pk)
    for _ in range(ROUNDS):
        providers.update(mode="optional")
        asked = visitor.start()
        saml_response = visitor.entra.answer(asked.request_id, bob)
        answered, _ = at_once(
            partial(visitor.post, saml_response, asked.relay_state),
            partial(providers.update, mode="off"),
        )
        assert answered.status_code in {303, 403}
        if answered.status_code == 303:
            assert visitor.follow(answered).status_code == 403
    assert not UserSession.objects.exists()
