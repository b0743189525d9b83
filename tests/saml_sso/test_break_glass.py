from __future__ import annotations

import re

import pytest
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import administrators, break_glass, configuration
from saml_sso.models import BreakGlassCode, IdentityProvider
from tests.conftest import actor_for, trust_an_identity_provider


def issue(organization: Organization, person: User) -> tuple[str, ...]:
    seen = break_glass.issued_at(organization)
    return break_glass.issue(organization, seen=seen, actor=actor_for(person))


def redeem(organization: Organization, code: str, person: User) -> None:
    break_glass.redeem(organization, code, user=person, actor=actor_for(person))


def test_ten_codes_are_issued_and_only_keyed_hashes_stored(
    acme: Organization, alice: User
) -> None:
    codes = issue(acme, alice)

    assert len(set(codes)) == 10
    for code in codes:
        assert re.fullmatch(r"([2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}", code)
    stored = "".join(BreakGlassCode.objects.values_list("code_hash", flat=True))
    assert not any(code in stored for code in codes)
    (event,) = AuditEvent.objects.filter(action="saml.codes_issued")
    assert not any(code in str(event.__dict__) for code in codes)


@pytest.mark.parametrize(
    "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "]
)
def test_a_code_lets_in_once_however_it_is_typed(
    acme: Organization, alice: User, acme_idp: IdentityProvider, typed: object
) -> None:
    code = typed(issue(acme, alice)[0])  # type: ignore[operator]
    redeem(acme, code, alice)
    with pytest.raises(break_glass.WrongCode):
        redeem(acme, code, alice)

    used = BreakGlassCode.objects.exclude(used_at=None).get()
    assert (used.used_by, used.used_from) == (alice, "192.0.2.1")
    acme_idp.refresh_from_db()
    assert acme_idp.bypass_proven_at is not None
    assert used.used_at is not None
    assert acme_idp.bypass_proven_at >= used.used_at
    (event,) = AuditEvent.objects.filter(action="login.bypass_used")
    assert event.context["codes_left"] == break_glass.codes_left(acme) == 9


def test_a_new_set_voids_the_old_and_asks_for_a_new_proof(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    old = issue(acme, alice)
    IdentityProvider.objects.update(bypass_proven_at=timezone.now())
    issue(acme, alice)
    with pytest.raises(break_glass.WrongCode):
        redeem(acme, old[0], alice)

    acme_idp.refresh_from_db()
    assert acme_idp.bypass_proven_at is None
    assert break_glass.codes_left(acme) == 10
    assert not AuditEvent.objects.filter(action="login.bypass_used").exists()


@pytest.mark.parametrize("code", ["", "-", "AAAA-AAAA-AAAA-AAAA", "0" * 5000, "日本"])
def test_a_wrong_code_uses_nothing_up(
    acme: Organization, alice: User, code: str
) -> None:
    issue(acme, alice)
    with pytest.raises(break_glass.WrongCode):
        redeem(acme, code, alice)

    assert break_glass.codes_left(acme) == 10
    assert not AuditEvent.objects.filter(action="login.bypass_used").exists()


def test_a_neighbours_code_is_worth_nothing(
    acme: Organization, alice: User, globex: Organization, mallory: User
) -> None:
    (code, *_) = issue(globex, mallory)
    issue(acme, alice)
    with pytest.raises(break_glass.WrongCode):
        redeem(acme, code, alice)

    assert break_glass.codes_left(globex) == 10


def test_the_same_form_again_voids_nothing(acme: Organization, alice: User) -> None:
    codes = issue(acme, alice)
    with pytest.raises(break_glass.IssuedMeanwhile):
        break_glass.issue(acme, seen=None, actor=actor_for(alice))

    assert break_glass.are_good(acme, codes)
    assert AuditEvent.objects.filter(action="saml.codes_issued").count() == 1


@pytest.mark.parametrize("is_set_up", [True, False])
def test_a_code_that_was_tried_is_remembered_whatever_becomes_of_the_settings(
    acme: Organization, alice: User, *, is_set_up: bool
) -> None:
    if is_set_up:
        trust_an_identity_provider(acme)
    code, *_ = issue(acme, alice)
    redeem(acme, code, alice)
    configuration.remove(acme, actor=actor_for(alice))
    acme.refresh_from_db()

    provider = trust_an_identity_provider(acme)

    event = AuditEvent.objects.get(action="login.bypass_used")
    assert provider.bypass_proven_at == event.occurred_at


@pytest.mark.parametrize("is_set_up", [True, False])
def test_so_is_an_app_or_a_key_that_was_tried(
    acme: Organization, alice: User, *, is_set_up: bool
) -> None:
    if is_set_up:
        trust_an_identity_provider(acme)
    issue(acme, alice)
    break_glass.note_bypass(acme, user=alice, actor=actor_for(alice))
    configuration.remove(acme, actor=actor_for(alice))
    acme.refresh_from_db()

    event = AuditEvent.objects.get(action="login.bypass_used")
    assert trust_an_identity_provider(acme).bypass_proven_at == event.occurred_at


def test_what_a_former_administrator_or_a_neighbour_has_tried_proves_nothing(
    acme: Organization, alice: User, bob: User, mallory: User
) -> None:
    break_glass.note_bypass(acme, user=alice, actor=actor_for(alice))
    bob.set_password("a long password of his")
    bob.last_login = timezone.now()
    bob.save()
    administrators.transfer(
        acme, giver=alice, receiver=bob, actor=actor_for(alice), context={}
    )
    globex = mallory.organization
    break_glass.note_bypass(globex, user=mallory, actor=actor_for(mallory))

    assert trust_an_identity_provider(acme).bypass_proven_at is None


def test_codes_that_nobody_has_tried_prove_nothing(
    acme: Organization, alice: User
) -> None:
    redeem(acme, issue(acme, alice)[0], alice)
    seen = break_glass.issued_at(acme)
    break_glass.issue(acme, seen=seen, actor=actor_for(alice))

    assert trust_an_identity_provider(acme).bypass_proven_at is None


def test_codes_are_good_until_one_of_them_is_used(
    acme: Organization, alice: User, globex: Organization
) -> None:
    codes = issue(acme, alice)
    assert break_glass.are_good(acme, codes)
    assert not break_glass.are_good(globex, codes)

    redeem(acme, codes[3], alice)

    assert not break_glass.are_good(acme, codes)


def test_who_has_handed_the_right_over_issues_no_codes(
    acme: Organization, carol: User
) -> None:
    with pytest.raises(NotAllowed):
        issue(acme, carol)

    assert not BreakGlassCode.objects.exists()
