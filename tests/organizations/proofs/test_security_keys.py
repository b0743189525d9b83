"""Security keys: what they sign counts once, for us, for who has them, and here."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from webauthn.helpers import bytes_to_base64url

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import (
    Organization,
    SecurityKey,
    UsedChallenge,
    User,
)
from chatwork_admin.organizations.proofs import challenges, security_keys
from chatwork_admin.organizations.proofs.challenges import Purpose
from chatwork_admin.organizations.proofs.security_keys import Answer
from chatwork_admin.organizations.proofs.web_authentication import NotGenuine
from tests.conftest import actor_for
from tests.organizations.proofs.authenticator import (
    PRESENT,
    Authenticator,
    Browser,
    challenge_in,
    key_of,
)

PARTY = "admin.example.jp"


def shown(
    user: User, authenticator: Authenticator, browser: Browser, **wrong: Any
) -> bool:
    """Whether what a key answers is taken for a proof of this person."""
    options = browser.asked()
    answer = authenticator.get(options, **wrong)
    return accepted(user, answer, browser)


def accepted(user: User, text: str, browser: Browser) -> bool:
    answer = browser.answer(text)
    return security_keys.accepts(user, answer, actor=actor_for(user))


def test_a_key_of_the_person_is_accepted_and_its_use_noted(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    assert shown(alice, blue, browser)
    assert shown(alice, blue, browser, flags=PRESENT)  # verification is preferred only

    key = SecurityKey.objects.get()
    assert key.sign_count == 2
    assert key.last_used_at is not None


def test_so_is_a_passkey_which_does_not_count(alice: User, browser: Browser) -> None:
    passkey = Authenticator(counts=False)
    key_of(alice, passkey)

    assert shown(alice, passkey, browser)
    assert shown(alice, passkey, browser, user_handle=alice.pk.bytes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_data": {"origin": "https://admin.example.jp.evil.test"}},
        {"client_data": {"origin": "http://admin.example.jp"}},
        {"client_data": {"origin": "https://admin.example.jp:444"}},
        {"client_data": {"type": "webauthn.create"}},
        {"client_data": {"challenge": "AAAA"}},
        {"rp_id": "example.jp"},
        {"rp_id": "evil.test"},
        {"flags": 0},
        {"user_handle": b"somebody else's"},
        {"user_handle": b""},
    ],
    ids=str,
)
def test_what_was_signed_for_anything_else_is_refused(
    alice: User, blue: Authenticator, browser: Browser, wrong: dict[str, Any]
) -> None:
    before = AuditEvent.objects.count()

    assert not shown(alice, blue, browser, **wrong)
    assert SecurityKey.objects.get().last_used_at is None
    assert AuditEvent.objects.count() == before


def test_a_challenge_counts_once(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    answer = blue.get(browser.asked())
    assert accepted(alice, answer, browser)

    blue.count = 0
    SecurityKey.objects.update(sign_count=0)
    assert not accepted(alice, answer, browser)


def test_nothing_is_stored_of_what_was_asked_or_refused(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    UsedChallenge.objects.all().delete()  # of the registration
    answer = blue.get(browser.asked(), rp_id="evil.test")

    assert not accepted(alice, answer, browser)
    assert not UsedChallenge.objects.exists()


def test_a_challenge_is_of_one_browser(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    elsewhere = Browser()
    answer = blue.get(browser.asked())
    elsewhere.asked()

    assert not accepted(alice, answer, elsewhere)
    assert not accepted(alice, answer, Browser())
    assert accepted(alice, answer, browser)


def test_a_challenge_is_one_of_ours(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    answer = blue.get(browser.asked())
    ((name, signed),) = browser.cookies.items()
    value, signature = signed.split(":", maxsplit=1)
    browser.cookies[name] = f"{'0' * len(value)}:{signature}"

    assert not accepted(alice, answer, browser)
    forged = json.dumps({"challenge": bytes_to_base64url(bytes(32)), "rpId": PARTY})
    assert not accepted(alice, blue.get(forged), browser)


def test_a_challenge_lasts_five_minutes(
    alice: User,
    blue: Authenticator,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, now = blue.get(browser.asked()), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert not accepted(alice, answer, browser)

    monkeypatch.setattr(time, "time", lambda: now + 299)
    assert accepted(alice, answer, browser)


def test_what_has_counted_is_forgotten_once_it_can_count_no_more(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    assert shown(alice, blue, browser)
    assert challenges.forget_expired() == 0

    UsedChallenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert challenges.forget_expired() == 2  # with that of the registration


def test_a_new_challenge_makes_the_one_before_void(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    answer = blue.get(browser.asked())
    browser.asked()

    assert not accepted(alice, answer, browser)


def test_the_challenge_to_register_proves_nothing(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    options = json.loads(browser.asked_to_register(alice))
    answer = blue.get(json.dumps(options | {"rpId": options["rp"]["id"]}))

    assert not accepted(alice, answer, browser)


def test_somebody_elses_key_proves_nothing(
    alice: User, carol: User, mallory: User, blue: Authenticator, browser: Browser
) -> None:
    key_of(carol)

    assert not shown(carol, blue, browser)
    assert not shown(mallory, blue, browser)
    assert not shown(carol, Authenticator(), browser)


def test_another_key_under_the_same_name_proves_nothing(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    forged = Authenticator(credential_id=blue.credential_id)

    assert not shown(alice, forged, browser)


def test_a_key_that_has_not_counted_on_is_refused_and_that_is_recorded(
    alice: User, blue: Authenticator, browser: Browser
) -> None:
    blue.count = 5
    assert shown(alice, blue, browser)

    for count in (5, 3, -1):
        blue.count = count  # says one more
        assert shown(alice, blue, browser) == (count == 6)
        blue.count = 5
    events = AuditEvent.objects.filter(action=Action.SECURITY_KEY_DOUBTED)
    assert [event.context["key"] for event in events] == ["blue"] * 3
    assert SecurityKey.objects.get().sign_count == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_data": {"origin": "https://evil.test"}},
        {"client_data": {"type": "webauthn.get"}},
        {"client_data": {"challenge": "AAAA"}},
        {"rp_id": "evil.test"},
        {"flags": 0},
    ],
    ids=str,
)
def test_what_was_not_made_for_us_is_not_registered(
    alice: User, browser: Browser, wrong: dict[str, Any]
) -> None:
    options = browser.asked_to_register(alice)
    text = Authenticator().create(options, **wrong)
    answer = browser.answer(text, Purpose.REGISTER)
    before = AuditEvent.objects.count()

    with pytest.raises(NotGenuine):
        security_keys.add(alice, answer, "blue", actor=actor_for(alice))

    assert not SecurityKey.objects.exists()
    assert AuditEvent.objects.count() == before


def test_a_key_is_registered_once_for_one_person(
    alice: User, carol: User, blue: Authenticator
) -> None:
    for person in (alice, carol):
        with pytest.raises(security_keys.KnownAlready):
            key_of(person, blue)
    assert SecurityKey.objects.get().user == alice


def test_nobody_has_more_than_ten_keys(alice: User) -> None:
    SecurityKey.objects.bulk_create(
        SecurityKey(
            organization=alice.organization,
            user=alice,
            credential_id=bytes([each]),
            public_key=b"",
            name=str(each),
        )
        for each in range(10)
    )
    with pytest.raises(security_keys.TooMany):
        key_of(alice)
    assert SecurityKey.objects.count() == 10


def test_a_key_cannot_be_of_somebody_in_another_organization(
    alice: User, globex: Organization
) -> None:
    SecurityKey.objects.create(
        organization=globex, user=alice, credential_id=b"1", public_key=b"", name=""
    )
    with (
        pytest.raises(IntegrityError, match="security_key_user_of_organization"),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


anything = st.one_of(
    st.text(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(json.dumps),
)
FUZZING = hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZING
@given(text=anything)
def test_whatever_else_comes_is_refused(
    alice: User, blue: Authenticator, text: str
) -> None:
    _refuse(alice, text)


@FUZZING
@given(data=st.data())
def test_a_genuine_answer_with_other_bytes_is_refused(
    alice: User, blue: Authenticator, data: st.DataObject
) -> None:
    browser = Browser()
    options = browser.asked()
    created = browser.asked_to_register(alice)
    for genuine in (blue.get(options), Authenticator().create(created)):
        _refuse(alice, _mutated(genuine, data), challenge_in(options))


def _refuse(alice: User, text: str, challenge: bytes = bytes(32)) -> None:
    answer = Answer(text, challenge)
    assert not security_keys.accepts(alice, answer, actor=SYSTEM)
    with pytest.raises(NotGenuine):
        security_keys.add(alice, answer, "x", actor=SYSTEM)


def _mutated(genuine: str, data: st.DataObject) -> str:
    """Change one part: other bytes, another length, or another kind of value."""
    said = json.loads(genuine)
    part = data.draw(st.sampled_from([*said["response"], "id", "rawId", "type"]))
    holder = said["response"] if part in said["response"] else said
    text = holder[part]
    place = data.draw(st.integers(0, 10_000)) % (len(text) - 1)
    changed = data.draw(
        st.one_of(
            st.sampled_from("ABCxyz019-_=!").map(lambda each: (place, each)),
            st.none(),
            st.integers(),
            st.text(),
            st.lists(st.text()),
        )
    )
    if isinstance(changed, tuple):
        changed = text[:place] + changed[1] + text[place + 1 :]
    holder[part] = text[:place] if changed == text else changed
    return json.dumps(said)
