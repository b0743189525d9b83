"""What people type as a name: nothing that is not seen, or turns what stands beside it."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# Controls, marks and overrides of direction (UAX #9), and what has no width, but for
# the joiners that scripts and emoji are written with
_UNSEEN = r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
VISIBLE = RegexValidator(
    _UNSEEN,
    _("There is a character in it that cannot be seen. Type it by hand."),
    "unseen",
    inverse_match=True,
)
