"""Any text can be asked about, and what cannot be guessed may be a password."""

from __future__ import annotations

import contextlib
import secrets

from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from chatwork_admin.organizations.guessing import GuessingValidator

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
