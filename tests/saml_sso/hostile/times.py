"""Signed by the trusted key: too late, too early, for too long, or at no time at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.xml_signatures import sign
from tests.saml_sso.hostile.target import HostileMessage, Target, edited, hostile

NO_INSTANTS = (
    "",
    "now",
    "2026-11-25",
    "2026-11-25T09:00:00",
    "2126-11-25T09:00:00+09:00",
    "2126-02-30T09:00:00Z",
    "2126-11-25T24:00:01Z",
    "2126-11-25T09:00:60Z",
    "2126-11-25 09:00:00Z",
    "2126-W48-3T09:00:00Z",
    "+12126-11-25T09:00:00Z",
    "２１２６-11-25T09:00:00Z",
)


def messages(target: Target) -> Iterator[HostileMessage]:
    yield from _ends(target)
    yield from _starts(target)
    yield from _sessions(target)
    yield from _no_instants(target)


def _no_instants(target: Target) -> Iterator[HostileMessage]:
    places = {"<Assertion ": "IssueInstant", "<AuthnStatement ": "AuthnInstant"}
    for text in NO_INSTANTS:
        for place, attribute in places.items():
            changed = _with_time(target, place, attribute, text)
            name = f"{attribute} is {text or 'empty'}"
            yield _signed(target, name, changed, Reason.INVALID_TIME)
    for place, attribute in places.items():
        without = _with_time(target, place, attribute, None)
        yield _signed(target, f"no {attribute}", without, Reason.INVALID_TIME)


def _ends(target: Target) -> Iterator[HostileMessage]:
    now = datetime.now(UTC)
    for place in ("<Conditions ", "<SubjectConfirmationData "):
        name = place.strip(" <")
        ends = {
            "over for a second": (now - timedelta(seconds=1), Reason.EXPIRED),
            "over for years": (now - timedelta(days=3650), Reason.EXPIRED),
            "two days ahead": (now + timedelta(days=2), Reason.LIFETIME_TOO_LONG),
            "ten years ahead": (now + timedelta(days=3650), Reason.LIFETIME_TOO_LONG),
        }
        for words, (end, reason) in ends.items():
            changed = _with_time(target, place, "NotOnOrAfter", _written(end))
            yield _signed(target, f"{name}: end {words}", changed, reason)
        without = _with_time(target, place, "NotOnOrAfter", None)
        yield _signed(target, f"{name}: no end", without, Reason.INVALID_TIME)
        last = _with_time(target, place, "NotOnOrAfter", "9999-12-31T23:59:59Z")
        yield _signed(target, f"{name}: the last end", last, Reason.LIFETIME_TOO_LONG)
    replayed = target.answer(now=now - timedelta(hours=2))
    yield hostile("two hours old", replayed.signed(), Reason.EXPIRED)
    kept = target.answer(now=now - timedelta(minutes=20))
    yield hostile("twenty minutes old", kept.signed(), Reason.TOO_OLD)


def _starts(target: Target) -> Iterator[HostileMessage]:
    soon = datetime.now(UTC) + timedelta(minutes=4)
    places = {
        "<Conditions ": "NotBefore",
        "<SubjectConfirmationData ": "NotBefore",
        "<Assertion ": "IssueInstant",
        "<AuthnStatement ": "AuthnInstant",
    }
    for place, attribute in places.items():
        changed = _with_time(target, place, attribute, _written(soon))
        name = f"{attribute} of {place.strip(' <')} ahead"
        yield _signed(target, name, changed, Reason.NOT_YET_VALID)
    ahead = target.answer(now=soon)
    yield hostile("a clock four minutes ahead", ahead.signed(), Reason.NOT_YET_VALID)


def _sessions(target: Target) -> Iterator[HostileMessage]:
    over = _written(datetime.now(UTC) - timedelta(seconds=1))
    ended = _with_time(target, "<AuthnStatement ", "SessionNotOnOrAfter", over)
    yield _signed(target, "a session that is over", ended, Reason.SESSION_EXPIRED)
    now = datetime.now(UTC)
    stale = target.answer(authn_instant=now - timedelta(hours=1))
    asked_anew = hostile(
        "no fresh sign-in", stale.signed(), Reason.AUTHENTICATION_TOO_OLD
    )
    yield replace(asked_anew, changes={"authenticated_since": now})


def _with_time(target: Target, place: str, attribute: str, value: str | None) -> str:
    """Set an attribute of the first such element, or take it away."""
    xml = str(target.answer())
    start = xml.index(place)
    end = xml.index(">", start)
    before, element, after = xml[:start], xml[start:end], xml[end:]
    head, found, rest = element.partition(f' {attribute}="')
    if found:
        element = head + rest.partition('"')[2]
    added = "" if value is None else f'{attribute}="{value}" '
    return before + edited(f"{element} ", (place, place + added)).rstrip() + after


def _written(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}Z"


def _signed(target: Target, name: str, xml: str, reason: Reason) -> HostileMessage:
    return hostile(name, sign(xml, target.provider.key), reason)
