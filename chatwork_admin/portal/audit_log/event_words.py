"""The particulars of an audit event, in the words of whoever reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models.sessions import Began, Why
from chatwork_admin.organizations.user_managers import Loss
from chatwork_admin.portal.connection import identity_words
from chatwork_admin.portal.help.error_codes import BY_CODE
from chatwork_admin.portal.mentioned import LISTED, MENTIONED
from chatwork_admin.portal.saml import sign_in_reasons
from chatwork_admin.portal.synchronization.forms import DISABLE_REASONS
from chatwork_admin.portal.texts import plain
from chatwork_admin.synchronization.notices import NOTICES
from chatwork_admin.synchronization.succession import NotRestored

LABELS = {
    "accepted": _("Confirmed notes"),
    "reason": _("Reason"),
    "version": _("Version"),
    "code": _("Error code"),
    "status": _("HTTP status"),
    "request": pgettext_lazy("HTTP", "Request"),
    "detail": pgettext_lazy("HTTP", "Answer"),
    "more": _("Further refusals"),
    "ignored": _("Ignored"),
    "left_out": _("Left out"),
    "unknown": _("Unknown IDs"),
    "no_ids": _("Left out, for no ID names them"),
    "joined": _("Joined the team"),
    "left": _("Left the team"),
    "teams": _("Teams left"),
    "days": _("Days left, at most"),
    "expires": _("Expires"),
    "successor": _("Next certificate"),
    "unmanaged": _("Have lost their manager"),
    "rejoined": _("Teams joined again"),
    "managed": _("Have their manager back"),
    "predecessor": _("Former account ID"),
    "former_name": _("Former login e-mail"),
    "not_restored": _("Nobody restored because"),
    "until": _("Kept at least until"),
    "users": _("Number of users"),
    "began": _("Proven by"),
    "why": _("Cause"),
    "sessions": _("Sessions"),
    "codes_left": _("Codes left"),
    "count": _("Number of codes"),
    "codes_void": _("Codes voided"),
    "rehearsal": _("Occasion"),
    "emergency_access": _("Emergency access"),
    "result": _("Result"),
    "channel": _("Way in"),
    "hint": _("Hint"),
    "name": _("Name (NameID)"),
    "object_id": _("Entra object ID"),
    "certificate": _("Certificate"),
    "key": _("Security key"),
    "note": _("Purpose"),
    "ends": _("Ends in"),
    "token_minutes": _("Minutes an access token lasts"),
    "issuer": _("Issuer"),
    "jwks_uri": _("JWKS URI"),
    "subject": _("Subject"),
    "audience": _("Audience"),
    "said": _("Sent instead"),
    "last_used": _("Last used"),
    "connections": _("Connections to be authorized again"),
    "seen": _("Seen by who issued them, so better replaced"),
    "authorized_by": _("Authorized by"),
    "authorize_by": _("To be authorized again by"),
}
NO_NAMES: Mapping[str, str] = {}
NOT_RECORDED = _("counted, but not recorded in this hour")
CHOICES: Mapping[str, Mapping[str, object]] = {
    "reason": dict(DISABLE_REASONS),
    "began": dict(Began.choices),
    "why": dict([*Why.choices, *Loss.choices]),
    "channel": {
        "saml": "SAML",
        "password": _("Password"),
        "bypass": _("Emergency access"),
    },
    "emergency_access": {
        "proven": _("Tried out"),
        "waived": _("Waived"),
    },
    "result": {
        "passed": _("Passed"),
        "failed": _("Failed"),
        "assumed": _("Taken for passed"),  # of demonstrations
    },
    "rehearsal": {"True": _("Trial")},
    "not_restored": dict(NotRestored.choices),
}
END_OF_SENTENCE = re.compile(r"(?<=\.) |(?<=。)")
NUMBERS = {notice.key: str(number) for number, notice in enumerate(NOTICES, start=1)}


def particulars(
    event: AuditEvent, names: Mapping[str, str] = NO_NAMES
) -> Iterator[tuple[str, str]]:
    """Yield label and value of what else is known; the address has a line of its own.

    `names`: how to name whom it mentions by id.
    """
    for name, value in event.context.items():
        if name != "address" and value:
            said = _named(value, names) if name in MENTIONED else value
            yield str(LABELS.get(name, name)), _value(name, said)


def meaning(code: object) -> str:
    """Say an error code in a few words; nothing for a code that is none of ours."""
    if known := BY_CODE.get(str(code)):
        return str(known.situation)
    of_an_assertion = identity_words.refusal(str(code))
    sentence = of_an_assertion or str(sign_in_reasons.sentence(str(code)))
    return END_OF_SENTENCE.split(sentence, maxsplit=1)[0]


def _value(name: str, value: object) -> str:
    if name == "accepted" and isinstance(value, list):
        return ", ".join(sorted(NUMBERS.get(key, str(key)) for key in value))
    if name in CHOICES:
        return str(CHOICES[name].get(str(value), value))
    if isinstance(value, list) and len(value) > LISTED:
        return _shortened(value)
    if name == "until":
        return (
            f"{timezone.localtime(datetime.fromisoformat(str(value))):%Y-%m-%d %H:%M}"
        )
    return str(NOT_RECORDED) if name == "more" else plain(value)


def _named(ids: list[str], names: Mapping[str, str]) -> list[str]:
    return [names.get(each, each) for each in ids]


def _shortened(found: list[object]) -> str:
    """Name the first ones."""
    said = {"first": plain(found[:LISTED]), "number": len(found) - LISTED}
    return gettext("%(first)s and %(number)s more") % said
