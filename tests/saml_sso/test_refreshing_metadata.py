from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone

from chatwork_admin.audit import delivery
from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent, AuditSink
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.saml.metadata_problems import SENTENCES, refresh_sentence
from saml_sso.identity_providers.locks import NotConfigured
from saml_sso.identity_providers.metadata_reasons import MetadataReason
from saml_sso.models import IdentityProvider, MetadataFetch, TrustedCertificate
from saml_sso.remote_metadata import refreshing, requests
from saml_sso.remote_metadata.addresses import AddressReason
from saml_sso.remote_metadata.fetching import FetchReason, NotFetched
from saml_sso.remote_metadata.refreshing import RefreshReason
from saml_sso.tasks import refresh_metadata
from tests.conftest import actor_for
from tests.saml_sso import builders
from tests.saml_sso.tls_servers import answer, authority, serve

HOST = "login.microsoftonline.com"
URL = f"https://{HOST}/tenant/federationmetadata.xml?appid=1"
State = TrustedCertificate.State
Night = Callable[[bytes], None]


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """Let one night pass in which the server answers so."""

    def pass_by(document: bytes, status: str = "200 OK") -> None:
        refresh_metadata()
        context = authority().serving(HOST, tmp_path)
        with serve(context, answer(document, status=status)) as server:
            for waiting in requests.kick():
                network, _ = server.network()
                requests.carry_out(waiting, network=network)

    return pass_by


@pytest.fixture
def watching(acme: Organization, alice: User, acme_idp: IdentityProvider) -> None:
    refreshing.watch(acme, URL, activates=False, actor=actor_for(alice))


def metadata(provider: IdentityProvider, *certificates: str, **changes: str) -> bytes:
    """Return what the identity provider serves: its present certificate, and these."""
    mine = provider.certificates.order_by("added_at")[0].pem
    texts = [mine, *certificates]
    bare = ["".join(text.split("-----")[2].split()) for text in texts]
    described = {
        "entity_id": provider.entity_id,
        "keys": "".join(map(builders.key_descriptor, bare)),
        "sign_on": builders.endpoint(
            "SingleSignOnService", provider.single_sign_on_url
        ),
        **changes,
    }
    return builders.document(builders.Entity(**described))


def recorded(organization: Organization, action: Action) -> list[AuditEvent]:
    events = AuditEvent.objects.filter(organization_id=organization.pk, action=action)
    return list(events.order_by("id"))


def states(provider: IdentityProvider) -> list[str]:
    return list(
        provider.certificates.order_by("added_at").values_list("state", flat=True)
    )


def problem(provider: IdentityProvider) -> str:
    provider.refresh_from_db()
    return provider.metadata_problem


def test_a_night_without_news_changes_nothing(
    acme: Organization, acme_idp: IdentityProvider, watching: None, night: Night
) -> None:
    before = AuditEvent.objects.count()

    night(metadata(acme_idp))

    assert problem(acme_idp) == ""
    assert acme_idp.metadata_checked_at is not None
    assert states(acme_idp) == [State.ACTIVE]
    assert AuditEvent.objects.count() == before


def test_a_new_certificate_is_proposed_and_told_of_once(
    acme: Organization, acme_idp: IdentityProvider, watching: None, night: Night
) -> None:
    version, new = acme_idp.config_version, builders.pem()

    night(metadata(acme_idp, new))
    night(metadata(acme_idp, new))

    assert problem(acme_idp) == ""
    assert states(acme_idp) == [State.ACTIVE, State.PROPOSED]
    assert acme_idp.certificates.trusted().count() == 1
    assert acme_idp.config_version == version  # the test stays passed
    [event] = recorded(acme, Action.SAML_CERTIFICATE_PROPOSED)
    assert event.actor["kind"] == "system"
    delivery.drain(AuditSink.objects.get(organization_id=acme.pk, kind="mail").pk)
    _, sent = mail.outbox  # before it, that there are settings
    assert event.target["label"] in sent.body


