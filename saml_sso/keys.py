"""The key pairs of this installation; identity providers encrypt to them."""

from __future__ import annotations

from django.conf import settings

from saml_sso.key_pairs import parse_key_pair
from saml_sso.messages.expectations import DecryptionKey


def signing_key() -> str:
    """Return the PEM that signs what we send."""
    return current_pair().private_key


def current_pair() -> DecryptionKey:
    """Raises InvalidKeyPair; the deployment check says so at the start."""
    return parse_key_pair(settings.SAML_SP_KEY, settings.SAML_SP_CERTIFICATE)


def other_pair() -> DecryptionKey | None:
    """Return the pair before or after the current one, during a rollover."""
    if not settings.SAML_SP_OTHER_KEY:
        return None
    return parse_key_pair(
        settings.SAML_SP_OTHER_KEY, settings.SAML_SP_OTHER_CERTIFICATE
    )


def key_pairs() -> tuple[DecryptionKey, ...]:
    """Return all pairs, the current one first."""
    other = other_pair()
    return (current_pair(), other) if other else (current_pair(),)
