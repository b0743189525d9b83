"""A security key in software, which signs whatever it is asked to, for any page.

It makes what a browser makes of `navigator.credentials` (WebAuthn Level 3), and, where a
test wants it, what no honest browser would.
"""

from __future__ import annotations

import json
import secrets
import struct
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from chatwork_admin.organizations.models import User
from chatwork_admin.organizations.models.second_factors import RegisteredKey
from chatwork_admin.organizations.proofs import (
    challenges,
    security_keys,
    web_authentication,
)
from chatwork_admin.organizations.proofs.challenges import Purpose
from chatwork_admin.organizations.proofs.security_keys import Answer
from tests.conftest import actor_for

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(slots=True)
class Authenticator:
    """`count` is how often it says it was used; a passkey does not count, and says 0."""

    count: int = 0
    counts: bool = True
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: str, **wrong: Any) -> str:
        """Return what a browser answers to creation options."""
        data = self._data(options, wrong, ATTESTED) + self._credential()
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            {
                "clientDataJSON": _client_data("webauthn.create", options, wrong),
                "attestationObject": cbor2.dumps(attestation),
            }
        )

    def get(self, options: str, **wrong: Any) -> str:
        """Return what a browser answers to request options."""
        self.count += self.counts
        data = self._data(options, wrong)
        client_data = _client_data("webauthn.get", options, wrong)
        signed = data + sha256(client_data).digest()
        said: dict[str, bytes] = {
            "clientDataJSON": client_data,
            "authenticatorData": data,
            "signature": self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
        }
        if "user_handle" in wrong:
            said["userHandle"] = wrong["user_handle"]
        return self._answer(said)

    def _data(self, options: str, wrong: dict[str, Any], more: int = 0) -> bytes:
        asked = json.loads(options)
        party = wrong.get("rp_id") or asked.get("rpId") or asked["rp"]["id"]
        flags = wrong.get("flags", PRESENT | VERIFIED) | more
        return sha256(party.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _credential(self) -> bytes:
        public = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (public.x, public.y))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        length = struct.pack(">H", len(self.credential_id))
        return bytes(16) + length + self.credential_id + cose

    def _answer(self, response: dict[str, bytes]) -> str:
        named = bytes_to_base64url(self.credential_id)
        said = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps(
            {"id": named, "rawId": named, "type": "public-key", "response": said}
        )


class Browser:
    """Keeps the cookies of challenges, and brings them back."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def asked(self) -> str:
        return self._kept(challenges.ask(Purpose.PROVE, security_keys.request_options))

    def asked_to_register(self, person: User) -> str:
        options = partial(security_keys.creation_options, person=person)
        return self._kept(challenges.ask(Purpose.REGISTER, options))

    def answer(self, text: str, purpose: Purpose = Purpose.PROVE) -> Answer:
        request = RequestFactory().get("/")
        request.COOKIES = self.cookies
        return security_keys.answer_in(text, request, purpose)

    def _kept(self, response: HttpResponse) -> str:
        self.cookies |= {name: each.value for name, each in response.cookies.items()}
        return response.text


def challenge_in(options: str) -> bytes:
    return base64url_to_bytes(json.loads(options)["challenge"])


def key_of(user: User, authenticator: Authenticator | None = None) -> RegisteredKey:
    """Register a security key for somebody."""
    challenge = secrets.token_bytes(challenges.SIZE)
    options = _options(user, challenge)
    text = (authenticator or Authenticator()).create(options)
    security_keys.add(user, Answer(text, challenge), "blue", actor=actor_for(user))
    key: RegisteredKey = security_keys.of(user).get()
    return key


def _options(user: User, challenge: bytes) -> str:
    return web_authentication.creation_options(
        challenge, user_handle=user.pk.bytes, label=user.user_name, known=[]
    )


def _client_data(kind: str, options: str, wrong: dict[str, Any]) -> bytes:
    said = {
        "type": kind,
        "challenge": json.loads(options)["challenge"],
        "origin": settings.BASE_URL,
        "crossOrigin": False,
    }
    return json.dumps(said | wrong.get("client_data", {})).encode()