def test_a_new_certificate_is_activated_where_the_administrator_wants_that(
    acme: Organization, alice: User, acme_idp: IdentityProvider, night: Night
) -> None:
    refreshing.watch(acme, URL, activates=True, actor=actor_for(alice))

    night(metadata(acme_idp, builders.pem()))

    assert states(acme_idp) == [State.ACTIVE, State.ACTIVE]
    assert len(recorded(acme, Action.SAML_CERTIFICATE_ACTIVATED)) == 1


def test_what_was_proposed_is_activated_once_the_administrator_wants_that(
    acme: Organization,
    alice: User,
    acme_idp: IdentityProvider,
    watching: None,
    night: Night,
) -> None:
    new = builders.pem()
    night(metadata(acme_idp, new))
    refreshing.watch(acme, URL, activates=True, actor=actor_for(alice))

    night(metadata(acme_idp, new))

    assert states(acme_idp) == [State.ACTIVE, State.ACTIVE]


def test_a_proposal_that_the_metadata_names_no_more_goes(
    acme: Organization, acme_idp: IdentityProvider, watching: None, night: Night
) -> None:
    night(metadata(acme_idp, builders.pem()))
    version = acme.saml_settings_versions.count()

    night(metadata(acme_idp, builders.pem()))
    night(metadata(acme_idp))

    assert states(acme_idp) == [State.ACTIVE]
    assert len(recorded(acme, Action.SAML_CERTIFICATE_REMOVED)) == 2
    assert acme.saml_settings_versions.count() == version  # nothing else is trusted


@pytest.mark.parametrize("url", ["", f"{URL}2"])
def test_a_proposal_goes_with_the_address_it_came_from(
    acme: Organization,
    alice: User,
    acme_idp: IdentityProvider,
    watching: None,
    night: Night,
    url: str,
) -> None:
    night(metadata(acme_idp, builders.pem()))

    refreshing.watch(acme, url, activates=False, actor=actor_for(alice))

    assert states(acme_idp) == [State.ACTIVE]


def test_nothing_is_taken_from_the_metadata_of_another_identity_provider(
    acme: Organization, alice: User, acme_idp: IdentityProvider, night: Night
) -> None:
    refreshing.watch(acme, URL, activates=True, actor=actor_for(alice))
    before = AuditEvent.objects.count()

    other = "https://sts.windows.net/00000000-67b2-4cf2-a259-e3dc5476c621/"
    night(metadata(acme_idp, builders.pem(), entity_id=other))

    assert problem(acme_idp) == RefreshReason.OTHER_ENTITY_ID
    assert states(acme_idp) == [State.ACTIVE]
    assert AuditEvent.objects.count() == before


def test_a_certificate_that_was_retired_stays_retired(
    acme_idp: IdentityProvider, watching: None, night: Night
) -> None:
    new = builders.pem()
    night(metadata(acme_idp, new))
    acme_idp.certificates.proposed().update(state=State.RETIRED)

    night(metadata(acme_idp, new))

    assert states(acme_idp) == [State.ACTIVE, State.RETIRED]


def test_another_login_url_is_told_and_not_taken(
    acme_idp: IdentityProvider, watching: None, night: Night
) -> None:
    before = acme_idp.single_sign_on_url
    moved = builders.endpoint("SingleSignOnService", "https://evil.example.com/saml2")

    night(metadata(acme_idp, sign_on=moved))

    assert problem(acme_idp) == RefreshReason.OTHER_LOGIN_URL
    assert acme_idp.single_sign_on_url == before


def test_a_fifth_certificate_is_told_of_and_not_taken(
    acme: Organization, alice: User, acme_idp: IdentityProvider, night: Night
) -> None:
    refreshing.watch(acme, URL, activates=True, actor=actor_for(alice))
    pems = [builders.pem() for _ in range(4)]
    night(metadata(acme_idp, *pems[:3]))

    mine = acme_idp.certificates.order_by("added_at")
    others = [each.pem for each in mine[1:3]]
    night(metadata(acme_idp, *others, pems[3]))

    assert problem(acme_idp) == RefreshReason.TOO_MANY_CERTIFICATES
    assert len(states(acme_idp)) == 4


