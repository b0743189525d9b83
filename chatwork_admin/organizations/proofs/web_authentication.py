"""The messages of security keys and passkeys (WebAuthn Level 3), by py_webauthn.

Whose they are and where they count follows from BASE_URL, never from a request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

PARTY = "Chatwork Admin"
# What the library raises besides its own exceptions, found by fuzzing it.
UNREADABLE = (
    WebAuthnException,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
)
# A key that a browser can name by itself: who asks for it need not say whose it is.
SELECTION = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED,
    user_verification=UserVerificationRequirement.PREFERRED,
)


class NotGenuine(Exception):
    """No key has signed this for us, for this challenge."""


@dataclass(frozen=True, slots=True)
class NewKey:
    credential_id: bytes
    public_key: bytes
    sign_count: int


def creation_options(
    challenge: bytes, *, user_handle: bytes, label: str, known: Iterable[bytes]
) -> str:
    """Return what `navigator.credentials.create` is to be given, as JSON.

    `known`: the person's other credentials; no key makes a second one.
    """
    options = generate_registration_options(
        rp_id=_party_id(),
        rp_name=PARTY,
        user_id=user_handle,
        user_name=label,
        challenge=challenge,
        authenticator_selection=SELECTION,
        exclude_credentials=_described(known),
    )
    return options_to_json(options)


def request_options(challenge: bytes, *, known: Iterable[bytes] = ()) -> str:
    """Return what `navigator.credentials.get` is to be given, as JSON."""
    options = generate_authentication_options(
        rp_id=_party_id(),
        challenge=challenge,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


def new_key_in(answer: str, challenge: bytes) -> NewKey:
    """Return the key that an answer registers (§7.1). Raises NotGenuine."""
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_party_id(),
            expected_origin=_origin(),
        )
    except UNREADABLE as unreadable:
        raise NotGenuine(NotGenuine.__doc__) from unreadable
    return NewKey(
        verified.credential_id, verified.credential_public_key, verified.sign_count
    )


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a key has signed, so it says; `check` tells."""

    credential: AuthenticationCredential

    @property
    def credential_id(self) -> bytes:
        return self.credential.raw_id

    def check(self, challenge: bytes, *, public_key: bytes, user_handle: bytes) -> int:
        """Return how often the key says it was used (§7.2). Raises NotGenuine."""
        said = self.credential.response.user_handle
        if said is not None and said != user_handle:
            raise NotGenuine(NotGenuine.__doc__)
        try:
            verified = verify_authentication_response(
                credential=self.credential,
                expected_challenge=challenge,
                expected_rp_id=_party_id(),
                expected_origin=_origin(),
                credential_public_key=public_key,
                credential_current_sign_count=0,  # compared under the lock of the row
            )
        except UNREADABLE as unreadable:
            raise NotGenuine(NotGenuine.__doc__) from unreadable
        return verified.new_sign_count


def assertion_in(answer: str) -> Assertion:
    """Raises NotGenuine for what cannot be read."""
    try:
        return Assertion(parse_authentication_credential_json(answer))
    except UNREADABLE as unreadable:
        raise NotGenuine(NotGenuine.__doc__) from unreadable


def _described(known: Iterable[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each) for each in known]


def _party_id() -> str:
    return urlsplit(settings.BASE_URL).hostname or ""


def _origin() -> str:
    address = urlsplit(settings.BASE_URL)
    return f"{address.scheme}://{address.netloc}"
