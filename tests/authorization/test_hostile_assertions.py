"""Assertions that prove nobody are refused, whatever they are."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given, strategies

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization.client_assertions import InvalidAssertion
from chatwork_admin.authorization.client_assertions import read as read_assertion
from chatwork_admin.authorization.models import (
    AccessToken,
    UsedAssertion,
    WorkloadIdentity,
)
from tests.authorization.asking import Ask, refused
from tests.authorization.conftest import FORM, Registered
from tests.authorization.hostile_assertions import HOSTILE, Assertion, by_another
from tests.authorization.workloads import Trusted, reasons, signed
from tests.examples import DEAR


@pytest.mark.parametrize(
    ("reason", "assertion"),
    [pytest.param(reason, make, id=name) for name, reason, make in HOSTILE],
)
def test_what_proves_nothing_is_refused_for_its_own_reason(
    ask: Ask, workload: Trusted, reason: str, assertion: Assertion
) -> None:
    text = assertion(workload)

    answer = ask(workload.body(text))

    assert refused(answer)
    assert answer.json() == {"error": "invalid_client"}  # whatever was wrong
    assert reasons() == [f"assertion-{reason}"]
    assert not AccessToken.objects.exists()
    workload.row.refresh_from_db()
    assert workload.row.last_used_at is None


def test_what_was_said_instead_is_kept_for_the_administrator(
    ask: Ask, workload: Trusted
) -> None:
    ask(workload.body(workload.says(aud="api://another")))
    ask(workload.body(workload.says(sub="\ud800\0")))

    first, second = AuditEvent.objects.filter(action=Action.ASSERTION_REFUSED)
    said = {each.context["said"] for each in (first, second)}
    assert said == {"api://another", ""}


def test_wrong_assertions_are_recorded_ten_times_and_lock_nobody_out(
    ask: Ask, entra: Registered, workload: Trusted
) -> None:
    wrong = workload.body(by_another(workload))
    assert all(refused(ask(wrong)) for _ in range(12))

    assert len(reasons()) == 10
    assert ask(workload.body()).status_code == 200
    assert ask(entra.body).status_code == 200


def test_no_assertion_can_be_read_in_the_database(ask: Ask, workload: Trusted) -> None:
    assertion = workload.says(jti="the-id-of-it")
    ask(workload.body(assertion))
    ask(workload.body(by_another(workload)))
    for model in (UsedAssertion, WorkloadIdentity, AccessToken, AuditEvent):
        kept = str(list(model.objects.values()))
        assert assertion.rpartition(".")[2] not in kept
        assert "the-id-of-it" not in kept


@DEAR
@given(data=strategies.data())
def test_whatever_is_made_of_an_assertion_is_refused_and_nothing_fails(
    client: Client, workload: Trusted, data: strategies.DataObject
) -> None:
    text = data.draw(mutated(workload))
    body = urlencode(
        workload.body(text or "x") | {"grant_type": "client_credentials"},
        errors="surrogatepass",
    )

    answer = client.post("/oauth/token", body, content_type=FORM)

    assert answer.status_code == 401
    assert not AccessToken.objects.exists()


def mutated(workload: Trusted) -> strategies.SearchStrategy[str]:
    """Signed JSON of any shape, broken texts, and texts that are none."""
    scalars = (
        strategies.none()
        | strategies.booleans()
        | strategies.integers()
        | strategies.floats()
        | strategies.text(max_size=20)
    )
    values = scalars | strategies.recursive(
        scalars, lambda inner: strategies.lists(inner, max_size=3), max_leaves=8
    )
    names = strategies.sampled_from(
        ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "alg", "kid", "typ", "crit"]
    )
    changes = strategies.dictionaries(names, values, min_size=1, max_size=4)
    text = workload.workload.assertion()
    places = strategies.integers(0, len(text) - 1)
    return strategies.one_of(
        strategies.builds(
            lambda changed: signed(
                workload.headers() | changed,
                workload.workload.claims() | changed | {"sub": "nobody"},
            ),
            changes,
        ),
        strategies.builds(
            lambda a, b: text[: min(a, b)] + text[max(a, b) + 1 :], places, places
        ),
        strategies.binary(max_size=200).map(
            lambda part: signed(workload.headers(), part)
        ),
        strategies.binary(max_size=60).map(
            lambda part: signed(part, workload.workload.claims())
        ),
        strategies.text(max_size=80),
    )


@given(text=strategies.text() | strategies.binary().map(base64.b64encode).map(str))
def test_reading_fails_in_one_way_only(text: str) -> None:
    with pytest.raises(InvalidAssertion):
        read_assertion(text)
