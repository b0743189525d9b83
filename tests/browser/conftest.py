"""A real Chromium, driven by Playwright against a live server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from chatwork_admin.organizations.models import User
from tests.conftest import signed_in

# Playwright runs an event loop in this thread; Django would refuse its own database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

OpenPage = Callable[..., Page]
# As in the Makefile. Without windows, the shell takes a quarter less time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Each window would load two pages of Chromium's own, for suggestions below an address
# bar that nobody sees; they take a third of the time of a short test.
WITHOUT = (
    "--disable-features="
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess"
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), ""
    )
    if not path:
        pytest.fail("No Chromium: install it, or set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", WITHOUT]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(
    chromium: Browser, live_server: LiveServer, plain_http: None
) -> Iterator[OpenPage]:
    """Open a window, signed in; whatever the console complains of fails the test."""
    contexts = []
    complaints: list[str] = []

    def opened(
        person: User | None = None,
        *,
        theme: str = "light",
        width: int = 1280,
        language: str = "en",
        javascript: bool = True,
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            java_script_enabled=javascript,
            locale=language,
            color_scheme="dark" if theme == "dark" else "light",
        )
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        cookies = {"theme": theme, django_settings.LANGUAGE_COOKIE_NAME: language}
        if person is not None:
            name = django_settings.SESSION_COOKIE_NAME
            cookies[name] = signed_in(person).cookies[name].value
        context.add_cookies(
            [
                {"name": name, "value": value, "url": live_server.url}
                for name, value in cookies.items()
            ]
        )
        page = context.new_page()
        page.on("console", lambda message: _note(complaints, message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def _note(complaints: list[str], text: str) -> None:
    # A page that answers 403, 404, 409 or 422 is what some tests are about.
    if "the server responded with a status of 4" not in text:
        complaints.append(text)
