"""Codes as browsers and clients carry them (RFC 6749 §4.1)."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from tests.authorization.conftest import Registered
from tests.authorization.gallery import BACK, Gallery

AUTHORIZE = "/oauth/authorize"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    .rstrip(b"=")
    .decode()
)
ANSWER = re.compile(r'<a id="consent-answer"[^>]* href="([^"]+)"')
Knowing = Gallery | Registered


def query(client: Knowing, **changed: str) -> dict[str, str]:
    asked = {"client_id": client.client_id, "redirect_uri": BACK, "state": "1"}
    return {"response_type": "code"} | asked | changed


def answered(page: Any) -> dict[str, str]:
    """Return what the browser brings back to Entra ID."""
    found = ANSWER.search(page.text)
    assert found is not None, page.text
    address = urlsplit(unescape(found[1]))
    assert f"{address.scheme}://{address.netloc}{address.path}" == BACK
    said = parse_qs(address.query, keep_blank_values=True)
    return {name: values[0] for name, values in said.items()}


def code_of(browser: Client, client: Knowing, **changed: str) -> str:
    asked = f"{AUTHORIZE}?{urlencode(query(client, **changed))}"
    return answered(browser.post(asked))["code"]


def exchange(code: str, **changed: str) -> dict[str, str]:
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return fields | changed


def refresh(token: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": token}
