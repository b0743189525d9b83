"""Show the administrator who tests the sign-in what each check says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from saml_sso.messages.assertions import Assertion, Claims, read_claims
from saml_sso.messages.claim_checks import Envelope, read_envelope
from saml_sso.messages.expectations import Expectations
from saml_sso.messages.message_document import decode_document
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.responses import (
    CLAIM_CHECKS,
    CheckName,
    assertion_of,
    require_second_opinion,
)
from saml_sso.messages.statuses import require_success
from saml_sso.messages.structure import Message, read_message
from saml_sso.messages.verification import (
    VerifiedResponse,
    require_valid_certificate,
    verify,
)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check said. `passed` is None where an earlier failure left it unasked."""

    name: CheckName
    passed: bool | None
    reason: ResponseReason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """All checks in their order. `assertion` is there only if every one has passed.

    `claims` may be there without it, to be shown and nothing else: if the signature did
    not pass, anybody may have written them. Escape them, and what outcomes hold.
    """

    outcomes: tuple[Outcome, ...]
    assertion: Assertion | None
    claims: Claims | None

    @property
    def refusal(self) -> Outcome | None:
        """The first check that failed: the one `read_response` would raise."""
        return next((each for each in self.outcomes if each.passed is False), None)


def examine(form_value: str, expectations: Expectations) -> Examination:
    """Ask everything `read_response` asks, and go on after a failure where it can."""
    asked = _Asked()
    document = asked.ask(CheckName.TEXT, decode_document, form_value)
    message = asked.ask(CheckName.ELEMENTS, read_message, document)
    success = asked.ask(CheckName.STATUS, _require_success, message)
    verified = asked.ask(CheckName.SIGNATURE, verify, success, expectations)
    asked.ask(CheckName.CERTIFICATE, require_valid_certificate, verified, expectations)
    claims, envelope = _shown(message, verified)
    for name, check in CLAIM_CHECKS.items():
        asked.ask(name, check, claims, envelope, expectations)
    asked.ask(CheckName.SECOND_OPINION, require_second_opinion, verified, expectations)
    outcomes = tuple(asked.outcomes)
    is_believed = verified is not None and all(each.passed for each in outcomes)
    assertion = assertion_of(verified) if verified and is_believed else None
    return Examination(outcomes, assertion, claims)


class _Asked:
    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def ask(
        self, name: CheckName, check: Callable[..., Result], *arguments: object
    ) -> Result | None:
        """Return what the check returns; None if it fails, or an argument is None."""
        if any(each is None for each in arguments):
            self.outcomes.append(Outcome(name, passed=None))
            return None
        try:
            result = check(*arguments)
        except InvalidResponse as refused:
            self.outcomes.append(
                Outcome(
                    name, passed=False, reason=refused.reason, detail=refused.detail
                )
            )
            return None
        self.outcomes.append(Outcome(name, passed=True))
        return result


def _require_success(message: Message) -> Message:
    require_success(message)
    return message


def _shown(
    message: Message | None, verified: VerifiedResponse | None
) -> tuple[Claims | None, Envelope | None]:
    if verified is not None:
        return verified.claims, verified.envelope
    if message is None or message.assertion is None:
        return None, None
    try:
        return read_claims(message.assertion), read_envelope(message.response)
    except InvalidResponse:  # its times cannot be read
        return None, None
