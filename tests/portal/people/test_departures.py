"""What the portal says of somebody who is no more, or is somebody else by now."""

from __future__ import annotations

from django.test import Client

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import recycling
from tests.conftest import actor_for
from tests.portal.people.test_people import USERS, provisioned
from tests.portal.people.test_recycle_bin import erasing, restoring, tanaka

__all__ = ["tanaka"]


def test_who_was_erased_is_gone_and_the_page_says_when_and_by_whom(
    as_alice: Client, acme: Organization, alice: User, tanaka: User
) -> None:
    recycling.erase_user(acme, tanaka.pk, actor=actor_for(alice))

    for path in (restoring(tanaka), erasing(tanaka), f"{USERS}{tanaka.pk}/"):
        answer = as_alice.get(path)
        assert answer.status_code == 410
        assert "Nobody can restore this user." in answer.text
        assert "alice@acme.test" in answer.text
    assert as_alice.post(restoring(tanaka)).status_code == 410


def test_who_was_provisioned_again_is_found_under_the_new_id(
    as_alice: Client, acme: Organization, tanaka: User
) -> None:
    again = provisioned(acme, "tanaka", externalId="e1")

    answer = as_alice.get(restoring(tanaka))

    assert answer.status_code == 410
    assert f"{USERS}{again.pk}/" in answer.text
    assert str(tanaka.pk) in as_alice.get(f"{USERS}{again.pk}/").text  # in the timeline
