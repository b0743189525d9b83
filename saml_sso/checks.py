"""Look at our own SAML keys before the first sign-in does (`manage.py check`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils import timezone

from saml_sso import keys
from saml_sso.identity_providers.certificates import parse_certificate
from saml_sso.key_pairs import InvalidKeyPair
from saml_sso.messages.expectations import DecryptionKey

NOTICE = timedelta(days=30)


@register(Tags.security, deploy=True)
def check_key_pairs(
    app_configs: Sequence[AppConfig] | None = None, **_: object
) -> list[CheckMessage]:
    """Say which pair cannot be used, and whether the current certificate ends soon."""
    return [
        *_check("SAML_SP_KEY", keys.current_pair),
        *_check("SAML_SP_OTHER_KEY", keys.other_pair),
    ]


def _check(
    variable: str, read: Callable[[], DecryptionKey | None]
) -> list[CheckMessage]:
    try:
        pair = read()
    except InvalidKeyPair as invalid:
        return [Error(f"{variable}: {invalid}.", id="saml_sso.E001")]
    if pair is None:
        return []
    end = parse_certificate(pair.certificate).not_after
    if end > timezone.now() + NOTICE:
        return []
    hint = "Make a new pair and hand its certificate out before then."
    text = f"{variable}: its certificate ends at {end:%Y-%m-%d}."
    return [Warning(text, hint=hint, id="saml_sso.W001")]
