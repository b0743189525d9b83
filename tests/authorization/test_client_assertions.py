"""Clients proven by assertions (RFC 7523), rows B24 and B25 of the catalogue."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, workload_identities
from chatwork_admin.authorization.client_assertions import LONGEST, InvalidAssertion
from chatwork_admin.authorization.client_assertions import read as read_assertion
from chatwork_admin.authorization.models import (
    AccessToken,
    UsedAssertion,
    WorkloadIdentity,
)
from chatwork_admin.authorization.tasks import forget_tokens
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from tests.authorization.conftest import FORM, Registered, registered
from tests.authorization.gallery import GALLERY, Gallery
from tests.authorization.test_client_credentials import Ask, refused, scim
from tests.authorization.workloads import (
    SUBJECT,
    Trusted,
    another_tenant,
    encoded,
    entra_tenant,
    signed,
    trusted,
)
from tests.conftest import actor_for, enable
from tests.entra_id.workload_identity import key_id

DAY = 24 * 60 * 60
Assertion = Callable[[Trusted], str]


@dataclass(frozen=True)
class In:
    """An instant so many seconds after the test has come to it."""

    seconds: float


def dated(changed: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    return {
        name: now + said.seconds if isinstance(said, In) else said
        for name, said in changed.items()
    }


@pytest.fixture
def workload(entra: Registered) -> Trusted:
    return trusted(entra.row)


def given_token(ask: Ask, workload: Trusted) -> str:
    answer = ask(workload.body())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def reasons() -> list[str]:
    events = AuditEvent.objects.filter(action=Action.ASSERTION_REFUSED)
    return [event.context["code"] for event in events.order_by("pk")]


def test_an_assertion_is_worth_an_access_token(ask: Ask, workload: Trusted) -> None:
    answer = ask(workload.body())

    assert answer.status_code == 200
    said = answer.json()
    assert said.keys() == {"access_token", "expires_in", "token_type", "scope"}
    assert answer["Cache-Control"] == "no-store"
    assert scim(said["access_token"]).status_code == 200
    row = AccessToken.objects.get()
    assert (row.client, row.identity) == (workload.client, workload.row)
    assert row.secret is None
    workload.row.refresh_from_db()
    assert workload.row.last_used_at is not None
    assert reasons() == []


def test_one_that_has_no_id_may_come_again(ask: Ask, workload: Trusted) -> None:
    assertion = workload.workload.assertion()
    for _ in range(2):  # Entra keeps its tokens for their hour
        assert ask(workload.body(assertion)).status_code == 200


def unsigned(workload: Trusted) -> str:
    return ".".join([*workload.headed(alg="none").split(".")[:2], ""])


def by_the_public_key(workload: Trusted) -> str:
    """Sign by HMAC with what everybody knows (RFC 8725 §2.1)."""
    public = workload.workload.provider.key.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = encoded(json.dumps(workload.headers() | {"alg": "HS256"}).encode())
    text = f"{head}.{encoded(json.dumps(workload.workload.claims()).encode())}"
    digest = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    return f"{text}.{encoded(digest.sign(text.encode(), secret))}"


def by_another(workload: Trusted) -> str:
    claims = workload.workload.claims()
    return signed(workload.headers(), claims, another_tenant().key)


def with_its_own_key(workload: Trusted) -> str:
    headers = workload.headers() | {
        "jwk": jwt.algorithms.RSAAlgorithm.to_jwk(
            another_tenant().key.public_key(), as_dict=True
        )
    }
    return signed(headers, workload.workload.claims(), another_tenant().key)


def with_other_claims(workload: Trusted) -> str:
    head, _, signature = workload.workload.assertion().split(".")
    claims = workload.workload.claims() | dated({"exp": In(7200)})
    return f"{head}.{encoded(json.dumps(claims).encode())}.{signature}"


def twice(name: str) -> Assertion:
    def assertion(workload: Trusted) -> str:
        claims = json.dumps(workload.workload.claims())
        repeated = json.dumps(workload.workload.claims()[name])
        return signed(
            workload.headers(), f'{{"{name}":{repeated},{claims[1:]}'.encode()
        )

    return assertion


def header_twice(workload: Trusted) -> str:
    headers = json.dumps(workload.headers())
    both = f'{{"alg":"RS256",{headers[1:]}'.encode()
    return signed(both, workload.workload.claims())


def says(**changed: Any) -> Assertion:
    return lambda workload: workload.says(**dated(changed))


def headed(**changed: Any) -> Assertion:
    return lambda workload: workload.headed(**changed)


def bare(text: str) -> Assertion:
    return lambda _: text


HOSTILE: list[tuple[str, str, Assertion]] = [
    ("nothing at all", "unreadable", bare(".")),
    ("one part", "unreadable", bare("x")),
    ("four parts", "unreadable", lambda it: it.workload.assertion() + ".x"),
    ("padding", "unreadable", lambda it: it.workload.assertion() + "="),
    ("a blank", "unreadable", lambda it: it.workload.assertion() + " "),
    ("too long", "unreadable", bare(f"{'A' * LONGEST}.A.A")),
    ("no JSON", "unreadable", lambda it: signed(it.headers(), b"{")),
    ("no object", "unreadable", lambda it: signed(it.headers(), b"[]")),
    ("a bomb", "unreadable", lambda it: signed(it.headers(), b"[" * 5000)),
    ("no text", "unreadable", lambda it: signed(it.headers(), b"\xff{}")),
    ("NaN", "unreadable", lambda it: signed(it.headers(), b'{"exp":NaN}')),
    ("a long number", "unreadable", lambda it: signed(it.headers(), b"9" * 5000)),
    ("the issuer twice", "unreadable", twice("iss")),
    ("the audience twice", "unreadable", twice("aud")),
    ("the algorithm twice", "unreadable", header_twice),
    ("no signature", "unreadable", unsigned),
    ("alg none", "algorithm", headed(alg="none")),
    ("alg None", "algorithm", headed(alg="None")),
    ("no alg", "algorithm", headed(alg=None)),
    ("a list of algs", "algorithm", headed(alg=["RS256"])),
    ("RS512", "algorithm", headed(alg="RS512")),
    ("PS256", "algorithm", headed(alg="PS256")),
    ("HMAC by the public key", "algorithm", by_the_public_key),
    ("no kid", "header", headed(kid=None)),
    ("a kid that is no text", "header", headed(kid=1)),
    ("another type of token", "header", headed(typ="at+jwt")),
    ("a type that is no text", "header", headed(typ=1)),
    ("jku", "header", headed(jku="https://evil.test/keys")),
    ("x5u", "header", headed(x5u="https://evil.test/keys")),
    ("x5c", "header", headed(x5c=["MII"])),
    ("jwk", "header", with_its_own_key),
    ("crit", "header", headed(crit=["exp"])),
    ("an empty crit", "header", headed(crit=[])),
    ("b64", "header", headed(b64=False)),
    ("no issuer", "claims", says(iss=None)),
    ("no subject", "claims", says(sub=None)),
    ("no audience", "claims", says(aud=None)),
    ("no end", "claims", says(exp=None)),
    ("no beginning", "claims", says(iat=None)),
    ("an empty subject", "claims", says(sub="")),
    ("a subject that is no text", "claims", says(sub=[SUBJECT])),
    ("several audiences", "claims", says(aud=["api://x", "api://y"])),
    ("an end that is no number", "claims", says(exp="tomorrow")),
    ("an end that is true", "claims", says(exp=True)),
    ("an end beyond all", "claims", says(exp=1e300)),
    ("a beginning before all", "claims", says(iat=-1)),
    ("an id that is no text", "claims", says(jti=1)),
    ("another issuer", "issuer", says(iss="https://evil.test/v2.0")),
    ("an issuer with a slash", "issuer", lambda it: it.says(iss=it.row.issuer + "/")),
    ("an issuer of capitals", "issuer", lambda it: it.says(iss=it.row.issuer.upper())),
    ("another subject", "subject", says(sub="11111111-4a5e-4c1b-9c0e-1d8f5a1d2c3b")),
    ("a subject with a blank", "subject", says(sub=f"{SUBJECT} ")),
    ("a subject with half a letter", "subject", says(sub="\ud800")),
    ("another audience", "audience", says(aud="api://another")),
    ("the scope", "audience", lambda it: it.says(aud=it.row.audience + "/.default")),
    ("an unknown key", "key-unknown", headed(kid="unknown")),
    ("a key that is none", "key-unknown", headed(kid="../../../etc/passwd\0")),
    ("the key of another", "signature", by_another),
    ("other claims", "signature", with_other_claims),
    ("a signature of nothing", "signature", lambda it: _resigned(it, b"\0")),
    ("over", "expired", says(iat=In(-7200), exp=In(-3600))),
    ("over by more than clocks differ", "expired", says(exp=In(-61))),
    ("from the future", "too-early", says(iat=In(600), exp=In(900))),
    ("not yet", "too-early", says(nbf=In(600))),
    ("nbf that is no number", "unreadable", says(nbf="now")),
    ("nbf beyond all", "unreadable", says(nbf=float("1e300") * 1e300)),
    ("for two days", "lifetime", says(iat=In(0), exp=In(2 * DAY))),
    ("ends as it begins", "lifetime", says(iat=In(5), exp=In(5))),
]


def _resigned(workload: Trusted, signature: bytes) -> str:
    text = workload.workload.assertion().rpartition(".")[0]
    return f"{text}.{encoded(signature)}"


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


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": In(-5)},
        {"iat": In(20), "nbf": In(20), "exp": In(900)},
        {"iat": In(100 - DAY), "exp": In(100)},
        {"iat": In(-0.5), "exp": In(100.5)},
        {"nbf": None},
    ],
)
def test_clocks_may_differ_by_a_minute_and_a_day_is_the_longest_life(
    ask: Ask, workload: Trusted, changed: dict[str, Any]
) -> None:
    assert ask(workload.body(workload.says(**dated(changed)))).status_code == 200


@pytest.mark.parametrize("kind", [None, "jwt", "client-authentication+jwt"])
def test_the_type_may_be_left_out(ask: Ask, workload: Trusted, kind: str) -> None:
    assert ask(workload.body(workload.headed(typ=kind))).status_code == 200


def test_one_with_an_id_is_taken_once(ask: Ask, workload: Trusted) -> None:
    assertion = workload.says(jti="once")
    assert ask(workload.body(assertion)).status_code == 200

    assert refused(ask(workload.body(assertion)))
    assert refused(
        ask(workload.body(workload.says(**dated({"jti": "once", "exp": In(1800)}))))
    )

    assert reasons() == ["assertion-replayed"] * 2
    assert AccessToken.objects.count() == 1
    assert ask(workload.body(workload.says(jti="twice\ud800"))).status_code == 200


def test_ids_are_forgotten_once_they_are_over(ask: Ask, workload: Trusted) -> None:
    ask(workload.body(workload.says(jti="one")))
    forget_tokens()
    assert UsedAssertion.objects.count() == 1

    UsedAssertion.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    forget_tokens()

    assert not UsedAssertion.objects.exists()


def test_what_was_said_instead_is_kept_for_the_administrator(
    ask: Ask, workload: Trusted
) -> None:
    ask(workload.body(workload.says(aud="api://another")))
    ask(workload.body(workload.says(sub="\ud800\0")))

    first, second = AuditEvent.objects.filter(action=Action.ASSERTION_REFUSED)
    said = {each.context["said"] for each in (first, second)}
    assert said == {"api://another", ""}


def test_beside_a_secret_no_assertion_counts(
    ask: Ask, entra: Registered, workload: Trusted
) -> None:
    assert refused(ask(workload.body(client_secret=entra.secret)))
    assert refused(ask(workload.body(), authorization=entra.header))
    assert reasons() == ["assertion-beside-a-secret"] * 2
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    "kind", ["", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "jwt"]
)
def test_another_type_of_assertion_is_refused(
    ask: Ask, workload: Trusted, kind: str
) -> None:
    assert refused(ask(workload.body(client_assertion_type=kind)))
    assert reasons() == ["assertion-of-other-type"]


def test_a_type_without_an_assertion_is_refused(
    ask: Ask, entra: Registered, workload: Trusted
) -> None:
    fields = workload.body()
    del fields["client_assertion"]
    assert refused(ask(fields))
    assert reasons() == ["assertion-unreadable"]


@pytest.mark.parametrize("name", ["client_assertion", "client_assertion_type"])
def test_an_assertion_given_twice_is_refused(
    ask: Ask, workload: Trusted, name: str
) -> None:
    fields = workload.body() | {"grant_type": "client_credentials"}
    twice = urlencode([*fields.items(), (name, fields[name])])
    assert refused(ask(twice), "invalid_request", 400)


def test_who_names_no_client_or_another_is_refused(
    ask: Ask, workload: Trusted, gallery: Gallery
) -> None:
    other = registered(workload.client.organization, "Okta").client_id
    for client_id in ("", "x", "00000000-0000-0000-0000-000000000000", GALLERY):
        assert refused(ask(workload.body(client_id=client_id)))
    assert reasons() == []
    assert refused(ask(workload.body(client_id=other)))
    assert reasons() == ["assertion-issuer"]


def test_a_neighbours_client_is_not_proven_by_whom_acme_trusts(
    ask: Ask, workload: Trusted, globex: Organization
) -> None:
    enable(globex)
    theirs = registered(globex)
    assert refused(ask(workload.body(client_id=theirs.client_id)))
    [event] = AuditEvent.objects.filter(action=Action.ASSERTION_REFUSED)
    assert event.organization_id == globex.pk


def test_wrong_assertions_are_limited_and_lock_nobody_out(
    ask: Ask, entra: Registered, workload: Trusted
) -> None:
    wrong = workload.body(by_another(workload))
    assert all(refused(ask(wrong)) for _ in range(10))

    answer = ask(wrong)

    assert refused(answer, "invalid_client", 429)
    assert 3500 < int(answer["Retry-After"]) <= 3600
    assert len(reasons()) == 10
    assert ask(workload.body()).status_code == 200
    assert ask(entra.body).status_code == 200


def test_keys_that_may_be_over_are_believed_no_more(
    ask: Ask, workload: Trusted
) -> None:
    """The issuer cannot be reached, as it names no host of ours."""
    three_days_ago = timezone.now() - timedelta(days=3)
    WorkloadIdentity.objects.update(
        keys_fetched_at=three_days_ago, jwks_uri="https://evil.test/keys"
    )

    answer = ask(workload.body())

    assert refused(answer, "temporarily_unavailable", 503)
    assert answer["Retry-After"] == "5"
    assert reasons() == []
    assert not AccessToken.objects.exists()
    WorkloadIdentity.objects.update(
        keys_fetched_at=three_days_ago + timedelta(minutes=1)
    )
    assert ask(workload.body()).status_code == 200


def test_removing_an_identity_ends_what_it_was_given(
    ask: Ask, entra: Registered, workload: Trusted
) -> None:
    token, by_secret = given_token(ask, workload), ask(entra.body).json()

    workload_identities.remove(
        workload.client.organization, workload.client.pk, workload.row.pk, actor=SYSTEM
    )

    assert scim(token).status_code == 401
    assert refused(ask(workload.body()))
    assert reasons() == ["assertion-issuer"]
    assert scim(by_secret["access_token"]).status_code == 200


def test_removing_the_client_ends_its_identities(ask: Ask, workload: Trusted) -> None:
    token = given_token(ask, workload)
    clients.remove(workload.client.organization, workload.client.pk, actor=SYSTEM)
    assert scim(token).status_code == 401
    assert refused(ask(workload.body()))


def test_disabling_ends_identities_as_it_ends_secrets(
    ask: Ask, workload: Trusted, enabled_acme: Organization, alice: User
) -> None:
    token = given_token(ask, workload)
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))

    assert scim(token).status_code == 403
    assert refused(ask(workload.body()))
    enable(enabled_acme)
    assert scim(token).status_code == 401
    assert refused(ask(workload.body()))
    renewed = trusted(workload.client)
    assert scim(given_token(ask, renewed)).status_code == 200


def test_a_client_that_is_proven_so_ends_its_tokens(
    client: Client, ask: Ask, workload: Trusted
) -> None:
    token = given_token(ask, workload)
    fields = urlencode(workload.body() | {"token": token})
    answer = client.post("/oauth/revoke", fields, content_type=FORM)
    assert answer.status_code == 200
    assert scim(token).status_code == 401


def test_no_assertion_can_be_read_in_the_database(ask: Ask, workload: Trusted) -> None:
    assertion = workload.says(jti="the-id-of-it")
    ask(workload.body(assertion))
    ask(workload.body(by_another(workload)))
    for model in (UsedAssertion, WorkloadIdentity, AccessToken, AuditEvent):
        kept = str(list(model.objects.values()))
        assert assertion.rpartition(".")[2] not in kept
        assert "the-id-of-it" not in kept


def test_the_keys_that_are_kept_are_public(workload: Trusted) -> None:
    [kept] = workload.row.keys.values()
    assert kept.keys() == {"kty", "n", "e"}
    assert [*workload.row.keys] == [key_id(entra_tenant())]


@hypothesis_settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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

    assert answer.status_code in {401, 429}
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
