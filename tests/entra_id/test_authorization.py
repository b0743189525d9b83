"""*Authorize*, as the stand-in clicks it: by its robot, and for whoever has a browser."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import httpx
import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization.models import Grant
from chatwork_admin.organizations.models import Organization, User, UserSession
from tests.authorization.conftest import authorizable
from tests.authorization.gallery import BACK, Gallery
from tests.entra_id.__main__ import main
from tests.entra_id.administrator import Administrator
from tests.entra_id.authorization import Click, NotAuthorized, Registration
from tests.entra_id.browser import PageRefused
from tests.entra_id.client import ScimClient
from tests.entra_id.failures import BadConnection

pytestmark = pytest.mark.django_db(transaction=True)
SignedIn = Callable[[User], Administrator]


@pytest.fixture
def registration(
    live_server: LiveServer, gallery: Gallery, enabled_acme: Organization
) -> Registration:
    return Registration(
        authorization_endpoint=f"{live_server.url}/oauth/authorize",
        token_endpoint=f"{live_server.url}/oauth/token",
        client_id=gallery.client_id,
        client_secret=gallery.secret,
        redirect_uri=BACK,
    )


@pytest.fixture
def signed_in(
    live_server: LiveServer, plain_http: None, password: str
) -> Iterator[SignedIn]:
    robots: list[Administrator] = []

    def open_browser(person: User) -> Administrator:
        robots.append(Administrator(live_server.url))
        robots[-1].sign_in(person.user_name, password)
        return robots[-1]

    yield open_browser
    for robot in robots:
        robot.close()


def test_what_is_authorized_provisions(
    registration: Registration,
    signed_in: SignedIn,
    alice: User,
    live_server: LiveServer,
) -> None:
    click = Click(registration)
    token = click.redeem(signed_in(alice).authorize(click.address))
    known = registration.client(token)
    with ScimClient(f"{live_server.url}/scim/v2", known) as client:
        assert client.find("Users", 'userName eq "nobody@acme.test"') == []


def test_an_application_that_names_the_response_type_is_authorized_too(
    registration: Registration,
    signed_in: SignedIn,
    alice: User,
    enabled_acme: Organization,
) -> None:
    own = authorizable(enabled_acme)
    known = replace(
        registration,
        client_id=own.client_id,
        client_secret=own.secret,
        names_response_type=True,
    )
    click = Click(known)
    assert click.redeem(signed_in(alice).authorize(click.address))


def test_whoever_signed_in_long_ago_proves_who_they_are(
    registration: Registration, signed_in: SignedIn, alice: User
) -> None:
    administrator = signed_in(alice)
    long_ago = timezone.now() - timedelta(hours=1)
    UserSession.objects.update(authenticated_at=long_ago)

    click = Click(registration)

    assert click.redeem(administrator.authorize(click.address))


def test_a_user_manager_is_refused_and_there_is_no_grant(
    registration: Registration, signed_in: SignedIn, carol: User
) -> None:
    with pytest.raises(PageRefused, match="Alice"):
        signed_in(carol).authorize(Click(registration).address)
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("brought", "why"),
    [
        (f"{BACK}?error=access_denied&state=1", "access_denied"),
        (f"{BACK}?code=c&state=2", "another question"),
        (f"{BACK}?code=c", "another question"),
        ("https://evil.example/?code=c&state=1", "went to https://evil.example/"),
    ],
)
def test_an_answer_that_is_none_is_not_redeemed(
    registration: Registration, brought: str, why: str
) -> None:
    with pytest.raises(NotAuthorized, match=why):
        Click(registration, state="1").redeem(brought)
    assert not AuditEvent.objects.filter(action__startswith="grant.").exists()


def test_a_code_of_nobody_is_a_bad_connection(registration: Registration) -> None:
    with pytest.raises(BadConnection, match="400"):
        Click(registration, state="1").redeem(f"{BACK}?code=c&state=1")


def test_whoever_has_a_browser_is_waited_for(
    registration: Registration,
    signed_in: SignedIn,
    alice: User,
    settings: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        back = f"http://127.0.0.1:{free.getsockname()[1]}/TokenAuthorize"
    settings.OAUTH_REDIRECT_URIS = [back]
    file, token = tmp_path / "registration.json", tmp_path / "refresh-token"
    replace(registration, redirect_uri=back).keep(file)
    kept = ["--registration", str(file), "--refresh-token", str(token)]
    administrator = signed_in(alice)
    ended: list[int] = []
    command = Thread(
        target=lambda: ended.append(main(["authorize", *kept])), daemon=True
    )
    command.start()
    page = httpx.get(administrator.authorize(_printed(capsys)))
    command.join(30)

    assert (ended, page.status_code) == ([0], 200)
    assert token.read_text().startswith("scimrefresh_")
    assert token.stat().st_mode & 0o077 == 0


def _printed(capsys: pytest.CaptureFixture[str]) -> str:
    for _ in range(300):
        for line in capsys.readouterr().out.splitlines():
            if "/oauth/authorize?" in line:
                return line
        sleep(0.1)
    raise AssertionError("no address")
