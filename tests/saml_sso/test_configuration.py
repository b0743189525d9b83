from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso import configuration, trust
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


CERTIFICATE = builders.pem()


def configure(
    organization: Organization,
    person: User,
    wanted: trust.IdentityProviderSettings,
    seen_version: int | None,
) -> IdentityProvider:
    return configuration.configure(
        organization, wanted, actor=actor_for(person), seen_version=seen_version
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
