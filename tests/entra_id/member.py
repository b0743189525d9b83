"""A robot that plays somebody who signs in with Entra ID."""

from typing import Self
from urllib.parse import urljoin

import httpx

from tests.entra_id.browser import Browser, Page, PageRefused


class Member:
    """Comes to the organization's login URL; closed by `with`; raises PageRefused."""

    def __init__(
        self, base_url: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.browser = Browser(base_url, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.browser.close()

    def sign_in(self, slug: str, user_principal_name: str) -> Page:
        """Return the page where the person lands."""
        door = self.browser.open(f"/s/{slug}/")
        link = door.element("saml-sign-in").get("href")
        page = self.browser.open(urljoin(door.url, link))
        return be_signed_in(self.browser, page, user_principal_name)


def be_signed_in(browser: Browser, page: Page, user_principal_name: str) -> Page:
    """Choose this person at Entra ID, unless it knows who is there; bring the answer."""
    if page.has("sign-in"):
        page = browser.submit(page, "sign-in", {"user": user_principal_name})
    if not page.has("answer"):
        raise PageRefused(page.complaint("brings no answer of Entra ID"))
    return browser.submit(page, "answer")
