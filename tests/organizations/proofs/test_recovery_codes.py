"""Recovery codes: what counts instead of a code of the app, and what counts no more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import RecoveryCode, User
from chatwork_admin.organizations.proofs import recovery_codes, second_factor
from chatwork_admin.organizations.proofs.one_time_codes import WrongCode
from chatwork_admin.organizations.proofs.second_factor import Proof
from tests.conftest import actor_for
from tests.organizations.proofs.test_second_factor import code_of, with_app


def issue(user: User) -> tuple[str, ...]:
    return recovery_codes.issue(user, actor=actor_for(user))


def require(user: User, code: str) -> None:
    second_factor.require_proof(user, Proof(code), actor=actor_for(user))


def test_with_an_app_come_ten_codes_and_each_counts_once(alice: User) -> None:
    with_app(alice)
    codes = issue(alice)
    assert len(set(codes)) == recovery_codes.codes_left(alice) == 10

    for code in codes:
        require(alice, code)
        with pytest.raises(WrongCode):
            require(alice, code)

    assert recovery_codes.codes_left(alice) == 0
    used = AuditEvent.objects.filter(action="second_factor.recovery_code_used")
    left = [event.context.get("codes_left", 0) for event in used.order_by("id")]
    assert left == list(range(9, -1, -1))
    assert {event.target["id"] for event in used} == {str(alice.pk)}


def test_setting_an_app_up_issues_them(alice: User) -> None:
    key = with_app(alice)

    assert recovery_codes.codes_left(alice) == 10
    assert AuditEvent.objects.filter(
        action="second_factor.recovery_codes_issued"
    ).exists()
    require(alice, code_of(key))
    assert recovery_codes.codes_left(alice) == 10  # a code of the app uses none up


def test_a_code_may_be_typed_in_any_way(alice: User) -> None:
    with_app(alice)
    first, second, *_ = issue(alice)

    require(alice, first.lower().replace("-", ""))
    require(alice, f" {second.replace('-', ' ')} ")


@pytest.mark.parametrize(
    "typed", ["", "1", "\0", "ABCD-EFGH-JKLM", "あ" * 12, "000000"]
)
def test_what_is_none_is_wrong(alice: User, typed: str) -> None:
    with_app(alice)

    with pytest.raises(WrongCode):
        require(alice, typed)
    assert recovery_codes.codes_left(alice) == 10


def test_nobody_elses_code_counts(alice: User, carol: User) -> None:
    for each in (alice, carol):
        with_app(each)
    codes = issue(carol)

    with pytest.raises(WrongCode):
        require(alice, codes[0])
    assert recovery_codes.codes_left(carol) == 10


def test_a_new_set_makes_the_old_one_void(alice: User) -> None:
    with_app(alice)
    old = issue(alice)
    seen = recovery_codes.issued_at(alice)
    new = recovery_codes.renew(alice, seen=seen, actor=actor_for(alice))

    with pytest.raises(WrongCode):
        require(alice, old[0])
    require(alice, new[0])
    with pytest.raises(recovery_codes.IssuedMeanwhile):
        recovery_codes.renew(alice, seen=seen, actor=actor_for(alice))
    require(alice, new[1])


def test_they_go_with_the_app(alice: User) -> None:
    with_app(alice)
    codes = issue(alice)
    second_factor.remove(alice, actor=SYSTEM)

    assert not RecoveryCode.objects.exists()
    with_app(alice)
    with pytest.raises(WrongCode):
        require(alice, codes[0])


def test_the_database_knows_no_code(alice: User) -> None:
    with_app(alice)
    codes = issue(alice)

    stored = str(list(RecoveryCode.objects.values()))
    recorded = str(list(AuditEvent.objects.values("context", "changes", "target")))
    for code in codes:
        assert code not in stored + recorded
        assert code.replace("-", "") not in stored + recorded


def test_a_code_belongs_to_the_organization_of_its_person(
    alice: User, mallory: User
) -> None:
    def cross() -> None:
        other = mallory.organization
        RecoveryCode.objects.create(organization=other, user=alice, code_hash="x")
        connection.check_constraints()

    with pytest.raises(IntegrityError), transaction.atomic():
        cross()


@pytest.mark.django_db(transaction=True)
def test_a_code_that_two_bring_at_once_counts_once(alice: User) -> None:
    with_app(alice)
    code = issue(alice)[0]
    barrier = Barrier(4)

    def bring(_: int) -> bool:
        barrier.wait()
        try:
            return recovery_codes.use_up(alice, code, actor=SYSTEM)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(bring, range(4))) == [False, False, False, True]
