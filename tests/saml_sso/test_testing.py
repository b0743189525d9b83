from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import (
    AuthenticationRequest,
    Completion,
    IdentityProvider,
    LinkedIdentity,
    SeenAssertion,
)
from saml_sso.sign_in import testing
from tests.saml_sso.signing_in import Asked, Entra, Visitor, asked_by

RESULT = "/manage/security/login/test/"


@pytest.fixture
def draft(entra: Entra) -> Entra:
    """Settings that nobody has tested, or signs in with."""
    IdentityProvider.objects.update(mode="off", tested_version=None)
    return entra


def start(entra: Entra, person: User) -> Asked:
    url = testing.start(entra.organization, administrator=person, next_path=RESULT)
    return asked_by(url)


def answer(entra: Entra, asked: Asked, person: User, **changes: Any) -> Any:
    return Visitor(entra).answer(asked, person, **changes)


def last(entra: Entra, person: User) -> AuthenticationRequest:
    test = testing.last_test(entra.organization, person)
    assert test is not None
    return test


def found(entra: Entra, person: User) -> dict[str, Any]:
    examination: Any = last(entra, person).examination
    return dict(examination)


def test_a_passed_test_counts_for_the_present_version(
    draft: Entra, alice: User
) -> None:
    response = answer(draft, start(draft, alice), alice)

    assert (response.status_code, response["Location"]) == (303, RESULT)
    provider = draft.provider
    assert provider.is_tested
    assert provider.tested_by == alice
    assert provider.tested_at is not None
    assert provider.mode == "off"
    assert provider.certificates.get().last_used_at is not None
    (event,) = AuditEvent.objects.filter(action="saml.tested")
    assert event.actor["id"] == str(alice.pk)
    assert event.context["result"] == "passed"


def test_a_test_signs_nobody_in_and_links_nobody(draft: Entra, alice: User) -> None:
    answer(draft, start(draft, alice), alice)

    for model in (Completion, LinkedIdentity, SeenAssertion):
        assert not model._default_manager.exists()
    assert not AuditEvent.objects.filter(action__startswith="login.")


def test_what_was_found_is_kept_without_the_message(draft: Entra, alice: User) -> None:
    answer(draft, start(draft, alice), alice)

    said = found(draft, alice)
    assert said["passed"]
    assert {check["passed"] for check in said["checks"]} == {True}
    assert said["claims"]["name_id"] == "alice@acme.test"
    assert said["claims"]["issuer"] == draft.signer.entity_id
    assert said["person"] == {
        "reason": "",
        "user_name": "alice@acme.test",
        "is_tester": True,
    }
    assert said["certificate_sha256"] == draft.provider.certificates.get().sha256
    assert "Signature" not in str(said)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"audience": "https://other.test/"}, "wrong-audience"),
        ({"destination": "https://other.test/acs"}, "wrong-destination"),
        ({"name_id": "nobody@other.test"}, "person-unknown"),
    ],
)
def test_a_failed_test_says_why_and_counts_for_nothing(
    draft: Entra, alice: User, changes: dict[str, str], reason: str
) -> None:
    response = answer(
        draft, start(draft, alice), alice, object_id=str(alice.pk), **changes
    )

    assert response.status_code == 303
    said = found(draft, alice)
    reasons = [check["reason"] for check in said["checks"] if check["reason"]]
    assert reason in [*reasons, said["person"]["reason"]]
    assert not said["passed"]
    assert draft.provider.tested_version is None
    (event,) = AuditEvent.objects.filter(action="saml.tested")
    assert event.context["result"] == "failed"
    assert event.context["code"] == reason


def test_garbage_is_a_failed_test(draft: Entra, alice: User) -> None:
    asked = start(draft, alice)
    response = Visitor(draft).post("garbage", asked.relay_state)

    assert response.status_code == 303
    said = found(draft, alice)
    assert said["checks"][0]["passed"] is False
    assert {check["passed"] for check in said["checks"][1:]} == {None}
    assert said["claims"] is None


@pytest.mark.parametrize("who", ["bob", "carol"])
def test_a_test_with_the_account_of_a_colleague_counts_for_nothing(
    draft: Entra, alice: User, who: str, request: pytest.FixtureRequest
) -> None:
    """Else nobody would know whether the administrator gets in."""
    colleague: User = request.getfixturevalue(who)
    answer(draft, start(draft, alice), colleague)

    said = found(draft, alice)
    assert not said["passed"]
    assert said["person"] == {
        "reason": "other-person",
        "user_name": colleague.user_name,
        "is_tester": False,
    }
    assert not draft.provider.is_tested
    assert draft.provider.certificates.get().last_used_at is None
    (event,) = AuditEvent.objects.filter(action="saml.tested")
    assert (event.context["result"], event.context["code"]) == (
        "failed",
        "other-person",
    )


def test_a_test_is_answered_once(draft: Entra, alice: User) -> None:
    asked = start(draft, alice)
    answer(draft, asked, alice, audience="https://other.test/")
    again = answer(draft, asked, alice)

    assert again.status_code == 403
    assert not draft.provider.is_tested
    assert AuditEvent.objects.filter(action="saml.tested").count() == 1


def test_settings_changed_meanwhile_are_not_tested(draft: Entra, alice: User) -> None:
    asked = start(draft, alice)
    IdentityProvider.objects.update(config_version=9)
    response = answer(draft, asked, alice)

    assert response.status_code == 403
    assert not draft.provider.is_tested
    assert not AuditEvent.objects.filter(action="saml.tested").exists()


def test_the_answer_to_a_test_is_no_sign_in_and_the_other_way_round(
    entra: Entra, alice: User
) -> None:
    visitor = Visitor(entra)
    test = start(entra, alice)
    response = visitor.answer(visitor.start(), alice)
    assert "/complete?c=" in response["Location"]

    said = entra.answer(visitor.start().request_id, alice)
    visitor.post(said, test.relay_state)

    assert found(entra, alice)["passed"] is False


def test_only_the_tester_reads_the_result_and_for_ten_minutes_only(
    draft: Entra, alice: User, carol: User, mallory: User
) -> None:
    assert testing.last_test(draft.organization, alice) is None
    answer(draft, start(draft, alice), alice)

    assert testing.last_test(draft.organization, carol) is None
    assert testing.last_test(mallory.organization, mallory) is None
    AuthenticationRequest.objects.update(
        created_at=timezone.now() - timedelta(minutes=15)
    )
    assert testing.last_test(draft.organization, alice) is not None
    AuthenticationRequest.objects.update(
        consumed_at=timezone.now() - timedelta(minutes=10, seconds=1)
    )
    assert testing.last_test(draft.organization, alice) is None


def test_there_is_nothing_to_test_without_settings(
    as_alice: Client, acme: Organization
) -> None:
    response = as_alice.get(f"{RESULT}start/", follow=True)

    assert "There is nothing to test yet" in response.text
    assert not AuthenticationRequest.objects.exists()
