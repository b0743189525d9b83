"""The people and organizations every test can name.

Alice administers Acme, Carol manages users there, Bob works there. Mallory administers
Globex: whatever she can see or touch of Acme is a bug.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.live_server_helper import LiveServer

from chatwork_admin.audit.recording import SYSTEM, Actor, ActorKind
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.founding import Founding, found
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.sessions import starting
from chatwork_admin.organizations.sessions.store import SessionStore
from chatwork_admin.portal.audit_log.attribute_words import LABELS as ATTRIBUTES
from chatwork_admin.portal.audit_log.event_words import LABELS
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.consent import Acceptance
from chatwork_admin.synchronization.notices import KEYS
from saml_sso.identity_providers import configuration, trust
from saml_sso.models import IdentityProvider
from tests import emptying, opened
from tests.authorization.gallery import GALLERY, GALLERY_SECRET, Gallery
from tests.saml_sso import builders

ROLE = "chatwork_app"
ACCEPTANCE = Acceptance(KEYS, "en", waives_emergency_access=True)
TENANT = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
# No test asserts how long something takes: a busy machine is no fault.
UNTIMED = hypothesis_settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile("untimed", UNTIMED)
hypothesis_settings.register_profile("thorough", UNTIMED, max_examples=2000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "untimed"))
# Whatever any test lets the product record, the audit log can say in words.
DETAILS_HAVE_NAMES = """
    ALTER TABLE audit_auditevent ADD CONSTRAINT details_have_names CHECK (
        context - %s::text[] = '{}'
        AND jsonb_path_query_array(changes, '$[*].attribute') <@ to_jsonb(%s::text[])
    )
"""
ScimClientFor = Callable[[Organization], Client]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Migrate as the owner, then run every test as the application's own role."""
    emptying.install()
    import_module("chatwork_admin.urls")  # slow: not within a test's transaction
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(DETAILS_HAVE_NAMES, [[*LABELS, "address"], [*ATTRIBUTES]])
        _become_application(connection.settings_dict["OPTIONS"])
        connection.close()
    yield
    with django_db_blocker.unblock():
        connection.settings_dict["OPTIONS"]["options"] = ""
        connection.close()
        _end_other_connections()


def _end_other_connections() -> None:
    """Let nobody, such as a process that was killed, hold on to what is dropped next."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _become_application(options: dict[str, Any]) -> None:
    options["options"] += f" -c statement_timeout=10000 -c role={ROLE}"
    options |= {"server_side_binding": True, "prepare_threshold": 0}


@pytest.fixture(autouse=True)
def quick_and_in_english(settings: Any) -> None:
    translation.activate("en")  # whatever the test before has chosen
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def password() -> str:
    return "correct horse battery staple"


@pytest.fixture
def acme(db: None, password: str) -> Organization:
    return _found("acme", "Acme 株式会社", "alice@acme.test", "Alice", password)


@pytest.fixture
def globex(db: None, password: str) -> Organization:
    return _found("globex", "Globex", "mallory@globex.test", "Mallory", password)


@pytest.fixture
def alice(acme: Organization) -> User:
    return acme.users.get(user_name="alice@acme.test")


@pytest.fixture
def carol(acme: Organization, password: str) -> User:
    carol = _person(acme, "carol@acme.test", "Carol", User.Role.USER_MANAGER)
    carol.set_password(password)
    carol.save()
    return carol


@pytest.fixture
def bob(acme: Organization) -> User:
    return _person(acme, "bob@acme.test", "Bob", User.Role.MEMBER)


@pytest.fixture
def mallory(globex: Organization) -> User:
    return globex.users.get(user_name="mallory@globex.test")


@pytest.fixture
def as_alice(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_carol(carol: User) -> Client:
    return signed_in(carol)


@pytest.fixture
def as_mallory(mallory: User) -> Client:
    return signed_in(mallory)


@pytest.fixture
def acme_idp(acme: Organization) -> IdentityProvider:
    return trust_an_identity_provider(acme)


@pytest.fixture
def tested_idp(acme_idp: IdentityProvider) -> IdentityProvider:
    """Acme's identity provider, as the gate needs it: tested, on, not the only way."""
    switch_on(acme_idp)
    acme_idp.bypass_proven_at = timezone.now()
    acme_idp.save()
    return acme_idp


@pytest.fixture
def enabled_acme(acme: Organization, alice: User) -> Organization:
    enable(acme)
    return acme


@pytest.fixture
def gallery(db: None, settings: Any) -> Gallery:
    settings.OAUTH_GALLERY_CLIENT_ID = GALLERY
    settings.OAUTH_GALLERY_SECRETS = ["the one before", GALLERY_SECRET]
    return Gallery()


