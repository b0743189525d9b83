"""What a page costs, however much an organization holds: statements, and bytes."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, tokens
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import grouping, provisioning
from tests.authorization.conftest import another_secret, granted, registered
from tests.conftest import signed_in
from tests.portal.test_access import PAGES
from tests.test_tenant_isolation import secrets_of_acme  # noqa: F401 - a fixture

NAMES = sorted(str(each.name) for each in PAGES)
# By a path of their own: what leaves for another site, and what a form leads to.
ELSEWHERE = {"authorize", "deny", "sign-out"}
MANY = 9
LARGEST_FIRST_VISIT = 60_000  # bytes, compressed


def grow(organization: Organization, alice: User) -> None:
    """Give the organization many of everything that its pages list."""
    people = [
        provisioning.provision_user(
            organization,
            {"userName": f"p{number}@acme.test", "active": number % 3 > 0},
            actor=SYSTEM,
        )
        for number in range(MANY)
    ]
    members = frozenset(person.pk for person in people)
    soon = timezone.now() + timedelta(days=5)
    for number in range(MANY):
        name = f"n{number}"
        grouping.provision_group(
            organization, {"displayName": name}, members, actor=SYSTEM
        )
        tokens.issue(organization, name=name, expires_at=soon, actor=SYSTEM)
        granted(organization)
        signed_in(alice)
    for number in range(len(clients.clients_of(organization)), clients.MOST_CLIENTS):
        another_secret(registered(organization, name=f"c{number}").row, "another")
    for person in people[:3]:
        provisioning.deprovision_user(organization, person.pk, actor=SYSTEM)


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code < 500, address
    return len(captured)


def test_pages_take_as_many_statements_however_much_they_list(
    enabled_acme: Organization,
    alice: User,
    secrets_of_acme: dict[str, str],  # noqa: F811
) -> None:
    """Of users, teams, events, tokens, clients, secrets, grants and sessions."""
    client, soon = signed_in(alice), timezone.now() + timedelta(days=5)
    tokens.issue(enabled_acme, name="ends soon", expires_at=soon, actor=SYSTEM)
    addresses = {
        name: _address(name, secrets_of_acme) for name in NAMES if name not in ELSEWHERE
    }
    for address in addresses.values():
        client.get(address)  # what is asked once only
    before = {name: statements(client, each) for name, each in addresses.items()}

    grow(enabled_acme, alice)

    after = {name: statements(client, each) for name, each in addresses.items()}
    grown = {name: (before[name], after[name]) for name in after}
    assert not {n: counts for n, counts in grown.items() if counts[1] > counts[0]}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_first_visit_weighs_little(client: Client, db: None, language: str) -> None:
    page = client.get("/sign-in/", headers={"accept-language": language})
    linked = re.findall(r'(?:href|src)="/static/([^"?]+)', page.content.decode())
    assert any(name.endswith(".css") for name in linked)

    weight = len(gzip.compress(page.content)) + sum(map(_weight, set(linked)))

    assert weight < LARGEST_FIRST_VISIT


def _address(name: str, ids: dict[str, str]) -> str:
    pattern = next(each for each in PAGES if each.name == name)
    names = pattern.pattern.converters
    others = {"slug": "acme", "code": "USER-1"}
    return reverse(f"portal:{name}", kwargs={n: (ids | others)[n] for n in names})


def _weight(name: str) -> int:
    return len(gzip.compress(Path(str(finders.find(name))).read_bytes()))
