"""Every answer says to browsers what they may do with it, wherever it comes from."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse

from chatwork_admin.organizations.models import Organization
from chatwork_admin.support.models import StaffMember
from tests.conftest import ScimClientFor
from tests.deployment.production import python
from tests.support.conftest import sign_in
from tests.test_tenant_isolation import parameters, routes

A_YEAR = 365 * 24 * 60 * 60
ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": f"max-age={A_YEAR}; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
}
WORDS = {"slug": "acme", "code": "SCIM-1", "number": 1, "format": "json"}
ADMIN = {"app_label": "organizations", "url": "no/such/page", "content_type_id": 1}
UNNAMED = (
    "/scim/v2",
    "/scim/nowhere",
    "/nowhere/",
    "/support/nowhere/",
    "/static/portal/portal.css",
    "/static/portal/favicon.svg",
    "/static/admin/css/base.css",
    "/static/nowhere.css",
)


def addresses(organization: Organization) -> Iterator[str]:
    """Yield an address of every route, with words and ids that lead somewhere or not."""
    known = WORDS | ADMIN | {"public_id": organization.public_id}
    for route, name, pattern in routes():
        if pattern.name is not None:
            named = parameters(pattern, route)
            values = {key: known.get(key, str(uuid.uuid4())) for key in named}
            yield reverse(name, kwargs=values)
    yield from UNNAMED


@pytest.fixture
def everybody(
    settings: Any,
    enabled_acme: Organization,
    scim_client: ScimClientFor,
    as_alice: Client,
) -> list[Client]:
    settings.SECURE_HSTS_SECONDS = A_YEAR
    staff = StaffMember.objects.create(email="olga@support.test", name="Olga")
    return [Client(), as_alice, scim_client(enabled_acme), sign_in(Client(), staff)]


def test_every_answer_carries_the_headers_and_only_static_files_may_be_kept(
    everybody: list[Client], enabled_acme: Organization
) -> None:
    tried, kept = 0, set()
    for address in addresses(enabled_acme):
        for client in everybody:
            answer = client.get(address, secure=True)
            _assert_headers(address, answer)
            tried += 1
            if "no-store" not in answer["Cache-Control"]:
                kept.add(address)
    assert tried > 500
    assert kept
    assert all(address.startswith("/static/") for address in kept), kept


def test_so_do_the_answers_to_forms(settings: Any, enabled_acme: Organization) -> None:
    settings.SECURE_HSTS_SECONDS = A_YEAR
    for address in addresses(enabled_acme):
        _assert_headers(address, Client().post(address, secure=True))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "answered"),
    [
        (400, {"path": "/sign-in/", "headers": {"Host": "evil.test"}}),
        (403, {"path": "/sign-in/", "method": "post"}),
        (404, {"path": "/no/such/page/"}),
        (405, {"path": "/preferences/"}),
        (413, {"path": "/sign-in/", "method": "post", "data": {"a": "a" * 2**21}}),
    ],
)
def test_error_pages_carry_them_too(
    settings: Any, status: int, answered: dict[str, Any]
) -> None:
    settings.SECURE_HSTS_SECONDS = A_YEAR
    client = Client(enforce_csrf_checks=status == 403)
    method, path = answered.pop("method", "get"), answered.pop("path")

    answer = getattr(client, method)(path, secure=True, **answered)

    assert answer.status_code == status
    _assert_headers(path, answer)
    assert "no-store" in answer["Cache-Control"]


def test_so_does_the_page_that_says_that_it_is_our_fault(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECURE_HSTS_SECONDS = A_YEAR
    client = Client(raise_request_exception=False)
    pattern = next(each for _, name, each in routes() if name == "portal:error-codes")
    monkeypatch.setattr(pattern, "callback", login_not_required(_broken))

    answer = client.get(reverse("portal:error-codes"), secure=True)

    assert answer.status_code == 500
    _assert_headers("500", answer)


def test_pages_run_only_what_is_ours(as_alice: Client) -> None:
    for address in ("/sign-in/", "/manage/", "/support/login/"):
        policy = as_alice.get(address)["Content-Security-Policy"]
        for directive in (
            "default-src 'none'",
            "script-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
        ):
            assert directive in policy


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in/", "/support/login/"])
def test_a_file_is_never_larger_than_memory_allows(path: str) -> None:
    files = {"file": SimpleUploadedFile("film.bin", b"a" * 2**20)}

    assert Client().post(path, files).status_code == 413


def test_no_address_believes_who_it_is_called(enabled_acme: Organization) -> None:
    believed = {"Host": "evil.test", "X-Forwarded-Host": "evil.test"}
    for address in addresses(enabled_acme):
        for name, value in believed.items():
            answer = Client().get(address, headers={name: value})
            assert b"evil.test" not in _read(answer), address
            assert "evil.test" not in answer.get("Location", ""), address


COOKIES = """
import json, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "chatwork_admin.settings"
django.setup()
from django.conf import settings
from django.test import Client
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
client = Client(headers={"host": "admin.example.jp", "x-forwarded-proto": "https"})
client.get("/sign-in/")
client.post("/preferences/", {"language": "ja", "theme": "dark"})
said = {name: cookie.OutputString() for name, cookie in client.cookies.items()}
names = "NAME SECURE HTTPONLY SAMESITE PATH DOMAIN".split()
session = {name: getattr(settings, f"SESSION_COOKIE_{name}") for name in names}
print(json.dumps([said, session]))
"""


def test_cookies_are_of_this_host_alone_and_hidden_from_scripts() -> None:
    ran = python("-c", COOKIES)
    said, session = json.loads(ran.stdout or pytest.fail(ran.stderr))

    assert session == {
        "NAME": "__Host-session",
        "SECURE": True,
        "HTTPONLY": True,
        "SAMESITE": "Lax",
        "PATH": "/",
        "DOMAIN": None,
    }
    assert set(said) == {"__Host-csrf", "__Host-language", "__Host-theme"}
    for cookie in said.values():
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(
            re.split("; ?", cookie)
        )
        assert "Domain" not in cookie


def _broken(_: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def _read(answer: HttpResponseBase) -> bytes:
    return b"".join(answer)  # of a stream, too


def _assert_headers(said: str, answer: HttpResponseBase) -> None:
    _read(answer)  # a static file is open until then
    for name, value in ALWAYS.items():
        assert answer.get(name) == value, f"{said}: {name}"
    assert "Access-Control-Allow-Origin" not in answer, said
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy, said
    assert "frame-ancestors 'none'" in policy, said
    assert "unsafe" not in policy, said
    assert "camera=()" in answer["Permissions-Policy"], said
    assert answer.get("Cache-Control"), said
