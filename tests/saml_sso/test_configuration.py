from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import configuration, rollover, trust
from saml_sso.identity_providers.certificates import parse_certificate
from saml_sso.identity_providers.locks import NotConfigured
from saml_sso.identity_providers.options import Options
from saml_sso.models import IdentityProvider
from tests.conftest import actor_for
from tests.saml_sso import builders


def settings(
    entity_id: str = "https://idp.example.com/a",
) -> trust.IdentityProviderSettings:
    return trust.validate(
        entity_id=entity_id,
        single_sign_on_url="https://idp.example.com/sso",
        single_logout_url="",
        after_logout_url="",
        certificates=CERTIFICATE,
        now=datetime.now(UTC),
    )


def states(provider: IdentityProvider) -> dict[str, str]:
    return dict(provider.certificates.values_list("sha1", "state"))


CERTIFICATE = builders.pem()
CURRENT = parse_certificate(CERTIFICATE)
NEXT = parse_certificate(builders.pem())


def configure(
    organization: Organization,
    person: User,
    wanted: trust.IdentityProviderSettings,
    seen_version: int | None,
) -> IdentityProvider:
    return configuration.configure(
        organization,
        wanted,
        actor=actor_for(person),
        seen_version=seen_version,
        is_confirmed=True,
    )


def test_the_event_says_what_was_trusted_before_and_after(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    configure(acme, alice, settings("https://idp.example.com/b"), 1)

    first, second = AuditEvent.objects.filter(action="saml.updated").order_by("id")
    named = {change["attribute"]: change["after"] for change in first.changes}
    assert named["single_sign_on_url"] == "https://idp.example.com/sso"
    assert len(named["certificates"]) == 1
    assert second.changes == [
        {
            "attribute": "entity_id",
            "before": "https://idp.example.com/a",
            "after": "https://idp.example.com/b",
        }
    ]


def test_the_same_settings_again_record_nothing(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    again = configure(acme, alice, settings(), None)

    assert again.config_version == 1
    assert AuditEvent.objects.filter(action="saml.updated").count() == 1


def test_what_somebody_changed_meanwhile_is_not_overwritten(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    configure(acme, alice, settings("https://idp.example.com/b"), 1)
    with pytest.raises(configuration.Superseded) as superseded:
        configure(acme, alice, settings("https://idp.example.com/c"), 1)

    assert superseded.value.changed_by == "alice@acme.test"
    stored = IdentityProvider.objects.get(organization=acme)
    assert stored.entity_id == "https://idp.example.com/b"


def test_what_somebody_removed_meanwhile_is_not_brought_back(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    configuration.remove(acme, actor=actor_for(alice))
    with pytest.raises(configuration.Superseded):
        configure(acme, alice, settings(), 1)


def test_a_version_is_never_used_again(acme: Organization, alice: User) -> None:
    configure(acme, alice, settings(), None)
    configuration.remove(acme, actor=actor_for(alice))
    acme.refresh_from_db()
    provider = configure(acme, alice, settings(), None)

    assert provider.config_version == 2
    removed = AuditEvent.objects.get(action="saml.removed")
    assert {change["after"] for change in removed.changes} == {None}


def test_a_certificate_added_to_the_settings_waits_as_next_and_needs_no_test(
    acme: Organization, alice: User
) -> None:
    first = configure(acme, alice, settings(), None)
    both = replace(settings(), certificates=(*settings().certificates, NEXT))
    provider = configure(acme, alice, both, 1)

    assert provider.config_version == first.config_version
    assert states(provider) == {NEXT.sha1: "next", CURRENT.sha1: "active"}


def test_a_certificate_that_is_left_out_is_retired_and_remembered(
    acme: Organization, alice: User
) -> None:
    provider = configure(acme, alice, settings(), None)
    used_at = timezone.now()
    provider.certificates.update(first_used_at=used_at, last_used_at=used_at)
    provider = configure(
        acme, alice, replace(settings(), certificates=(NEXT,)), provider.config_version
    )

    assert states(provider) == {NEXT.sha1: "active", CURRENT.sha1: "retired"}
    assert provider.certificates.get(sha1=CURRENT.sha1).last_used_at == used_at
    assert provider.config_version == 2


def test_a_certificate_that_comes_back_is_the_same_row(
    acme: Organization, alice: User
) -> None:
    provider = configure(acme, alice, settings(), None)
    row = provider.certificates.get().pk
    configure(acme, alice, replace(settings(), certificates=(NEXT,)), 1)
    provider = configure(acme, alice, settings(), 2)

    assert states(provider) == {NEXT.sha1: "retired", CURRENT.sha1: "active"}
    assert provider.certificates.get(sha1=CURRENT.sha1).pk == row


def test_what_was_added_meanwhile_is_not_dropped_unseen(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    rollover.add(acme, NEXT, actor=actor_for(alice))
    with pytest.raises(configuration.Superseded):
        configure(acme, alice, settings("https://idp.example.com/b"), 1)

    assert AuditEvent.objects.filter(action="saml.updated").count() == 1


def test_options_are_a_version_that_needs_a_test(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    wanted = Options(sign_requests=False, require_signed_response=True)
    for _ in range(2):
        configuration.change_options(
            acme, wanted, actor=actor_for(alice), seen_version=1
        )

    provider = IdentityProvider.objects.get(organization=acme)
    assert configuration.options_of(provider) == wanted
    assert provider.config_version == 2
    event = AuditEvent.objects.filter(action="saml.updated").latest("id")
    assert {change["attribute"] for change in event.changes} == {
        "sign_requests",
        "require_signed_response",
    }
    assert AuditEvent.objects.filter(action="saml.updated").count() == 2


def test_what_cannot_make_a_sign_in_fail_needs_no_new_test(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    configuration.change_options(
        acme, Options(allow_idp_initiated=True), actor=actor_for(alice), seen_version=1
    )
    page = replace(settings(), after_logout_url="https://intra.example.com/")
    provider = configure(acme, alice, page, 2)

    assert provider.allow_idp_initiated
    assert provider.config_version == 1
    assert acme.saml_settings_versions.count() == 3


def test_options_of_settings_that_are_another_now_are_refused(
    acme: Organization, alice: User
) -> None:
    with pytest.raises(NotConfigured):
        configuration.change_options(
            acme, Options(), actor=actor_for(alice), seen_version=None
        )
    configure(acme, alice, settings(), None)
    configure(acme, alice, settings("https://idp.example.com/b"), 1)
    with pytest.raises(configuration.Superseded):
        configuration.change_options(
            acme,
            Options(sign_requests=False),
            actor=actor_for(alice),
            seen_version=1,
        )

    assert IdentityProvider.objects.get(organization=acme).sign_requests
    assert AuditEvent.objects.filter(action="saml.updated").count() == 2


def test_settings_are_not_removed_while_saml_is_on(
    acme: Organization, alice: User
) -> None:
    provider = configure(acme, alice, settings(), None)
    IdentityProvider.objects.filter(pk=provider.pk).update(mode="optional")
    with pytest.raises(configuration.StillNeeded):
        configuration.remove(acme, actor=actor_for(alice))

    assert IdentityProvider.objects.filter(organization=acme).exists()
    assert not AuditEvent.objects.filter(action="saml.removed").exists()
