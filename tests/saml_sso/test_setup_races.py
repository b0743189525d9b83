"""Two administrators' windows at once: threads with connections of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier

import pytest
from django.db import connection, transaction

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import (
    administrators,
    break_glass,
    configuration,
    modes,
    rollover,
)
from saml_sso.identity_providers.certificates import parse_certificate
from saml_sso.identity_providers.options import Options
from saml_sso.models import IdentityProvider, TrustedCertificate
from tests.conftest import actor_for
from tests.processes import within
from tests.saml_sso import builders
from tests.saml_sso.test_administrators import link
from tests.saml_sso.test_configuration import configure, settings

pytestmark = pytest.mark.django_db(transaction=True)

REFUSALS = (
    break_glass.IssuedMeanwhile,
    break_glass.WrongCode,
    configuration.Superseded,
    administrators.NotTransferable,
    NotAllowed,
    rollover.LastCertificate,
    rollover.TooManyCertificates,
)


def at_once(*actions: Callable[[], object]) -> list[str]:
    """Run all actions at the same moment; return the names of what they raised."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], object]) -> str:
        barrier.wait()
        return outcome(action)

    with ThreadPoolExecutor(len(actions)) as threads:
        return sorted(threads.map(run, actions))


def outcome(action: Callable[[], object]) -> str:
    """Return the name of what an action raises, in a thread that ends with it."""
    try:
        action()
    except REFUSALS as refused:
        return type(refused).__name__
    finally:
        connection.close()
    return ""


def in_turn(organization: Organization, *actions: Callable[[], object]) -> list[str]:
    """Run the actions at once, the lock of the organization going to each in turn."""
    with ThreadPoolExecutor(len(actions)) as threads:
        with transaction.atomic():
            Organization.objects.select_for_update().get(pk=organization.pk)
            raised = []
            for place, action in enumerate(actions, start=1):
                raised.append(threads.submit(outcome, action))
                assert within(30, partial(are_waiting, place))
        return [each.result() for each in raised]


