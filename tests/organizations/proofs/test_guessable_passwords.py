"""Any text can be asked about, and what cannot be guessed may be a password."""

from __future__ import annotations

import contextlib
import secrets

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from chatwork_admin.organizations.proofs.guessable_passwords import GuessingValidator

VALIDATOR = GuessingValidator(["name"])


@given(st.text(max_size=200))
@example("İstanbul" * 20)
@example("\x00" * 30)
@example("1" * 1024)
def test_any_text_is_judged(password: str) -> None:
    with contextlib.suppress(ValidationError):
        VALIDATOR.validate(password)


def test_what_is_random_may_be_a_password() -> None:
    VALIDATOR.validate(secrets.token_urlsafe(16))


def test_words_that_do_not_belong_together_may_be_a_password() -> None:
    for password in ("seven quiet herons waiting", "駅前の喫茶店で猫が傘を数えた"):
        VALIDATOR.validate(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "Correct-Horse-Battery-Staple!",
        "CorrectHorseBatteryStaple1",
        "To be or not to be: that is the question",
        "吾輩は猫である。名前はまだ無い。",
    ],
    ids=["comic", "dashes", "capitals", "hamlet", "cat"],
)
def test_a_famous_phrase_is_guessed_early(password: str) -> None:
    with pytest.raises(ValidationError, match="easy to guess"):
        VALIDATOR.validate(password)


def test_what_begins_like_a_famous_phrase_may_go_on_as_a_password() -> None:
    VALIDATOR.validate("once upon a time forty herons mended umbrellas")
