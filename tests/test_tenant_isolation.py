"""Mallory and her provisioning client try every address with Acme's ids."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.models import Group, Organization, User
from chatwork_admin.synchronization import grouping, provisioning, recycling
from saml_sso.models import AuthenticationRequest, TrustedCertificate
from saml_sso.sign_in import testing
from tests.authorization.conftest import granted, registered
from tests.authorization.workloads import trusted
from tests.conftest import ScimClientFor, enable, signed_in
from tests.organizations.proofs.authenticator import key_of

GIVEN_AWAY = ("acme", "bob@", "alice@", "営業部")
PUBLIC = {"slug", "code", "public_id", "format"}  # name nothing that is secret
SCIM_IDS = {"uuid"}
# Lead back to one's own pages, whatever the id.
OVER = {"portal:saml-fetched", "portal:saml-link"}
SUPPORT = "support/"  # staff have their own tests


@pytest.fixture
def secrets_of_acme(enabled_acme: Organization, bob: User) -> dict[str, str]:
    """Fill Acme; return an id of Acme's for each name a route gives to an id."""
    yamada = provisioning.provision_user(
        enabled_acme, {"userName": "yamada@acme.test"}, actor=SYSTEM
    )
    team = grouping.provision_group(
        enabled_acme, {"displayName": "営業部"}, frozenset({yamada.pk}), actor=SYSTEM
    )
    token, _ = tokens.issue(enabled_acme, name="acme's", expires_at=None, actor=SYSTEM)
    client = registered(enabled_acme).row
    signed_in(bob)
    fetch = enabled_acme.metadata_fetches.create(
        purpose="preview", url="https://login.microsoftonline.com/acme/metadata"
    )
    alice = enabled_acme.users.get(role=User.Role.ADMINISTRATOR)
    testing.start(enabled_acme, administrator=alice, next_path="/")
    return {
        "session_id": str(bob.sessions.get().pk),
        "key_id": str(key_of(yamada).pk),
        "user_id": str(yamada.pk),
        "team_id": str(team.pk),
        "token_id": str(token.pk),
        "client_id": client.client_id,
        "grant_id": str(granted(enabled_acme).pk),
        "identity_id": str(trusted(client).row.pk),
        "secret_id": str(client.secrets.get().pk),
        "certificate_id": str(TrustedCertificate.objects.get().pk),
        "fetch_id": str(fetch.pk),
        "test_id": str(AuthenticationRequest.objects.get().pk),
        "number": "1",  # of a version that Mallory's organization has not
    }


