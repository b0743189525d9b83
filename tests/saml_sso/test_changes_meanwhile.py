"""What changes between the request, its answer and the session keeps people out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import User
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import ending
from chatwork_admin.synchronization import provisioning
from saml_sso.identity_providers import configuration, rollover
from saml_sso.identity_providers.certificates import parse_certificate
from saml_sso.models import IdentityProvider, TrustedCertificate
from tests.entra_id.identity_provider import new_identity_provider
from tests.saml_sso import builders
from tests.saml_sso.signing_in import (
    Entra,
    Visitor,
    refused_because,
    trust_signer,
    written,
)

Change = Callable[[Entra, User], None]


def suspend(_: Entra, user: User) -> None:
    provisioning.change_user(
        user.organization,
        user.pk,
        lambda document: document | {"active": False},
        actor=SYSTEM,
    )


def suspend_and_reactivate(entra: Entra, user: User) -> None:
    suspend(entra, user)
    provisioning.change_user(
        user.organization,
        user.pk,
        lambda document: document | {"active": True},
        actor=SYSTEM,
    )


def delete(_: Entra, user: User) -> None:
    provisioning.deprovision_user(user.organization, user.pk, actor=SYSTEM)


def sign_out_everywhere(_: Entra, user: User) -> None:
    ending.end_sessions_of(user, why=Why.ADMINISTRATOR, actor=SYSTEM)


def switch_off(entra: Entra, _: User) -> None:
    IdentityProvider.objects.filter(pk=entra.provider.pk).update(mode="off")


def trust_another_key(entra: Entra, _: User) -> None:
    trust_signer(entra.organization, new_identity_provider(entra.signer.tenant_id))


def trust_another_tenant(entra: Entra, _: User) -> None:
    other = "8b6d1a7e-0000-4000-8000-000000000001"
    trust_signer(entra.organization, new_identity_provider(other))


def remove_settings(entra: Entra, _: User) -> None:
    switch_off(entra, _)
    configuration.remove(entra.organization, actor=SYSTEM)


def roll_over(entra: Entra, _: User) -> None:
    """Trust a certificate more, and this one no longer."""
    present = TrustedCertificate.objects.get()
    following = parse_certificate(builders.pem())
    rollover.add(entra.organization, following, actor=SYSTEM)
    rollover.retire(entra.organization, present.pk, actor=SYSTEM)


BEFORE_THE_ANSWER = [
    (suspend, "person-suspended"),
    (delete, "person-unknown"),
    (switch_off, "saml-off"),
    (trust_another_key, "settings-changed"),
    (roll_over, "settings-changed"),
    (trust_another_tenant, "settings-changed"),
    (remove_settings, "request-unknown"),
]
BEFORE_THE_SESSION = [
    (suspend, "access-ended-meanwhile"),
    (suspend_and_reactivate, "access-ended-meanwhile"),
    (delete, "access-ended-meanwhile"),
    (sign_out_everywhere, "access-ended-meanwhile"),
    (switch_off, "saml-off"),
    (trust_another_key, "settings-changed"),
    (trust_another_tenant, "settings-changed"),
    (remove_settings, "completion-unknown"),
]


@pytest.mark.parametrize(("change", "reason"), BEFORE_THE_ANSWER)
def test_a_change_before_the_answer_is_heeded(
    visitor: Visitor, bob: User, change: Change, reason: str
) -> None:
    asked = visitor.start()
    change(visitor.entra, bob)
    before = written()

    response = visitor.answer(asked, bob)

    assert response.status_code == 403
    assert refused_because() == [reason]
    assert written() == before


@pytest.mark.parametrize(("change", "reason"), BEFORE_THE_SESSION)
def test_a_change_between_answer_and_session_is_heeded(
    visitor: Visitor, bob: User, change: Change, reason: str
) -> None:
    answered = visitor.answer(visitor.start(), bob)
    change(visitor.entra, bob)
    before = written()

    response = visitor.follow(answered)

    assert response.status_code == 403
    assert refused_because() == [reason]
    assert written() == before
    assert not visitor.is_signed_in


def test_nobody_starts_while_saml_is_off(visitor: Visitor, bob: User) -> None:
    switch_off(visitor.entra, bob)
    before = written()

    response = visitor.client.get(visitor.entra.address("login"))

    assert response.status_code == 403
    assert refused_because() == ["saml-off"]
    assert written() == before


def test_a_retired_certificate_signs_nobody_in(visitor: Visitor, bob: User) -> None:
    roll_over(visitor.entra, bob)

    assert visitor.answer(visitor.start(), bob).status_code == 403
    assert refused_because() == ["certificate-retired"]


def test_a_certificate_that_waits_for_its_turn_signs_in_already(
    visitor: Visitor, bob: User
) -> None:
    TrustedCertificate.objects.update(state="next")

    visitor.sign_in(bob)

    assert visitor.is_signed_in


def test_a_signed_response_is_asked_for_where_the_organization_does(
    visitor: Visitor, bob: User
) -> None:
    asked = visitor.start()
    IdentityProvider.objects.update(require_signed_response=True)

    assert visitor.answer(asked, bob).status_code == 403
    assert refused_because() == ["signature-missing"]
    visitor.sign_in(bob, signing_option="both")
    assert visitor.is_signed_in
