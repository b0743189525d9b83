"""Somebody goes wherever the product issues a secret, and tells what they were handed."""

from __future__ import annotations

import base64
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from rich.console import Console

from tests.demo.commands import make_organization
from tests.demo.entra import DemoEntra
from tests.entra_id.administrator import Administrator
from tests.entra_id.authorization import Click
from tests.entra_id.browser import Browser, Page
from tests.entra_id.member import Member
from tests.entra_id.sign_on.serving import serving
from tests.running_product.conftest import STAND_IN, RunningProduct

SIGNATURE = re.compile(rb"<(?:\w+:)?SignatureValue>\s*([^<\s]+)")


def everything(running: RunningProduct, folder: Path) -> None:
    """Be issued a secret of each kind, and show secrets where they do not belong."""
    customer = running.organization("secrets")
    with administrator_of(running, customer) as administrator:
        by_oauth(running, administrator)
        by_hand(running, administrator)
        emergency_codes(running, administrator.browser)
        password = new_password(running, administrator.browser, customer)
        app_and_recovery_codes(
            running, administrator.browser, "/account/second-factor/", password
        )
        keep_cookies(running, administrator.browser)
    by_saml(running, folder)
    staff(running)
    where_they_do_not_belong(running, customer)


@contextmanager
def administrator_of(
    running: RunningProduct, customer: dict[str, str]
) -> Iterator[Administrator]:
    with Administrator(running.product.base_url) as administrator:
        administrator.sign_in(
            customer["administrator_email"], customer["administrator_password"]
        )
        keep_cookies(running, administrator.browser)
        yield administrator


def keep_cookies(running: RunningProduct, browser: Browser) -> None:
    for cookie in browser._http.cookies.jar:
        if cookie.name not in {"language", "theme"}:
            running.issued.add(f"cookie {cookie.name}", str(cookie.value))


def by_oauth(running: RunningProduct, administrator: Administrator) -> None:
    """Authorization code, access and refresh tokens; client secret and its tokens."""
    click = Click(running.registration)
    brought = administrator.authorize(click.address)
    [code] = parse_qs(urlsplit(brought).query)["code"]
    refresh_token = click.redeem(brought)
    running.issued.add("authorization code", code)
    running.issued.add("refresh token", refresh_token)
    client_id, secret = administrator.register_client("Entra ID")
    running.issued.add("client secret", secret)
    fields = {"grant_type": "client_credentials"}
    proof = {"client_id": client_id, "client_secret": secret}
    renewal = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    known = running.registration
    gallery = {"client_id": known.client_id, "client_secret": known.client_secret}
    for asked in (fields | proof, renewal | gallery):
        said = httpx.post(known.token_endpoint, data=asked).json()
        running.issued.add("access token", said["access_token"])
        ask_scim(running, said["access_token"])


def by_hand(running: RunningProduct, administrator: Administrator) -> None:
    token = administrator.issue_token("By hand")
    running.issued.add("bearer token", token)
    ask_scim(running, token)


def ask_scim(running: RunningProduct, token: str, **more: str) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {token}"}
    users = f"{running.product.base_url}/scim/v2/Users"
    return httpx.get(users, headers=bearer, params={"count": "1"} | more)


def emergency_codes(running: RunningProduct, browser: Browser) -> None:
    page = browser.open("/manage/security/login/codes/")
    codes = printed(browser.submit(page, "saml-codes-form"))
    running.issued.add("emergency code", *codes)


def new_password(
    running: RunningProduct, browser: Browser, customer: dict[str, str]
) -> str:
    chosen = secrets.token_urlsafe(18)
    said = {"password": customer["administrator_password"]}
    said |= {"new_password": chosen, "repeated": chosen}
    browser.submit(browser.open("/account/password/"), "password-form", said)
    running.issued.add("password", chosen)
    return chosen


def app_and_recovery_codes(
    running: RunningProduct, browser: Browser, path: str, password: str
) -> None:
    """Set up an app for one-time codes, and use up a recovery code."""
    page = browser.submit(browser.open(path), "begin-form")
    key = page.text_of("app-key")
    said = {"code": one_time_code(key), "password": password}
    codes = printed(browser.submit(page, "app-form", said))
    running.issued.add("key of an app", key, key.replace(" ", ""))
    running.issued.add("recovery code", *codes)


