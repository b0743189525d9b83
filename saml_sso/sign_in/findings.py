"""What an examination found, as it is kept for the administrator who tests. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saml_sso.messages.assertions import Claims
from saml_sso.messages.examinations import Examination, Outcome

Found = dict[str, Any]


def described(examination: Examination) -> Found:
    assertion = examination.assertion
    return {
        "checks": [_check(each) for each in examination.outcomes],
        "claims": _claims(examination.claims) if examination.claims else None,
        "object_id": (assertion.object_id or "") if assertion else "",
        "certificate_sha256": assertion.certificate_sha256 if assertion else "",
        "signed": assertion.signed if assertion else "",
        "was_encrypted": bool(assertion and assertion.was_encrypted),
    }


def _check(outcome: Outcome) -> Found:
    return {
        "name": outcome.name.value,
        "passed": outcome.passed,
        "reason": outcome.reason.value if outcome.reason else "",
        "detail": outcome.detail,
    }


def _claims(claims: Claims) -> Found:
    return {
        "name_id": claims.subject.name_id,
        "name_id_format": claims.subject.name_id_format,
        "issuer": claims.issuer,
        "issued_at": _written(claims.issued_at),
        "not_before": _written(claims.conditions.not_before),
        "not_on_or_after": _written(claims.conditions.not_on_or_after),
        "authn_instant": _written(claims.statement.authn_instant),
        "session_index": claims.statement.session_index,
        "session_not_on_or_after": _written(claims.statement.session_not_on_or_after),
        "audiences": [list(each) for each in claims.conditions.audience_restrictions],
        "attributes": [[name, list(values)] for name, values in claims.attributes],
    }


def _written(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
