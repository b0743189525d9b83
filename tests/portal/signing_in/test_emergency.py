from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.models.sessions import Began
from saml_sso.identity_providers import break_glass
from saml_sso.models import IdentityProvider
from tests.conftest import actor_for, signed_in
from tests.saml_sso.test_modes import make_ready

OVERVIEW, SYNC = "/manage/", "/manage/sync/"
USED = "Emergency access was used within the last seven days."
UNPROVEN = "Emergency access has not been tried out"
FEW = "Only a few emergency codes are left"
NO_WAY = "the administrator could not get in"
UNTESTED = "have not passed a test sign-in"


@pytest.fixture
def required(acme_idp: IdentityProvider, alice: User) -> IdentityProvider:
    make_ready(acme_idp, alice)
    acme_idp.mode = IdentityProvider.Mode.REQUIRED
    acme_idp.save()
    return acme_idp


def test_nothing_is_due_when_everything_was_done(
    as_alice: Client, required: IdentityProvider
) -> None:
    page = as_alice.get(OVERVIEW).text

    for sentence in (USED, UNPROVEN, FEW, UNTESTED):
        assert sentence not in page
    assert "SAML is required" in page


def test_new_codes_have_to_be_tried_out(
    as_alice: Client, acme: Organization, alice: User, required: IdentityProvider
) -> None:
    seen = break_glass.issued_at(acme)
    break_glass.issue(acme, seen=seen, actor=actor_for(alice))

    assert UNPROVEN in as_alice.get(OVERVIEW).text


def test_whoever_could_not_get_in_without_saml_is_told_so(
    as_alice: Client, acme: Organization, alice: User, tested_idp: IdentityProvider
) -> None:
    assert NO_WAY not in as_alice.get(OVERVIEW).text

    User.objects.filter(pk=alice.pk).update(password="!")  # provisioned
    page = signed_in(alice, began=Began.SAML).get(OVERVIEW).text
    assert NO_WAY in page
    assert "Nothing needs you." not in page

    break_glass.issue(acme, seen=None, actor=actor_for(alice))
    assert NO_WAY not in signed_in(alice, began=Began.SAML).get(OVERVIEW).text


def test_few_codes_are_something_to_do(
    as_alice: Client, acme: Organization, required: IdentityProvider
) -> None:
    for code in acme.break_glass_codes.all()[:7]:
        code.used_at = timezone.now()
        code.save()

    assert FEW in as_alice.get(OVERVIEW).text


def test_a_use_in_earnest_alarms_for_a_week_and_a_rehearsal_does_not(
    as_alice: Client, acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    rehearsal, earnest, *_ = break_glass.issue(acme, seen=None, actor=actor_for(alice))
    break_glass.redeem(acme, rehearsal, user=alice, actor=actor_for(alice))
    assert USED not in as_alice.get(OVERVIEW).text

    IdentityProvider.objects.update(mode="required")
    break_glass.redeem(acme, earnest, user=alice, actor=actor_for(alice))
    assert USED in as_alice.get(OVERVIEW).text
    with_time = AuditEvent.objects.filter(action="login.bypass_used")
    assert [event.context["rehearsal"] for event in with_time.order_by("id")] == [
        True,
        False,
    ]


def test_settings_that_are_not_tested_are_something_to_do(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    assert UNTESTED in as_alice.get(OVERVIEW).text


def test_the_synchronization_page_says_whether_it_was_tried_out(
    as_alice: Client, acme_idp: IdentityProvider
) -> None:
    assert "Not tried out yet" in as_alice.get(SYNC).text
    then = timezone.now() - timedelta(days=40)
    IdentityProvider.objects.update(bypass_proven_at=then)

    page = as_alice.get(SYNC).text
    assert "Not tried out yet" not in page
    assert f"{timezone.localtime(then):%Y-%m-%d}" in page
