from __future__ import annotations

from django.test import Client

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.overview.activity import days_of
from chatwork_admin.synchronization import provisioning
from saml_sso.models import IdentityProvider
from tests.conftest import actor_for

PAGE = "/manage/"


def test_a_new_organization_is_told_what_to_do(as_alice: Client) -> None:
    page = as_alice.get(PAGE).text

    assert "SAML login is not set up yet." in page
    assert "User synchronization is not enabled yet." in page
    assert "Nothing needs you." not in page


def test_licences_are_counted_with_the_suspended(
    as_alice: Client, acme: Organization, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)

    licences = as_alice.get(PAGE).context["licences"]

    assert (licences.total, licences.left) == (500, 498)
    assert (licences.in_use, licences.waiting, licences.suspended) == (1, 0, 1)


def test_no_licence_left_is_something_to_do(
    as_alice: Client, acme: Organization
) -> None:
    Organization.objects.filter(pk=acme.pk).update(licences=1)

    assert "No licence is left: new users are not created." in as_alice.get(PAGE).text


def test_metadata_that_cannot_be_used_is_something_to_do(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    task = "New certificates cannot be looked for"
    assert task not in as_alice.get(PAGE).text

    IdentityProvider.objects.update(metadata_problem="other-entity-id")

    assert task in as_alice.get(PAGE).text


def test_the_chart_counts_changes_of_the_last_days(
    alice: User, acme: Organization
) -> None:
    assert {day.changes for day in days_of(acme)} == {0}

    for name in ("a", "b"):
        provisioning.provision_user(
            acme, {"userName": f"{name}@acme.test"}, actor=actor_for(alice)
        )

    days = days_of(acme)
    assert len(days) == 14
    assert [day.changes for day in days] == [0] * 13 + [2]
