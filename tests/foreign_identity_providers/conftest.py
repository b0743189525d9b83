from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization
from saml_sso import service_provider
from saml_sso.identity_providers import configuration, trust
from saml_sso.identity_providers.metadata import read_metadata
from saml_sso.models import IdentityProvider
from tests.foreign_identity_providers.providers import (
    BY_NAME,
    HOST,
    RunningProvider,
    started,
)
from tests.foreign_identity_providers.web import Browser, Web

Start = Callable[[str], RunningProvider]


@pytest.fixture
def web(live_server: LiveServer) -> Iterator[Web]:
    """Have the product answer at its own https address."""
    made = Web({"admin.example.jp": live_server.thread.port})
    yield made
    made.close()


@pytest.fixture
def browser(web: Web) -> Browser:
    return Browser(
        web, typed_at=HOST, typed={"username": "somebody", "password": "secret"}
    )


@pytest.fixture
def start(acme: Organization, web: Web, tmp_path: Path) -> Iterator[Start]:
    """Start an identity provider, and let Acme trust what its metadata says."""
    with ExitStack() as exits:

        def start(name: str) -> RunningProvider:
            provider = BY_NAME[name]
            if missing := provider.missing():
                pytest.skip(missing)
            ours = service_provider.metadata(acme)
            running = exits.enter_context(started(provider, tmp_path, ours))
            web.ports[HOST] = running.port
            trust_what_it_says(acme, Browser(web).open(running.metadata_url).content)
            return running

        yield start


def trust_what_it_says(organization: Organization, metadata: bytes) -> None:
    found = read_metadata(metadata, now=datetime.now(UTC))
    settings = trust.validate(
        entity_id=found.entity_id,
        single_sign_on_url=found.single_sign_on_url,
        single_logout_url=found.single_logout_url,
        after_logout_url="",
        certificates=found.certificate_text,
        now=datetime.now(UTC),
    )
    provider = configuration.configure(
        organization, settings, actor=SYSTEM, seen_version=None
    )
    provider.mode = IdentityProvider.Mode.OPTIONAL
    provider.tested_version = provider.config_version
    provider.save()
