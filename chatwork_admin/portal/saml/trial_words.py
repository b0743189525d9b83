"""What a test sign-in found, in words: each check, who was meant, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import User
from chatwork_admin.portal.saml import sign_in_reasons
from chatwork_admin.portal.saml.entra_errors import EntraError, explain
from saml_sso.messages.responses import CheckName
from saml_sso.models import (
    AuthenticationRequest,
    IdentityProvider,
    TrustedCertificate,
)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """`kind` is ok, bad, or quiet for what was not asked any more."""

    kind: str
    label: Promise
    problem: Promise | str
    detail: str


@dataclass(frozen=True, slots=True)
class TestResult:
    """`claims` hold instants as such, as a page shows them.

    `name_id_differs`: from the login e-mail of the tester, and nobody else was meant.
    `asks_for_e_mail`: our option does; if it does not, Entra ID sends another name.
    """

    has_passed: bool
    checks: list[CheckLine]
    claims: dict[str, Any] | None
    certificate: TrustedCertificate | None
    entra_error: EntraError | None
    person: dict[str, Any]
    person_problem: Promise | str
    name_id_differs: bool
    asks_for_e_mail: bool
    signed: Promise | str
    is_signed: bool

    @property
    def has_failed_checks(self) -> bool:
        """Whether the message was refused, not just the person it names."""
        return any(each.kind == "bad" for each in self.checks)


def result_of(test: AuthenticationRequest, tester: User) -> TestResult | None:
    """Return what an answered test found; None while there is no answer."""
    found = test.examination
    if found is None:
        return None
    certificates = TrustedCertificate.objects.filter(organization=test.organization_id)
    claims = found["claims"]
    return TestResult(
        has_passed=found["passed"],
        checks=[_line(each) for each in found["checks"]],
        claims=_with_instants(claims) if claims else None,
        certificate=certificates.filter(sha256=found["certificate_sha256"]).first(),
        entra_error=_entra_error(found["checks"]),
        person=found["person"],
        person_problem=sign_in_reasons.sentence(found["person"]["reason"]),
        name_id_differs=_differs(claims, found["person"], tester),
        asks_for_e_mail=test.identity_provider.name_id_format == E_MAIL,
        signed=SIGNED.get(found["signed"], ""),
        is_signed=any(
            each["passed"]
            for each in found["checks"]
            if each["name"] == CheckName.SIGNATURE
        ),
    )


def _with_instants(claims: dict[str, Any]) -> dict[str, Any]:
    """JSON has no instants; they were kept as text, empty for none."""
    return claims | {name: parse_datetime(claims[name]) for name in INSTANTS}


def _differs(
    claims: dict[str, Any] | None, person: dict[str, Any], tester: User
) -> bool:
    is_somebody_else = bool(person["user_name"]) and not person["is_tester"]
    if claims is None or is_somebody_else or person["reason"]:
        return False
    return fold(claims["name_id"]) != fold(tester.user_name)


def _line(check: dict[str, Any]) -> CheckLine:
    kinds = {True: "ok", False: "bad", None: "quiet"}
    return CheckLine(
        kinds[check["passed"]],
        CHECKS[CheckName(check["name"])],
        sign_in_reasons.sentence(check["reason"]),
        check["detail"],
    )


def _entra_error(checks: list[dict[str, Any]]) -> EntraError | None:
    details = (check["detail"] for check in checks if check["name"] == CheckName.STATUS)
    return next(filter(None, map(explain, details)), None)


CHECKS = {
    CheckName.TEXT: _("The message can be read"),
    CheckName.ELEMENTS: _("It has the form of a SAML response"),
    CheckName.STATUS: _("The identity provider reports success"),
    CheckName.SIGNATURE: _("The signature belongs to it and to a trusted certificate"),
    CheckName.CERTIFICATE: _("That certificate is valid now"),
    CheckName.ISSUER: _("It comes from the trusted identity provider"),
    CheckName.DESTINATION: _("It was sent to our Reply URL"),
    CheckName.IN_RESPONSE_TO: _("It answers this very request"),
    CheckName.AUDIENCE: _("It is meant for our Identifier (Entity ID)"),
    CheckName.SUBJECT_CONFIRMATION: _("Whoever brings it may use it, here"),
    CheckName.TIMES: _("Its times are right"),
    CheckName.SESSION: _("The sign-in it reports is recent"),
    CheckName.NAME_ID: _("The name (NameID) can be used"),
    CheckName.ATTRIBUTES: _("Its claims can be read"),
    CheckName.TENANT: _("The account is of the trusted tenant"),
    CheckName.SECOND_OPINION: _("A second implementation agrees"),
}
E_MAIL = IdentityProvider.NameIDFormat.EMAIL_ADDRESS
INSTANTS = (
    "issued_at",
    "not_before",
    "not_on_or_after",
    "authn_instant",
    "session_not_on_or_after",
)
SIGNED = {
    "assertion": _("The assertion is signed."),
    "response": _("The response is signed."),
    "both": _("Response and assertion are signed."),
}
