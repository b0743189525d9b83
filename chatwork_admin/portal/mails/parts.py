"""What a mail is put together from."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DAYS_OF_CONCERN = 7  # from then on user managers are told too
YOU_ADMINISTER = _(
    "You get this mail because you administer this organization. Answers to it are not "
    "read."
)
LOOK_AT_THE_LOG = _(
    "If you did not expect this, look at the audit log, and end the sessions of whoever "
    "did it."
)


@dataclass(frozen=True, slots=True)
class Words:
    """Subject, what happened, and what to do at the page of `url_name`.

    The organization administrator gets it; user managers too, where more eyes help. Or
    nobody but the person it is about (`to_person_meant`). `why` they get it comes last.
    """

    subject: Promise | str
    sentence: Promise
    advice: Promise
    url_name: str
    to_user_managers: bool = False
    to_person_meant: bool = False
    why: Promise = YOU_ADMINISTER
