"""A browser without JavaScript: pages, cookies and forms, over HTTP only."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html

Fields = list[tuple[str, str]]


class PageRefused(Exception):
    """The product refused, or the page is not the expected one; says what the page says."""


@dataclass(frozen=True)
class Page:
    """One answer, parsed."""

    url: str
    status: int
    root: html.HtmlElement

    @property
    def alerts(self) -> str:
        """The error texts of the page (role=alert), or an empty string."""
        found = self.root.xpath("//*[@role='alert']")
        return " / ".join(text for text in map(_text, found) if text)

    def has(self, element_id: str) -> bool:
        return bool(self.root.xpath("//*[@id=$wanted]", wanted=element_id))

    def element(self, element_id: str) -> html.HtmlElement:
        """Find an element by its id; raises PageRefused with the page's own words."""
        found = self.root.xpath("//*[@id=$wanted]", wanted=element_id)
        if not found:
            raise PageRefused(self.complaint(f"has no element with id {element_id!r}"))
        return found[0]

    def text_of(self, element_id: str) -> str:
        """Read the text of an element, or the value of a field."""
        element = self.element(element_id)
        return str(element.get("value") or _text(element))

    def complaint(self, otherwise: str) -> str:
        """Say what the page complains of, else what we miss in it."""
        title = " ".join(self.root.xpath("//title//text()")).strip()
        return self.alerts or f"{self.url} ({self.status}, {title!r}) {otherwise}"


class Browser:
    """One browser window with its own cookies."""

    def __init__(
        self, base_url: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url.rstrip("/"),
            follow_redirects=True,
            headers={"Accept": "text/html", "Accept-Language": "ja,en;q=0.8"},
            timeout=60,
            transport=transport,
            trust_env=False,
        )

    def open(self, path: str) -> Page:
        return _page(self._http.get(path))

    def submit(
        self,
        page: Page,
        form_id: str,
        values: Mapping[str, str] | None = None,
        *,
        ticked: str = "",
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Page:
        """Fill the form and press its button.

        `values` by field name; `ticked` names checkboxes that are all ticked;
        `files` by field name, as file name and content.
        """
        form = page.element(form_id)
        fields = _filled(_fields_of(form, ticked), values or {})
        target = urljoin(page.url, form.get("action") or page.url)
        if (form.get("method") or "get").lower() == "get":
            return _page(self._http.get(target, params=httpx.QueryParams(dict(fields))))
        return _page(self._post(page, target, fields, files))

    def close(self) -> None:
        self._http.close()

    def _post(
        self,
        page: Page,
        target: str,
        fields: Fields,
        files: Mapping[str, tuple[str, bytes]] | None,
    ) -> httpx.Response:
        # Both headers are what a browser sends, and what Django's CSRF check reads.
        address = urlsplit(page.url)
        headers = {
            "Referer": page.url,
            "Origin": f"{address.scheme}://{address.netloc}",
        }
        sent: dict[str, list[str]] = {}
        for name, value in fields:
            sent.setdefault(name, []).append(value)
        return self._http.post(target, data=sent, files=files or None, headers=headers)


def _page(response: httpx.Response) -> Page:
    root = html.document_fromstring(response.content.decode() or "<html></html>")
    page = Page(str(response.url), response.status_code, root)
    # A form with errors comes back with 400 or 422 and is read like any other page, and
    # so is the question who somebody is, which comes with 403.
    if response.status_code < 400 or response.status_code in {400, 422}:
        return page
    if page.has("step-up-form"):
        return page
    raise PageRefused(page.complaint("was refused"))


def _fields_of(form: html.HtmlElement, ticked: str) -> Fields:
    fields: Fields = []
    for element in form.xpath(
        ".//input[@name] | .//textarea[@name] | .//select[@name]"
    ):
        name = element.get("name")
        if element.get("disabled") is None and _is_sent(
            element, is_ticked=name == ticked
        ):
            fields.append((name, _value(element)))
    button = form.xpath(".//button[@name][not(@type) or @type='submit']")[:1]
    return fields + [(one.get("name"), one.get("value") or "") for one in button]


def _is_sent(element: html.HtmlElement, *, is_ticked: bool) -> bool:
    kind = (element.get("type") or "").lower()
    if element.tag != "input" or kind not in {
        "checkbox",
        "radio",
        "file",
        "submit",
        "button",
    }:
        return True
    if kind in {"file", "submit", "button"}:
        return False
    return element.get("checked") is not None or is_ticked


def _value(element: html.HtmlElement) -> str:
    if element.tag == "input":
        usual = "on" if element.get("type") in {"checkbox", "radio"} else ""
        return str(element.get("value", usual))
    return str(element.value or "")


def _filled(fields: Fields, values: Mapping[str, str]) -> Fields:
    kept = [(name, value) for name, value in fields if name not in values]
    return [*kept, *values.items()]


def _text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())
