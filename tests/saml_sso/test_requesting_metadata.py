from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.work import all_work
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.saml.metadata_problems import fetch_sentence
from saml_sso.identity_providers.trusted_addresses import TrustReason
from saml_sso.models import MetadataFetch
from saml_sso.remote_metadata import requests
from saml_sso.remote_metadata.addresses import AddressReason
from saml_sso.remote_metadata.fetching import FetchReason, NotFetched
from saml_sso.remote_metadata.networks import Network
from tests.conftest import actor_for
from tests.saml_sso.tls_servers import answer, authority, serve

HOST = "login.microsoftonline.com"
URL = f"https://{HOST}/tenant/federationmetadata.xml?appid=1"
OTHER = f"https://{HOST}/tenant/federationmetadata.xml?appid=2"


def nowhere(_: str) -> list[str]:
    raise AssertionError


@pytest.fixture
def asked(acme: Organization, alice: User) -> MetadataFetch:
    return requests.request_metadata(acme, URL, actor=actor_for(alice))


def requested(organization: Organization) -> int:
    events = AuditEvent.objects.filter(organization_id=organization.pk)
    return events.filter(action=Action.SAML_METADATA_REQUESTED).count()


def test_a_request_waits_for_a_worker_and_is_recorded(
    acme: Organization, asked: MetadataFetch
) -> None:
    assert asked.is_pending
    assert not asked.is_overdue
    assert acme.metadata_fetches.get() == asked
    assert requested(acme) == 1


def test_what_the_server_answered_is_kept_for_the_preview(
    asked: MetadataFetch, tmp_path: Path
) -> None:
    body = b"\xef\xbb\xbf<x/>\x00"

    with serve(authority().serving(HOST, tmp_path), answer(body)) as server:
        network, _ = server.network()
        requests.carry_out(asked.pk, network=network)

    asked.refresh_from_db()
    assert not asked.is_pending
    assert bytes(asked.document or b"") == body
    assert asked.problem == ""


def test_why_nothing_came_back_is_kept_too(
    asked: MetadataFetch, tmp_path: Path
) -> None:
    behaviour = answer(b"secret", status="404 Not Found")

    with serve(authority().serving(HOST, tmp_path), behaviour) as server:
        network, _ = server.network()
        requests.carry_out(asked.pk, network=network)

    asked.refresh_from_db()
    assert not asked.is_pending
    assert asked.document is None
    assert (asked.problem, asked.status) == (FetchReason.REFUSED, 404)
    assert "404" in fetch_sentence(asked.problem, asked.status)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://login.microsoftonline.com/x", TrustReason.NOT_HTTPS),
        ("https://169.254.169.254/latest", TrustReason.HOST_NOT_PUBLIC),
        ("https://evil.test/x", AddressReason.HOST_NOT_LISTED),
        (f"https://{HOST}/common/x", AddressReason.EVERY_TENANT),
        ("x" * 5000, TrustReason.TOO_LONG),
        ("", TrustReason.REQUIRED),
    ],
)
def test_a_request_to_where_nobody_may_go_is_refused_with_nothing_written(
    acme: Organization, alice: User, url: str, reason: TrustReason | AddressReason
) -> None:
    with pytest.raises(NotFetched) as refused:
        requests.request_metadata(acme, url, actor=actor_for(alice))

    assert refused.value.reason == reason
    assert not MetadataFetch.objects.exists()
    assert requested(acme) == 0


def test_a_host_of_the_setting_may_be_asked(
    acme: Organization, alice: User, settings: Any
) -> None:
    settings.SAML_METADATA_HOSTS = ["idp.example.jp"]
    url = "https://idp.example.jp/metadata"

    assert requests.request_metadata(acme, url, actor=actor_for(alice)).url == url


def test_asking_twice_is_one_request(
    acme: Organization, alice: User, asked: MetadataFetch
) -> None:
    again = requests.request_metadata(acme, URL, actor=actor_for(alice))

    assert again == asked
    assert requested(acme) == 1


def test_another_address_takes_the_place_of_the_first(
    acme: Organization, alice: User, asked: MetadataFetch
) -> None:
    other = requests.request_metadata(acme, OTHER, actor=actor_for(alice))

    assert acme.metadata_fetches.get() == other
    requests.carry_out(asked.pk, network=Network(nowhere))  # too late: nothing to do
    assert requested(acme) == 2


def test_after_an_answer_the_same_address_is_asked_anew(
    acme: Organization, alice: User, asked: MetadataFetch
) -> None:
    MetadataFetch.objects.update(finished_at=timezone.now(), problem="too-slow")

    again = requests.request_metadata(acme, URL, actor=actor_for(alice))

    assert again != asked
    assert again.is_pending
    assert acme.metadata_fetches.get() == again


def test_whoever_waits_too_long_may_ask_again_and_is_told_that_nobody_works(
    acme: Organization, alice: User, asked: MetadataFetch
) -> None:
    MetadataFetch.objects.update(requested_at=timezone.now() - timedelta(minutes=1))
    asked.refresh_from_db()
    assert asked.is_overdue

    again = requests.request_metadata(acme, URL, actor=actor_for(alice))

    assert again != asked
    assert not again.is_overdue


def test_two_organizations_do_not_disturb_each_other(
    globex: Organization, mallory: User, asked: MetadataFetch
) -> None:
    other = requests.request_metadata(globex, OTHER, actor=actor_for(mallory))

    assert set(requests.kick()) == {asked.pk, other.pk}
    assert globex.metadata_fetches.get() == other


def test_the_relay_finds_what_waits_and_tells_once_until_that_is_old(
    asked: MetadataFetch,
) -> None:
    assert requests.kick() == [asked.pk]
    assert requests.kick() == []

    MetadataFetch.objects.update(kick_until=timezone.now() - timedelta(seconds=1))
    assert requests.kick() == [asked.pk]


def test_what_is_fetched_or_being_fetched_is_not_told_of(asked: MetadataFetch) -> None:
    MetadataFetch.objects.update(lease_until=timezone.now() + timedelta(seconds=5))
    assert requests.kick() == []
    requests.carry_out(asked.pk, network=Network(nowhere))  # another is at it

    MetadataFetch.objects.update(lease_until=None, finished_at=timezone.now())
    assert requests.kick() == []
    requests.carry_out(asked.pk, network=Network(nowhere))


def test_what_a_killed_worker_left_is_told_of_again(asked: MetadataFetch) -> None:
    MetadataFetch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert requests.kick() == [asked.pk]


def test_a_request_that_is_gone_is_no_error(db: None) -> None:
    requests.carry_out(uuid.uuid4(), network=Network(nowhere))


def test_the_relay_knows_of_metadata() -> None:
    assert requests.kick in {work.kick for work in all_work()}


def test_what_was_fetched_is_forgotten_after_a_day(
    acme: Organization, asked: MetadataFetch
) -> None:
    assert requests.forget_old() == 0

    MetadataFetch.objects.update(requested_at=timezone.now() - timedelta(hours=25))
    assert requests.forget_old() == 1
    assert not acme.metadata_fetches.exists()


@pytest.mark.parametrize("reason", [*TrustReason, *AddressReason, *FetchReason])
def test_there_is_a_sentence_for_each_reason(
    reason: TrustReason | AddressReason | FetchReason,
) -> None:
    assert fetch_sentence(reason.value, 404)