@pytest.mark.parametrize(
    ("document", "status", "reason"),
    [
        (b"", "404 Not Found", FetchReason.REFUSED),
        (b"", "302 Found", FetchReason.REDIRECTED),
        (b"<html/>", "200 OK", MetadataReason.NOT_METADATA),
        (b"not xml", "200 OK", MetadataReason.UNREADABLE_DOCUMENT),
        (b"", "200 OK", MetadataReason.UNREADABLE_DOCUMENT),
    ],
)
def test_what_is_wrong_is_noted_and_goes_away_when_it_is_mended(
    acme_idp: IdentityProvider,
    watching: None,
    night: Callable[..., None],
    document: bytes,
    status: str,
    reason: FetchReason | MetadataReason,
) -> None:
    night(document, status)
    assert problem(acme_idp) == reason
    assert refresh_sentence(reason.value)
    assert states(acme_idp) == [State.ACTIVE]

    night(metadata(acme_idp))
    assert problem(acme_idp) == ""


def test_nobody_is_visited_who_gave_no_address(acme_idp: IdentityProvider) -> None:
    refresh_metadata()

    assert not MetadataFetch.objects.exists()


def test_an_answer_to_an_address_that_was_changed_meanwhile_is_dropped(
    acme: Organization, alice: User, acme_idp: IdentityProvider, watching: None
) -> None:
    refresh_metadata()
    fetched = MetadataFetch.objects.get()
    fetched.document = metadata(acme_idp, builders.pem())
    refreshing.watch(acme, "", activates=False, actor=actor_for(alice))

    refreshing.take_up(fetched)

    acme_idp.refresh_from_db()
    assert acme_idp.metadata_checked_at is None
    assert states(acme_idp) == [State.ACTIVE]


def test_a_preview_of_the_same_address_is_not_taken_for_the_nightly_look(
    acme: Organization, alice: User, watching: None
) -> None:
    asked = requests.request_metadata(acme, URL, actor=actor_for(alice))
    refresh_metadata()

    assert MetadataFetch.objects.filter(organization=acme).count() == 2
    assert asked in MetadataFetch.objects.filter(purpose="preview")


def test_watching_is_recorded_once_with_what_changed(
    acme: Organization, alice: User, watching: None
) -> None:
    refreshing.watch(acme, URL, activates=False, actor=actor_for(alice))

    [event] = recorded(acme, Action.SAML_METADATA_WATCHED)
    assert event.changes == [{"attribute": "metadata_url", "before": "", "after": URL}]


def test_watching_ends_with_an_empty_address_and_so_does_activation(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    actor = actor_for(alice)
    refreshing.watch(acme, URL, activates=True, actor=actor)
    IdentityProvider.objects.update(
        metadata_problem="refused", metadata_checked_at=timezone.now()
    )

    refreshing.watch(acme, "", activates=True, actor=actor)

    acme_idp.refresh_from_db()
    assert acme_idp.metadata_url == acme_idp.metadata_problem == ""
    assert not acme_idp.activates_new_certificates
    assert acme_idp.metadata_checked_at is None


def test_an_address_where_nobody_may_go_is_not_watched(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    with pytest.raises(NotFetched) as refused:
        refreshing.watch(
            acme, "https://evil.test/x", activates=False, actor=actor_for(alice)
        )

    assert refused.value.reason == AddressReason.HOST_NOT_LISTED
    acme_idp.refresh_from_db()
    assert acme_idp.metadata_url == ""
    assert not recorded(acme, Action.SAML_METADATA_WATCHED)


def test_nothing_is_watched_without_settings(acme: Organization, alice: User) -> None:
    with pytest.raises(NotConfigured):
        refreshing.watch(acme, URL, activates=False, actor=actor_for(alice))


def test_every_problem_of_a_night_has_a_sentence() -> None:
    for reason in (*MetadataReason, *FetchReason, *RefreshReason):
        assert refresh_sentence(reason.value)
        assert "%" not in refresh_sentence(reason.value)
    assert "%(status)s" in str(SENTENCES[FetchReason.REFUSED])