def routes(
    resolver: URLResolver | None = None, prefix: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Yield the route, the name to reverse and the pattern of every address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (
                f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            )
            yield from routes(pattern, route, inner)
        else:
            yield route, f"{namespace}{pattern.name}", pattern


def parameters(pattern: URLPattern, route: str) -> set[str]:
    names = set(pattern.pattern.regex.groupindex)
    return names | ({"public_id"} if "public_id" in route else set())


def portal_routes() -> list[tuple[str, set[str]]]:
    return [
        (name, parameters(pattern, route))
        for route, name, pattern in routes()
        if name.startswith("portal:")
    ]


def saml_routes() -> list[tuple[str, set[str]]]:
    return [
        (name, parameters(pattern, route))
        for route, name, pattern in routes()
        if name.startswith("saml:")
    ]


def rows_of(organization: Organization) -> dict[str, list[Any]]:
    """Return everything stored of an organization, but for when it was last here."""
    moving = {"last_used_at", "last_contact_at", "first_contact_at", "test_seen_at"}
    found = {}
    for model in apps.get_models():
        names = {field.attname for field in model._meta.concrete_fields}
        if "organization_id" in names:
            rows = model._default_manager.filter(organization_id=organization.pk)
            found[model._meta.label] = list(rows.order_by("pk").values(*names - moving))
    return found


def test_every_address_is_known_to_this_test(secrets_of_acme: dict[str, str]) -> None:
    for route, name, pattern in routes():
        if not route.startswith(SUPPORT):
            unknown = parameters(pattern, route) - set(secrets_of_acme)
            assert unknown <= PUBLIC | SCIM_IDS, f"{name} needs a case here: {unknown}"


def test_the_neighbours_administrator_sees_and_changes_nothing_by_id(
    secrets_of_acme: dict[str, str], acme: Organization, as_mallory: Client
) -> None:
    before = rows_of(acme)
    tried = 0
    for name, named in portal_routes():
        if not named & set(secrets_of_acme):
            continue
        address = reverse(name, kwargs={key: secrets_of_acme[key] for key in named})
        for answer in (as_mallory.get(address), as_mallory.post(address, {})):
            tried += 1
            if name not in OVER or answer.status_code != 302:
                assert answer.status_code in {403, 404, 405}, address
            _assert_silent(answer, address)
    assert tried >= 8
    assert rows_of(acme) == before


def test_the_neighbours_administrator_restores_and_erases_nobody(
    secrets_of_acme: dict[str, str], acme: Organization, as_mallory: Client
) -> None:
    deleted, erased = acme.users.filter(role=User.Role.MEMBER).order_by("user_name")
    for person in (deleted, erased):
        provisioning.deprovision_user(acme, person.pk, actor=SYSTEM)
    recycling.erase_user(acme, erased.pk, actor=SYSTEM)
    before = rows_of(acme)
    for person in (deleted, erased):
        for name in ("portal:restore-user", "portal:erase-user", "portal:user"):
            address = reverse(name, args=[person.pk])
            typed = {"user_name": person.user_name}
            for answer in (as_mallory.get(address), as_mallory.post(address, typed)):
                assert answer.status_code in {404, 405}, address
                _assert_silent(answer, address)
    assert rows_of(acme) == before


def test_the_neighbours_own_pages_say_nothing_of_acme(
    secrets_of_acme: dict[str, str],
    acme: Organization,
    globex: Organization,
    as_mallory: Client,
) -> None:
    enable(globex)
    before = rows_of(acme)
    for name, named in portal_routes():
        if named:
            continue
        address = reverse(name)
        _assert_silent(as_mallory.get(address), address)
        if not name.endswith(("sign-out", "preferences")):
            posted = {"organization": str(acme.pk), "q": "yamada", "name": "x"}
            _assert_silent(as_mallory.post(address, posted), address)
    assert rows_of(acme) == before


def test_searching_for_the_neighbours_people_finds_nobody(
    secrets_of_acme: dict[str, str], as_mallory: Client
) -> None:
    for name in ("portal:users", "portal:teams", "portal:audit"):
        for query in ("yamada", "営業部", secrets_of_acme["user_id"]):
            answer = as_mallory.get(reverse(name), {"q": query, "actor": query})
            assert "yamada@acme.test" not in answer.content.decode()


def test_the_neighbours_administrator_is_a_stranger_at_our_saml_addresses(
    secrets_of_acme: dict[str, str], acme: Organization, as_mallory: Client
) -> None:
    """Whoever likes may start a sign-in; nothing else of Acme's comes of it."""
    before, session = rows_of(acme), as_mallory.session.session_key
    tried = 0
    for name, named in saml_routes():
        assert named == {"public_id"}, name
        address = reverse(name, kwargs={"public_id": acme.public_id})
        forms = {"SAMLResponse": "x", "RelayState": "A" * 43}
        for answer in (
            as_mallory.get(address, {"c": "A" * 43, "next": "/manage/"}),
            as_mallory.post(address, forms),
        ):
            tried += 1
            assert answer.status_code in {200, 302, 303, 400, 403, 404, 405}, address
            assert "@acme.test" not in answer.content.decode()
    assert tried >= 8
    assert as_mallory.session.session_key == session
    assert as_mallory.get("/account/").status_code == 200
    assert _without_strangers(rows_of(acme)) == _without_strangers(before)


@pytest.fixture
def intruder(globex: Organization, scim_client: ScimClientFor) -> Client:
    enable(globex)
    return scim_client(globex)


@pytest.mark.parametrize("endpoint", ["Users", "Groups"])
def test_the_neighbours_token_meets_404_for_every_id(
    secrets_of_acme: dict[str, str],
    acme: Organization,
    intruder: Client,
    endpoint: str,
) -> None:
    before = rows_of(acme)
    acmes = secrets_of_acme["user_id" if endpoint == "Users" else "team_id"]
    operations = [{"op": "Replace", "path": "displayName", "value": "x"}]
    documents: dict[str, dict[str, Any]] = {
        "get": {},
        "put": {"userName": "x@globex.test", "displayName": "x"},
        "patch": {"Operations": operations},
        "delete": {},
    }
    for method, document in documents.items():
        for own_id in (acmes, str(uuid.uuid4())):
            answer = _scim(intruder, method, f"{endpoint}/{own_id}", document)
            assert answer.status_code == 404, (method, answer.content)
            _assert_silent(answer, method)
    assert rows_of(acme) == before


@pytest.mark.parametrize(
    "query",
    [
        "Users",
        "Groups",
        'Users?filter=userName eq "yamada@acme.test"',
        'Users?filter=userName ne "zz" or userName eq "yamada@acme.test"',
        'Users?filter=not (userName eq "mallory@globex.test")',
        'Groups?filter=displayName eq "営業部"',
        'Groups?filter=members eq "{user_id}"',
        "Users?startIndex=1&count=200&attributes=userName",
    ],
)
def test_no_query_of_the_neighbour_reaches_over(
    secrets_of_acme: dict[str, str], intruder: Client, query: str
) -> None:
    filled = query.replace("{user_id}", secrets_of_acme["user_id"])
    answer = intruder.get(f"/scim/v2/{filled}")

    assert answer.status_code == 200, answer.content
    _assert_silent(answer, query)


def test_the_neighbour_cannot_take_acmes_people_into_a_group(
    secrets_of_acme: dict[str, str],
    acme: Organization,
    globex: Organization,
    intruder: Client,
) -> None:
    before = rows_of(acme)
    members = [{"value": secrets_of_acme["user_id"]}]
    made = _scim(intruder, "post", "Groups", {"displayName": "G", "members": members})
    group = Group.objects.get(organization=globex)
    added = _scim(
        intruder,
        "patch",
        f"Groups/{group.pk}",
        {"Operations": [{"op": "Add", "path": "members", "value": members}]},
    )

    assert made.status_code == 201
    assert added.status_code in {204, 400}
    assert not group.members.exists()
    assert rows_of(acme) == before


def _scim(client: Client, method: str, path: str, document: dict[str, Any]) -> Any:
    if method in {"get", "delete"}:
        return getattr(client, method)(f"/scim/v2/{path}")
    return getattr(client, method)(
        f"/scim/v2/{path}",
        data=json.dumps(document),
        content_type="application/scim+json",
    )


def _without_strangers(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Leave out what strangers cause: requests under way, rates, refusals counted."""
    theirs = {"AuthenticationRequest", "Arrival", "RejectionCount", "Visit"}
    refusals = {Action.SIGN_IN_FAILED, Action.LOGOUT_REFUSED}
    events = rows["audit.AuditEvent"]
    rest = [each for each in events if each["action"] not in refusals]
    return {
        label: found
        for label, found in rows.items()
        if label.partition(".")[2] not in {*theirs, "AuditEvent", "AuditDelivery"}
    } | {"events": rest}


def _assert_silent(answer: Any, where: str) -> None:
    text = answer.content.decode().lower()
    for word in GIVEN_AWAY:
        assert word not in text, f"{where} says {word}"
