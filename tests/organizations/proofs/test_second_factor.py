"""One-time codes: what counts, and what counts no more."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.core.management import CommandError, call_command
from django.utils import timezone

from chatwork_admin import encryption
from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import SecondFactor, User, UserSession
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.proofs import second_factor
from chatwork_admin.organizations.proofs.holders import Person
from chatwork_admin.organizations.proofs.one_time_codes import WrongCode
from chatwork_admin.organizations.proofs.second_factor import Proof
from tests.conftest import signed_in


def code_of(key: str, *, steps: int = 0) -> str:
    """Return what an app with this key shows, now or some steps later."""
    totp = TOTP(base64.b32decode(key), 6, SHA1(), 30)
    return totp.generate(int(timezone.now().timestamp()) + steps * 30).decode()


def use(person: Person, code: str) -> None:
    second_factor.require_proof(person, Proof(code), actor=SYSTEM)


def forget_codes(user: User) -> None:
    """As after a minute: the codes of now and of the next step may be used."""
    SecondFactor.objects.filter(user=user).update(last_step=0)


def with_app(user: User) -> str:
    """Give somebody an app with one-time codes; return its key."""
    second_factor.begin(user)
    pending = second_factor.pending_of(user)
    assert pending is not None
    signed_in(user)
    second_factor.confirm(
        user,
        code_of(pending.key),
        session=user.sessions.latest("started_at"),
        actor=SYSTEM,
    )
    forget_codes(user)
    return pending.key


def test_a_code_of_the_app_is_accepted_once(alice: User) -> None:
    code = code_of(with_app(alice))
    use(alice, code)

    with pytest.raises(WrongCode):
        use(alice, code)


def test_an_earlier_code_is_not_accepted_after_a_later_one(alice: User) -> None:
    key = with_app(alice)
    codes = [code_of(key, steps=steps) for steps in (-1, 0, 1)]
    use(alice, codes[-1])

    for code in codes:
        with pytest.raises(WrongCode):
            use(alice, code)


def test_the_code_that_set_the_app_up_is_used_up(alice: User) -> None:
    signed_in(alice)
    second_factor.begin(alice)
    pending = second_factor.pending_of(alice)
    assert pending is not None
    code = code_of(pending.key)
    second_factor.confirm(alice, code, session=alice.sessions.get(), actor=SYSTEM)

    with pytest.raises(WrongCode):
        use(alice, code)


@pytest.mark.parametrize("steps", [-3, -2, 3, 100])
def test_a_clock_may_be_wrong_by_one_step(alice: User, steps: int) -> None:
    key = with_app(alice)

    with pytest.raises(WrongCode):
        use(alice, code_of(key, steps=steps))


@pytest.mark.parametrize("typed", ["", "1", "abcdef", "１２３４５６", "\0", "0" * 16])
def test_what_is_no_code_is_wrong(alice: User, typed: str) -> None:
    with_app(alice)

    with pytest.raises(WrongCode):
        use(alice, typed)


def test_a_code_may_be_typed_as_the_app_groups_it(alice: User) -> None:
    code = code_of(with_app(alice))

    use(alice, f" {code[:3]} {code[3:]} ")


def test_nothing_is_asked_of_who_has_no_app(alice: User) -> None:
    second_factor.begin(alice)

    use(alice, "")
    assert not second_factor.is_set_up(alice)


def test_an_app_counts_once_it_has_shown_a_code(alice: User) -> None:
    signed_in(alice)
    second_factor.begin(alice)
    session = alice.sessions.get()

    with pytest.raises(WrongCode):
        second_factor.confirm(alice, "000000", session=session, actor=SYSTEM)
    assert not second_factor.is_set_up(alice)
    assert not AuditEvent.objects.filter(action=Action.SECOND_FACTOR_SET_UP).exists()


def test_there_is_nothing_to_confirm_before_it_began(alice: User) -> None:
    signed_in(alice)

    with pytest.raises(WrongCode):
        second_factor.confirm(alice, "", session=alice.sessions.get(), actor=SYSTEM)


def test_setting_up_ends_the_sessions_elsewhere_and_is_recorded(alice: User) -> None:
    signed_in(alice)
    with_app(alice)

    before, here = UserSession.objects.filter(user=alice).order_by("started_at")
    assert before.ended_why == Why.CREDENTIAL
    assert here.ended_at is None
    assert AuditEvent.objects.filter(action=Action.SECOND_FACTOR_SET_UP).count() == 1


def test_the_old_app_counts_until_the_new_one_does(alice: User) -> None:
    key = with_app(alice)
    second_factor.begin(alice)
    use(alice, code_of(key))
    pending = second_factor.pending_of(alice)
    assert pending is not None

    second_factor.confirm(
        alice,
        code_of(pending.key),
        session=alice.sessions.get(ended_at=None),
        actor=SYSTEM,
    )

    with pytest.raises(WrongCode):
        use(alice, code_of(key, steps=1))
    use(alice, code_of(pending.key, steps=1))


def test_the_database_does_not_know_the_secret(alice: User) -> None:
    key = with_app(alice)
    row = SecondFactor.objects.get(user=alice)

    secret = base64.b32decode(key)
    stored = f"{row.secret} {row.pending}"
    assert key not in stored
    assert secret.hex() not in stored
    assert base64.urlsafe_b64encode(secret).decode() not in stored


def test_the_address_names_whose_and_with_whom(alice: User) -> None:
    second_factor.begin(alice)
    pending = second_factor.pending_of(alice)

    assert pending is not None
    assert pending.address.startswith("otpauth://totp/Chatwork%20Admin:alice%40acme")
    assert f"secret={pending.key}" in pending.address


def test_keys_are_replaced_without_a_gap(alice: User, settings: Any) -> None:
    key, old = with_app(alice), settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = ["a new key", *old]
    use(alice, code_of(key))
    call_command("rotate_keys", verbosity=0)

    settings.ENCRYPTION_KEYS = ["a new key"]
    use(alice, code_of(key, steps=1))

    settings.ENCRYPTION_KEYS = old
    with pytest.raises(encryption.Undecipherable):
        use(alice, "000000")


def test_an_app_is_removed_once(alice: User) -> None:
    with_app(alice)
    for _ in range(2):
        second_factor.remove(alice, actor=SYSTEM)

    assert not second_factor.is_set_up(alice)
    assert AuditEvent.objects.filter(action=Action.SECOND_FACTOR_REMOVED).count() == 1


def test_the_operator_removes_a_lost_app(alice: User) -> None:
    with_app(alice)
    call_command("remove_second_factor", "ALICE@acme.test", verbosity=0)

    assert not second_factor.is_set_up(alice)
    with pytest.raises(CommandError):
        call_command("remove_second_factor", "alice@acme.test", verbosity=0)
