"""What may be trusted of an identity provider: its name, addresses and certificates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from saml_sso.identity_providers.certificates import (
    CertificateReason,
    InvalidCertificate,
    SigningCertificate,
    parse_certificates,
)
from saml_sso.identity_providers.trusted_addresses import (
    TrustReason,
    objection_to_entity_id,
    objection_to_url,
    tenant_id_of,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, with the certificate it is about where that could be read."""

    reason: TrustReason | CertificateReason
    certificate: SigningCertificate | None = None


@dataclass(frozen=True, slots=True)
class IdentityProviderSettings:
    """What `validate` lets through; the two logout addresses may be empty."""

    entity_id: str
    single_sign_on_url: str
    single_logout_url: str
    after_logout_url: str
    certificates: tuple[SigningCertificate, ...]

    @property
    def tenant_id(self) -> str | None:
        return tenant_id_of(self.entity_id)


class InvalidSettings(Exception):
    """`errors` holds, under the name of each refused field, what is wrong with it."""

    def __init__(self, errors: Mapping[str, tuple[Refusal, ...]]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def validate(  # noqa: PLR0913 - the fields of one form
    *,
    entity_id: str,
    single_sign_on_url: str,
    single_logout_url: str,
    after_logout_url: str,
    certificates: str,
    now: datetime,
    stand_ins: Collection[str] = (),
) -> IdentityProviderSettings:
    """Return the settings of a form, or of metadata, if every field may be saved.

    No certificate may have expired at `now` (aware), and one at least must be valid.
    `stand_ins`: see `objection_to_url`. Raises InvalidSettings with all errors at once.
    """
    parsed, refusals = _read_certificates(certificates, now)
    settings = IdentityProviderSettings(
        entity_id=entity_id.strip(),
        single_sign_on_url=single_sign_on_url.strip(),
        single_logout_url=single_logout_url.strip(),
        after_logout_url=after_logout_url.strip(),
        certificates=parsed,
    )
    _refuse_errors(settings, refusals, stand_ins)
    return settings


def _read_certificates(
    text: str, now: datetime
) -> tuple[tuple[SigningCertificate, ...], tuple[Refusal, ...]]:
    if not text.strip():
        return (), (Refusal(TrustReason.REQUIRED),)
    try:
        certificates = parse_certificates(text)
    except InvalidCertificate as invalid:
        return (), (Refusal(invalid.reason, invalid.certificate),)
    return certificates, _time_refusals(certificates, now)


def _time_refusals(
    certificates: tuple[SigningCertificate, ...], now: datetime
) -> tuple[Refusal, ...]:
    expired = tuple(
        Refusal(CertificateReason.EXPIRED, certificate)
        for certificate in certificates
        if certificate.has_expired_at(now)
    )
    if expired or any(certificate.is_valid_at(now) for certificate in certificates):
        return expired
    return tuple(
        Refusal(CertificateReason.NOT_YET_VALID, certificate)
        for certificate in certificates
    )


def _refuse_errors(
    settings: IdentityProviderSettings,
    certificate_refusals: tuple[Refusal, ...],
    stand_ins: Collection[str],
) -> None:
    errors = _address_errors(settings, stand_ins)
    if certificate_refusals:
        errors["certificates"] = certificate_refusals
    if errors:
        raise InvalidSettings(errors)


def _address_errors(
    settings: IdentityProviderSettings, stand_ins: Collection[str]
) -> dict[str, tuple[Refusal, ...]]:
    objections = {
        "entity_id": objection_to_entity_id(settings.entity_id),
        "single_sign_on_url": objection_to_url(
            settings.single_sign_on_url, stand_ins=stand_ins
        ),
        "single_logout_url": _objection_to_optional_url(
            settings.single_logout_url, stand_ins
        ),
        "after_logout_url": _objection_to_optional_url(settings.after_logout_url),
    }
    found = ((field, why) for field, why in objections.items() if why)
    return {field: (Refusal(why),) for field, why in found}


def _objection_to_optional_url(
    url: str, stand_ins: Collection[str] = ()
) -> TrustReason | None:
    return objection_to_url(url, stand_ins=stand_ins) if url else None
