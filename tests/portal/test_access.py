"""Who may open which page: asked of every address the portal has."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, reverse
from django.urls.converters import IntConverter, UUIDConverter

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.access import PortalRequest, administrator_only
from chatwork_admin.portal.signing_in.urls import personal_pages
from chatwork_admin.portal.urls import for_strangers, urlpatterns
from tests.conftest import signed_in

NOTHINGS: dict[type, object] = {UUIDConverter: uuid.UUID(int=0), IntConverter: 0}
OPEN = {pattern.name for pattern in for_strangers}
PERSONAL = {pattern.name for pattern in personal_pages}


def pages(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from pages(each.url_patterns)
        else:
            yield each


PAGES = list(pages(urlpatterns))
MANAGED = [each for each in PAGES if each.name not in OPEN | PERSONAL]


def address_of(pattern: URLPattern) -> str:
    converters = pattern.pattern.converters.items()
    none = {name: NOTHINGS[type(converter)] for name, converter in converters}
    return reverse(f"portal:{pattern.name}", kwargs=none)


ADDRESSES = [address_of(pattern) for pattern in MANAGED]
# Whoever comes without a client's request is told so, whoever it is.
NEED_A_REQUEST = {"/oauth/authorize", "/oauth/deny"}


@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_are_asked_to_sign_in(
    client: Client, acme: Organization, method: str
) -> None:
    for address in ADDRESSES:
        response = getattr(client, method)(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/sign-in/"), address


@pytest.mark.parametrize("method", ["get", "post"])
def test_members_are_turned_away(client: Client, bob: User, method: str) -> None:
    signed_in(bob, client)
    before = AuditEvent.objects.count()
    for address in ADDRESSES:
        refused = {400, 405} if address in NEED_A_REQUEST else {403, 405}
        assert getattr(client, method)(address).status_code in refused, address
    assert AuditEvent.objects.count() == before


def test_no_copy_of_a_page_is_kept(as_alice: Client) -> None:
    for address in ADDRESSES:
        response = as_alice.get(address)
        if response.status_code == 200:
            assert "no-store" in response["Cache-Control"], address


def test_a_form_without_its_token_is_refused_in_words(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    signed_in(alice, client)

    response = client.post("/manage/sync/enable/", {"accepted": []})

    assert response.status_code == 403
    assert "The form has expired" in response.text


def test_the_first_address_leads_to_the_overview(client: Client) -> None:
    assert client.get("/")["Location"] == "/manage/"


def test_the_menu_has_no_dead_links(as_alice: Client) -> None:
    page = as_alice.get("/manage/")

    menu = page.text.split('class="sidebar"')[1].split("</nav>")[0]
    for link in menu.split('href="')[1:]:
        assert as_alice.get(link.split('"')[0]).status_code == 200
    assert menu.count('aria-current="page"') == 1


def test_who_comes_to_a_form_by_a_link_is_led_to_its_page(as_alice: Client) -> None:
    for address in ADDRESSES:
        response = as_alice.get(address)
        is_asked = address in NEED_A_REQUEST
        assert response.status_code in ({400} if is_asked else {200, 302, 404}), address


def test_who_lost_the_right_while_a_form_was_under_way_is_told_who_has_it(
    alice: User, rf: RequestFactory
) -> None:
    @administrator_only
    def save(request: PortalRequest) -> HttpResponse:
        raise administrator_right.NotAllowed

    request = rf.post("/")
    request.user = alice

    with pytest.raises(PermissionDenied, match="Alice"):
        save(request)
