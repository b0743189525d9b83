"""Passwords that are long, and yet guessed early: words everybody takes, keys in a row."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from zxcvbn import zxcvbn

PRODUCT = ("chatwork", "admin", "entra", "microsoft")
MOST_READ = 72  # characters; the work grows with their square
UNGUESSABLE = 3  # of 4: more than 10^8 guesses


class GuessingValidator:
    """Refuse what somebody would soon guess who knows the person and the product.

    NIST SP 800-63B-4 §3.1.1.2: compare with commonly used and expected values. Django's
    list of common passwords has hardly any as long as ours must be.
    """

    def __init__(self, user_attributes: Sequence[str]) -> None:
        self.user_attributes = user_attributes

    def validate(self, password: str, user: object = None) -> None:
        known = [str(getattr(user, name, "")) for name in self.user_attributes]
        inputs = [*PRODUCT, *filter(None, known)]
        found = password and zxcvbn(password[:MOST_READ], user_inputs=inputs)
        if not found or found["score"] < UNGUESSABLE:
            raise ValidationError(self.get_help_text(), code="password_too_common")

    def get_help_text(self) -> str:
        return gettext(
            "This password is easy to guess. Take several words that do not belong "
            "together."
        )