def one_time_code(key: str) -> str:
    secret = base64.b32decode(key.replace(" ", ""))
    return TOTP(secret, 6, SHA1(), 30).generate(int(time.time())).decode()


def printed(page: Page) -> list[str]:
    """Return the codes of the page, as printed and as typed in a hurry."""
    shown = [each.text_content() for each in page.root.xpath("//ol//li/code")]
    assert len(shown) == 10
    return [*shown, *(code.replace("-", "").replace(" ", "") for code in shown)]


def by_saml(running: RunningProduct, folder: Path) -> None:
    """Sign in with Entra ID: tickets, a session, and what the assertion is signed with."""
    customer = make_organization("secrets-saml", "秘密", running.product.environment)
    running.issued.add("password", customer.administrator_password)
    entra = DemoEntra(
        folder, running.registration, customer, Console(quiet=True), STAND_IN
    )
    with serving(entra.site(), int(STAND_IN.rpartition(":")[2])):
        entra.connect()
        with Member(running.product.base_url) as member:
            member.browser._http.event_hooks["request"].append(keep_signature(running))
            member.sign_in(customer.slug, customer.administrator_email)
            keep_cookies(running, member.browser)
    running.issued.add("refresh token", entra.refresh_token.read_text())


def keep_signature(running: RunningProduct) -> Callable[[httpx.Request], None]:
    def keep(request: httpx.Request) -> None:
        posted = parse_qs(request.read().decode("latin-1")).get("SAMLResponse", [])
        for response in posted:
            [signature, *_] = SIGNATURE.findall(base64.b64decode(response))
            running.issued.add("assertion", signature.decode()[:64])

    return keep


def staff(running: RunningProduct) -> None:
    password = secrets.token_urlsafe(18)
    running.issued.add("password", password)
    named = ["--email", "olga@staff.example", "--name", "Olga", "--role", "viewer"]
    subprocess.run(
        [sys.executable, "manage.py", "create_staff_member", *named],
        env={**os.environ, **running.product.environment}
        | {"STAFF_MEMBER_PASSWORD": password},
        check=True,
        capture_output=True,
    )
    browser = Browser(running.product.base_url)
    page = browser.open("/support/login/")
    browser.submit(
        page, "login-form", {"username": "olga@staff.example", "password": password}
    )
    app_and_recovery_codes(running, browser, "/support/second-factor/", password)
    keep_cookies(running, browser)
    browser.close()


def where_they_do_not_belong(running: RunningProduct, customer: dict[str, str]) -> None:
    """Secrets in addresses and in fields of others, and such as are wrong."""
    wrong = secrets.token_urlsafe(18)
    running.issued.add("wrong secret", wrong)
    refused = [ask_scim(running, wrong), *wrongly_sent(running, customer, wrong)]
    assert all(answer.status_code >= 400 for answer in refused)
    created = httpx.post(
        f"{running.product.base_url}/scim/v2/Users",
        headers={"Authorization": f"Bearer {customer['scim_token']}"},
        json={"userName": "password@secrets.example.jp", "password": wrong},
    )
    assert created.status_code == 201, created.text


def wrongly_sent(
    running: RunningProduct, customer: dict[str, str], wrong: str
) -> Iterator[httpx.Response]:
    token, fields = customer["scim_token"], {"grant_type": "client_credentials"}
    proofs = {"client_secret": wrong}
    with httpx.Client(base_url=running.product.base_url) as client:
        yield client.get("/scim/v2/Users", params={"access_token": token})
        yield client.get(f"/{wrong}", headers={"Authorization": f"Basic {wrong}"})
        yield client.post("/sign-in/", data={"username": "x", "password": wrong})
        yield client.post("/oauth/token", data=fields | proofs, auth=(wrong, wrong))
        yield client.post("/oauth/revoke", data={"token": token}, auth=(wrong, wrong))
