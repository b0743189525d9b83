"""Every secret of a run: noted where a process of the product made it, or handed out.

Whatever `secrets` makes is taken for one, unless NO_SECRETS says why it is none. What is
put together from single characters (session keys, printed codes) is added by whoever is
handed it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from chatwork_admin.supervisor.commands import PROJECT

SHORTEST = 8  # characters: shorter ones, such as six digits, are found everywhere
NO_SECRETS = {
    "chatwork_admin/identifiers.py": "public ids, part of addresses",
    "chatwork_admin/reference_numbers.py": "reference numbers of requests",
    "chatwork_admin/organizations/proofs/challenges.py": "what a key signs; nothing without it",
    "chatwork_admin/organizations/models/people.py": "passwords that nobody has",
    "chatwork_admin/portal/connection/once.py": "the numbers of forms",
    "saml_sso/messages/requests.py": "ids of requests, part of addresses",
    "saml_sso/messages/logout_messages.py": "ids of messages, part of addresses",
    "saml_sso/messages/decryption.py": "a place in a document",
}
SECRET_SETTINGS = (
    *("SECRET_KEY", "TOKEN_PEPPER", "ENCRYPTION_KEYS"),
    *("SAML_SP_KEY", "OAUTH_GALLERY_SECRETS"),
)


@dataclass
class Issued:
    """`file` is what the observed processes write."""

    file: Path
    handed_out: dict[bytes, str] = field(default_factory=dict)

    def add(self, what: str, *handed_out: str) -> None:
        """Add what somebody was given, or keeps from others."""
        for secret in handed_out:
            assert len(secret) >= SHORTEST, what
            self.handed_out[secret.encode()] = what

    def add_settings(self, environment: dict[str, str]) -> None:
        for name in SECRET_SETTINGS:
            # A key in PEM form is many lines; each is one secret.
            lines = re.findall(r"[^\n\\]{32,}", environment[name])
            self.add(name, *(line for line in lines if "-----" not in line))

    def secrets(self) -> dict[bytes, str]:
        """Return each secret with what it is."""
        return dict(self._made()) | self.handed_out

    def _made(self) -> Iterator[tuple[bytes, str]]:
        for line in self.file.read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            place = Path(said["by"])
            by = str(place.relative_to(PROJECT) if PROJECT in place.parents else place)
            if by not in NO_SECRETS:
                made = said["made"]
                yield bytes.fromhex(made) if said["is_hex"] else made.encode(), by


def forms_of(secret: bytes) -> set[bytes]:
    """Return what a secret looks like where it was written down in another form."""
    forms = {
        secret,
        secret[::-1],
        *(quote(secret, safe=safe).encode() for safe in ("", "/")),
        json.dumps(secret.decode("latin-1"))[1:-1].encode(),
        secret.hex().encode(),
        secret.hex().upper().encode(),
        base64.b32encode(secret).rstrip(b"="),
        *_within_base64(secret),
    }
    return {form for form in forms if b"\n" not in form and b"\0" not in form}


def needles(secrets: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return each form with its secret."""
    return {form: secret for secret in secrets for form in forms_of(secret)}


def _within_base64(secret: bytes) -> Iterator[bytes]:
    """Yield what is certain of its base64, wherever in a longer text it begins."""
    for before, skipped in enumerate((0, 2, 3)):
        whole = (before + len(secret)) * 8 // 6
        encoded = base64.b64encode(bytes(before) + secret)[skipped:whole]
        yield encoded
        yield encoded.translate(bytes.maketrans(b"+/", b"-_"))
