from __future__ import annotations

import pytest
from django.utils import timezone

from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider, LinkedIdentity
from saml_sso.sign_in import lock_out


def link(provider: IdentityProvider, person: User, name_id: str = "") -> None:
    """Let a person come in by SAML, once."""
    User.objects.filter(pk=person.pk).update(last_login=timezone.now())
    LinkedIdentity.objects.create(
        organization=provider.organization,
        user=person,
        issuer=provider.entity_id,
        object_id=str(person.pk),
        name_id=name_id or person.user_name,
    )


@pytest.fixture
def everybody(alice: User, bob: User, carol: User, mallory: User) -> list[User]:
    return [alice, bob, carol]


def test_everybody_who_never_came_in_by_saml_is_named(
    acme: Organization, acme_idp: IdentityProvider, everybody: list[User]
) -> None:
    found = lock_out.preflight(acme, acme_idp)

    alice, bob, carol = everybody
    assert found.administering.named == [alice, carol]
    assert (found.never.count, found.never.named) == (1, [bob])
    assert found.differing_count == 0


def test_whoever_came_in_is_safe_whatever_the_case_of_the_name(
    acme: Organization, acme_idp: IdentityProvider, everybody: list[User]
) -> None:
    for person in everybody:
        link(acme_idp, person, person.user_name.upper())
    found = lock_out.preflight(acme, acme_idp)

    assert (found.administering.count, found.never.count) == (0, 0)
    assert found.differing == []


def test_another_identity_provider_proves_nothing(
    acme: Organization, acme_idp: IdentityProvider, everybody: list[User]
) -> None:
    link(acme_idp, everybody[0])
    LinkedIdentity.objects.update(issuer="https://idp.other.test/")

    assert lock_out.preflight(acme, acme_idp).administering.count == 2


def test_members_of_a_former_identity_provider_have_to_come_in_again(
    acme: Organization, acme_idp: IdentityProvider, everybody: list[User]
) -> None:
    _, bob, _ = everybody
    link(acme_idp, bob)
    acme.saml_settings_versions.update(settings={"entity_id": acme_idp.entity_id})
    assert lock_out.preflight(acme, acme_idp).never.count == 0

    LinkedIdentity.objects.update(issuer="https://idp.other.test/")
    acme.saml_settings_versions.create(
        number=99, settings={"entity_id": "https://idp.other.test/"}, saved_by="x"
    )

    never = lock_out.preflight(acme, acme_idp).never
    assert (never.count, never.named) == (1, [bob])


def test_managers_and_members_who_never_came_in_are_counted_apart(
    acme: Organization, acme_idp: IdentityProvider, everybody: list[User]
) -> None:
    alice, bob, carol = everybody
    User.objects.filter(pk=carol.pk).update(last_login=timezone.now())  # by password
    found = lock_out.preflight(acme, acme_idp)

    assert found.administering.named == [alice, carol]
    assert (found.never.count, found.never.named) == (1, [bob])


def test_of_differing_names_a_sample_is_looked_at(
    acme: Organization,
    acme_idp: IdentityProvider,
    everybody: list[User],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for person in everybody:
        link(acme_idp, person, f"{person.pk}@acme.onmicrosoft.com")
    assert lock_out.preflight(acme, acme_idp).looked_at == 0
    monkeypatch.setattr(lock_out, "LOOKED_AT", 2)

    found = lock_out.preflight(acme, acme_idp)

    assert (found.differing_count, found.looked_at) == (2, 2)


def test_whoever_depends_on_saml_is_counted_and_named(
    acme: Organization, everybody: list[User]
) -> None:
    _, bob, carol = everybody
    carol.set_unusable_password()
    carol.save()
    found = lock_out.dependents(acme, IdentityProvider.Mode.OPTIONAL)

    assert (found.administering.count, found.administering.named) == (1, [carol])
    assert (found.members.count, found.members.named) == (1, [bob])


def test_a_name_that_is_not_the_login_email_is_said(
    acme: Organization, acme_idp: IdentityProvider, everybody: list[User]
) -> None:
    alice, bob, carol = everybody
    link(acme_idp, alice, "alice@acme.onmicrosoft.com")
    link(acme_idp, bob, "AkQzX-pairwise")
    found = lock_out.preflight(acme, acme_idp)

    assert [each.user for each in found.differing] == [alice]
    assert found.differing_count == 1
    assert found.administering.named == [carol]


def test_suspended_and_deleted_people_are_not_at_risk(
    acme: Organization, acme_idp: IdentityProvider, everybody: list[User]
) -> None:
    _, bob, _ = everybody
    User.objects.filter(pk=bob.pk).update(is_active=False)

    assert lock_out.preflight(acme, acme_idp).never.count == 0


def test_of_many_the_first_twenty_are_named(
    acme: Organization, acme_idp: IdentityProvider
) -> None:
    User.objects.bulk_create(
        User(
            organization=acme,
            user_name=f"u{number:02}@acme.test",
            user_name_key=f"u{number:02}@acme.test",
        )
        for number in range(23)
    )
    found = lock_out.preflight(acme, acme_idp).never

    assert (found.count, len(found.named), found.more) == (23, 20, 3)
    assert found.named[0].user_name == "u00@acme.test"
