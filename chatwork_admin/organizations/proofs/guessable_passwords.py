"""Passwords that are long, and yet guessed early: words everybody takes, keys in a row."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from zxcvbn import zxcvbn

PRODUCT = ("chatwork", "admin", "entra", "microsoft")
FAMOUS = tuple(  # phrases that everybody knows, as they are without blanks and signs
    phrase.replace(" ", "")
    for phrase in (
        "correct horse battery staple",
        "the quick brown fox jumps over the lazy dog",
        "to be or not to be that is the question",
        "may the force be with you",
        "all your base are belong to us",
        "twinkle twinkle little star",
        "lorem ipsum dolor sit amet",
        "once upon a time",
        "happily ever after",
        "吾輩は猫である名前はまだ無い",
        "寿限無寿限無五劫の擦り切れ",
        "祇園精舎の鐘の声諸行無常の響きあり",
    )
)
MOST_READ = 72  # characters; the work grows with their square
UNGUESSABLE = 3  # of 4: more than 10^8 guesses
EASY = _(
    "This password is easy to guess. Take several words that do not belong together."
)


class GuessingValidator:
    """Refuse what somebody would soon guess who knows the person and the product.

    NIST SP 800-63B-4 §3.1.1.2: compare with commonly used and expected values. Django's
    list of common passwords has hardly any as long as ours must be.
    """

    def __init__(self, user_attributes: Sequence[str]) -> None:
        self.user_attributes = user_attributes

    def validate(self, password: str, user: object = None) -> None:
        known = [str(getattr(user, name, "")) for name in self.user_attributes]
        inputs = [*PRODUCT, *FAMOUS, *filter(None, known)]
        found = password and zxcvbn(_read(password)[:MOST_READ], user_inputs=inputs)
        if not found or found["score"] < UNGUESSABLE:
            raise ValidationError(EASY, code="password_too_common")


def _read(password: str) -> str:
    """Return what is judged: a famous phrase is one, however its words are parted."""
    squeezed = "".join(filter(str.isalnum, password.casefold()))
    return squeezed if any(phrase in squeezed for phrase in FAMOUS) else password