@pytest.fixture
def scim_client() -> ScimClientFor:
    def client_for(organization: Organization) -> Client:
        _, token = tokens.issue(
            organization, name="Entra ID", expires_at=None, actor=SYSTEM
        )
        return Client(headers={"authorization": f"Bearer {token}"})

    return client_for


@pytest.fixture
def scim(enabled_acme: Organization, scim_client: ScimClientFor) -> Client:
    return scim_client(enabled_acme)


@pytest.fixture
def plain_http(settings: object, live_server: LiveServer) -> None:
    """Cookies as on a development machine: the live server speaks no TLS."""
    for name, value in {
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_SECURE": False,
        "CSRF_COOKIE_NAME": "csrf",
        "CSRF_COOKIE_SECURE": False,
        "LANGUAGE_COOKIE_NAME": "language",
        "LANGUAGE_COOKIE_SECURE": False,
        "THEME_COOKIE_NAME": "theme",
        "COOKIE_PREFIX": "",
        "IS_HTTPS": False,
        "BASE_URL": live_server.url,
    }.items():
        setattr(settings, name, value)


def actor_for(person: User) -> Actor:
    return Actor(
        ActorKind.PERSON, str(person.pk), person.user_name, "TEST-REF", "192.0.2.1"
    )


def trust_an_identity_provider(organization: Organization) -> IdentityProvider:
    """Trust a new certificate of Entra ID, whose sign-in nobody has tested yet."""
    organization.refresh_from_db(fields=["saml_versions"])
    is_stored = IdentityProvider.objects.filter(organization=organization).exists()
    return configuration.configure(
        organization,
        _settings_of_entra_id(),
        actor=SYSTEM,
        seen_version=organization.saml_versions if is_stored else None,
        is_confirmed=True,
    )


def _settings_of_entra_id() -> trust.IdentityProviderSettings:
    return trust.validate(
        entity_id=f"https://sts.windows.net/{TENANT}/",
        single_sign_on_url=f"https://login.microsoftonline.com/{TENANT}/saml2",
        single_logout_url=f"https://login.microsoftonline.com/{TENANT}/saml2",
        after_logout_url="",
        certificates=builders.pem(),
        now=datetime.now(UTC),
    )


def switch_on(provider: IdentityProvider) -> None:
    """Make SAML optional, as after a test that passed, without taking the time of one.

    `test_gate` compares with what a real test leaves behind.
    """
    administrators = provider.organization.users.filter(role=User.Role.ADMINISTRATOR)
    provider.mode = IdentityProvider.Mode.OPTIONAL
    provider.tested_version = provider.config_version
    provider.tested_at, provider.tested_by = timezone.now(), administrators.get()
    provider.save()


def enable(organization: Organization) -> None:
    """Open the gate as its administrator does: SAML tested and on, notes confirmed."""
    organization.refresh_from_db(fields=["saml_versions"])
    if organization.saml_versions:
        enable_step_by_step(organization)
        return
    administrator = organization.users.get(role=User.Role.ADMINISTRATOR)
    opened.open_gate(
        organization,
        _settings_of_entra_id(),
        administrator,
        acceptance=ACCEPTANCE,
        actor=actor_for(administrator),
    )


def enable_step_by_step(organization: Organization) -> None:
    """Open the gate by the product's own operations."""
    switch_on(trust_an_identity_provider(organization))
    administrator = organization.users.get(role=User.Role.ADMINISTRATOR)
    gate.enable(
        organization,
        administrator=administrator,
        acceptance=ACCEPTANCE,
        actor=actor_for(administrator),
    )


def _found(
    slug: str, name: str, email: str, person: str, password: str
) -> Organization:
    founding = Founding(
        name=name,
        slug=slug,
        plan=Organization.Plan.ENTERPRISE,
        licences=500,
        administrator_email=email,
        administrator_name=person,
        administrator_password=password,
    )
    return found(founding, actor=SYSTEM)


def _person(organization: Organization, email: str, name: str, role: str) -> User:
    return User.objects.create(
        organization=organization,
        user_name=email,
        user_name_key=fold(email),
        display_name=name,
        role=role,
        document={"userName": email, "active": True, "displayName": name},
    )


def signed_in(
    person: User,
    client: Client | None = None,
    *,
    began: Began = Began.PASSWORD,
    saml: starting.SamlSession | None = None,
) -> Client:
    """Give a client the cookie of a new session, as a sign-in would."""
    client = client or Client()
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "192.0.2.1"
    request.session = SessionStore()
    starting.start_session(
        request, person, began=began, saml=saml, actor=actor_for(person)
    )
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client