def are_waiting(transactions: int) -> bool:
    """Say whether so many wait for a lock: they will get it in the order they came."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0] == transactions)


def test_of_two_first_saves_one_wins(acme: Organization, alice: User) -> None:
    def saving(name: str) -> Callable[[], object]:
        wanted = settings(f"https://idp.example.com/{name}")
        organization = Organization.objects.get(pk=acme.pk)
        return lambda: configure(organization, alice, wanted, None)

    assert at_once(saving("a"), saving("b")) == ["", "Superseded"]
    assert IdentityProvider.objects.get().config_version == 1
    assert AuditEvent.objects.filter(action="saml.updated").count() == 1


def test_two_people_cannot_retire_each_others_last_certificate(
    acme: Organization, alice: User
) -> None:
    both = replace(
        settings(),
        certificates=tuple(parse_certificate(builders.pem()) for _ in range(2)),
    )
    configure(acme, alice, both, None)
    IdentityProvider.objects.update(mode="required")

    def retiring(row: TrustedCertificate) -> Callable[[], object]:
        return lambda: rollover.retire(acme, row.pk, actor=actor_for(alice))

    rows = TrustedCertificate.objects.all()
    assert at_once(*map(retiring, rows)) == ["", "LastCertificate"]
    assert TrustedCertificate.objects.exclude(state="retired").count() == 1
    assert AuditEvent.objects.filter(action="saml.cert_retired").count() == 1


def test_five_people_add_four_certificates(acme: Organization, alice: User) -> None:
    configure(acme, alice, settings(), None)

    def adding() -> Callable[[], object]:
        certificate = parse_certificate(builders.pem())
        return lambda: rollover.add(acme, certificate, actor=actor_for(alice))

    raised = at_once(*[adding() for _ in range(5)])

    assert raised == ["", "", "", *["TooManyCertificates"] * 2]
    assert TrustedCertificate.objects.count() == 4
    assert acme.saml_settings_versions.count() == 4


def test_a_code_is_used_by_one_of_two(acme: Organization, alice: User) -> None:
    code, *_ = break_glass.issue(acme, seen=None, actor=actor_for(alice))

    def redeeming() -> object:
        return break_glass.redeem(acme, code, user=alice, actor=actor_for(alice))

    assert at_once(redeeming, redeeming) == ["", "WrongCode"]
    assert AuditEvent.objects.filter(action="login.bypass_used").count() == 1


def test_two_clicks_issue_one_set(acme: Organization, alice: User) -> None:
    def issuing() -> object:
        return break_glass.issue(acme, seen=None, actor=actor_for(alice))

    assert at_once(issuing, issuing) == ["", "IssuedMeanwhile"]
    assert break_glass.codes_left(acme) == 10


@pytest.fixture
def jiro(bob: User, tested_idp: IdentityProvider) -> User:
    """A colleague without a password, whom SAML lets in."""
    bob.last_login = bob.created_at
    bob.set_unusable_password()
    bob.save()
    link(tested_idp, bob)
    return bob


def transferring(giver: User, receiver: User) -> Callable[[], object]:
    return lambda: administrators.transfer(
        giver.organization,
        giver=giver,
        receiver=receiver,
        actor=actor_for(giver),
        context={},
    )


def test_of_a_transfer_and_a_code_no_code_opens_for_the_new_administrator(
    acme: Organization, alice: User, jiro: User
) -> None:
    code, *_ = break_glass.issue(acme, seen=None, actor=actor_for(alice))

    def redeeming() -> object:
        return break_glass.redeem(acme, code, user=alice, actor=actor_for(alice))

    raised = at_once(transferring(alice, jiro), redeeming)

    assert raised in (["", ""], ["", "WrongCode"])
    assert break_glass.codes_left(acme) == 0
    assert IdentityProvider.objects.get().bypass_proven_at is None
    left = [
        event.context["codes_void"]
        for event in AuditEvent.objects.filter(action="administrator.transferred")
    ]
    assert left == [9 if raised == ["", ""] else 10]


def test_of_a_transfer_and_new_codes_the_giver_keeps_none(
    acme: Organization, alice: User, jiro: User
) -> None:
    def issuing() -> object:
        return break_glass.issue(acme, seen=None, actor=actor_for(alice))

    assert at_once(transferring(alice, jiro), issuing) in (["", ""], ["", "NotAllowed"])
    assert break_glass.codes_left(acme) == 0


def test_of_a_transfer_and_switching_off_one_wins(
    acme: Organization, alice: User, jiro: User
) -> None:
    def switching_off() -> object:
        return modes.switch(
            acme, modes.Mode.OFF, administrator=alice, actor=actor_for(alice)
        )

    raised = at_once(transferring(alice, jiro), switching_off)

    jiro.refresh_from_db()
    mode = IdentityProvider.objects.get().mode
    assert (raised, jiro.is_administrator, mode) in [
        (["", "NotAllowed"], True, "optional"),
        (["", "NotTransferable"], False, "off"),
    ]


@pytest.mark.parametrize("change", ["save", "options", "mode", "certificate"])
def test_what_was_sent_before_a_transfer_and_waits_for_it_is_refused(
    change: str, acme: Organization, alice: User, jiro: User
) -> None:
    actor, organization = actor_for(alice), Organization.objects.get(pk=acme.pk)
    seen = acme.saml_versions
    changes: dict[str, Callable[[], object]] = {
        "save": lambda: configure(organization, alice, settings(), seen),
        "options": lambda: configuration.change_options(
            organization, Options(sign_requests=True), actor=actor, seen_version=seen
        ),
        "mode": lambda: modes.switch(
            organization, modes.Mode.OFF, administrator=alice, actor=actor
        ),
        "certificate": lambda: rollover.add(
            organization, parse_certificate(builders.pem()), actor=actor
        ),
    }
    raised = in_turn(acme, transferring(alice, jiro), changes[change])

    assert raised == ["", "NotAllowed"]
    jiro.refresh_from_db()
    assert jiro.is_administrator
    acme.refresh_from_db()
    assert acme.saml_versions == seen
    assert AuditEvent.objects.latest("pk").action == "administrator.transferred"
