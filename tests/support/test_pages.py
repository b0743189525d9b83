"""Every list and page: to look at, complete, without secrets, explained when empty."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chatwork_admin.audit.models import AuditDelivery, AuditEvent, AuditSink
from chatwork_admin.authorization.models import (
    AccessToken,
    ClientSecret,
    Grant,
    OAuthClient,
)
from chatwork_admin.organizations.models import Group, Organization, User
from chatwork_admin.support.columns import without_secrets
from chatwork_admin.support.read_only import history_of
from chatwork_admin.synchronization import gate, health
from chatwork_admin.synchronization.failures import count_refusal
from chatwork_admin.synchronization.models import (
    NoticeAcceptance,
    Tombstone,
    UserSynchronization,
)
from saml_sso.identity_providers import break_glass
from saml_sso.models import BreakGlassCode, IdentityProvider, TrustedCertificate
from tests.conftest import actor_for, signed_in

MODELS: list[type[Model]] = [
    Organization,
    User,
    Group,
    UserSynchronization,
    Tombstone,
    AuditEvent,
    NoticeAcceptance,
    AuditSink,
    OAuthClient,
    Grant,
    AccessToken,
]
STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}

each_model = pytest.mark.parametrize("model", MODELS)


def list_of(model: type[Model]) -> str:
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_changelist")


def page_of(row: Model) -> str:
    options = row._meta
    return reverse(
        f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk]
    )


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def results(page: str) -> int:
    return len(
        re.findall(r'<tr>(?=<t[hd][^>]*class="(?:action-checkbox|field-))', page)
    )


def test_nothing_else_is_on_the_site() -> None:
    assert set(admin.site._registry) == set(MODELS)


@each_model
def test_an_empty_list_explains_itself(as_victor: Client, model: type[Model]) -> None:
    AuditSink.objects.all().delete()  # the installation has one of its own
    page = read(as_victor, list_of(model))
    assert str(vars(type(admin.site._registry[model]))["empty_list"]) in page
    assert results(page) == 0


@each_model
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_list_and_every_page_shows_its_rows(
    as_olga: Client, full_acme: Organization, model: type[Model], language: str
) -> None:
    as_olga.cookies["__Host-language"] = language
    rows = model._default_manager.all()
    assert results(read(as_olga, list_of(model))) == rows.count()
    for row in rows:
        read(as_olga, page_of(row))


@each_model
def test_staff_may_only_look(
    as_olga: Client, as_victor: Client, full_acme: Organization, model: type[Model]
) -> None:
    row = model._default_manager.all()[:1].get()
    before = model._default_manager.values().get(pk=row.pk)
    add = f"{list_of(model)}add/"
    change, delete = page_of(row), page_of(row).replace("/change/", "/delete/")
    for client in (as_olga, as_victor):
        assert client.get(add).status_code == 403
        assert client.get(delete).status_code == 403
        for address in (add, change, delete):
            assert client.post(address, {"name": "x", "post": "yes"}).status_code == 403
    assert (
        as_victor.post(list_of(model), {"action": "delete_selected"}).status_code == 403
    )
    assert model._default_manager.values().get(pk=row.pk) == before


@each_model
def test_no_row_can_be_deleted_by_action(
    as_olga: Client, full_acme: Organization, model: type[Model]
) -> None:
    number = model._default_manager.count()
    ids = [str(pk) for pk in model._default_manager.values_list("pk", flat=True)]
    chosen = {"action": "delete_selected", "_selected_action": ids, "post": "yes"}
    as_olga.post(list_of(model), chosen)
    as_olga.post(list_of(model), chosen | {"index": "0"})
    assert model._default_manager.count() == number


def test_no_page_shows_a_secret(as_olga: Client, full_acme: Organization) -> None:
    secrets = [
        *User.objects.exclude(password="").values_list("password", flat=True),
        *AccessToken.objects.values_list("digest", flat=True),
        *ClientSecret.objects.values_list("digest", flat=True),
        *Grant.objects.values_list("code_digest", flat=True),
        *map(str, Grant.objects.values_list("refresh_digest", flat=True)),
        "in-clear",
        "BEGIN CERTIFICATE",
    ]
    pages = "".join(
        read(as_olga, list_of(model))
        + "".join(read(as_olga, page_of(row)) for row in model._default_manager.all())
        for model in MODELS
    )
    assert [secret for secret in secrets if secret in pages] == []


@each_model
def test_every_list_has_the_strict_policy_and_nothing_inline(
    as_olga: Client, full_acme: Organization, model: type[Model]
) -> None:
    row = model._default_manager.all()[:1].get()
    for address in (list_of(model), page_of(row), "/support/"):
        answer = as_olga.get(address)
        policy = set(answer["Content-Security-Policy"].split("; "))
        page = answer.content.decode()
        assert policy >= STRICT
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", page)


def test_the_token_is_recognisable_by_its_last_characters_only(
    as_olga: Client, full_acme: Organization
) -> None:
    token = AccessToken.objects.get()
    assert token.last_characters in read(as_olga, page_of(full_acme))


def test_an_organizations_page_says_what_state_it_is_in_and_what_that_means(
    as_olga: Client, full_acme: Organization
) -> None:
    page = read(as_olga, page_of(full_acme))
    assert "Waiting for first contact" in page
    assert "ask for the result of Test Connection" in page
    assert "2 / 500" in page
    assert "alice@acme.test" in page


def test_failing_is_said_in_the_list_and_explained_on_the_page(
    as_olga: Client, full_acme: Organization
) -> None:
    health.note_contact(gate.synchronization_of(full_acme))
    count_refusal(full_acme, "CW-USER-1")

    assert "Failing" in read(as_olga, list_of(Organization))
    assert "A tenth or more of the writes" in read(as_olga, page_of(full_acme))
    as_olga.cookies["__Host-language"] = "ja"
    assert "エラー多発" in read(as_olga, list_of(Organization))


def test_the_page_says_how_saml_is_and_no_secret(
    as_victor: Client, full_acme: Organization, alice: User
) -> None:
    codes = break_glass.issue(full_acme, seen=None, actor=actor_for(alice))
    IdentityProvider.objects.update(tested_by=alice, bypass_proven_at=timezone.now())
    certificate = TrustedCertificate.objects.get()
    page = read(as_victor, page_of(full_acme))

    for expected in ("Tested by", "Emergency access tried out", certificate.sha1):
        assert expected in page
    assert "Active" in page
    stored = BreakGlassCode.objects.values_list("code_hash", flat=True)
    for secret in (*codes, *stored, certificate.pem):
        assert secret not in page


def test_sign_ins_are_listed_together(
    as_victor: Client, full_acme: Organization, alice: User
) -> None:
    break_glass.issue(full_acme, seen=None, actor=actor_for(alice))
    address = history_of(full_acme, topic="saml")

    assert address in read(as_victor, page_of(full_acme))
    page = as_victor.get(address).text
    assert "Emergency codes issued" in page
    assert (
        results(page)
        == AuditEvent.objects.filter(
            organization_id=full_acme.pk, action__startswith="saml."
        ).count()
    )
    every = as_victor.get(history_of(full_acme, topic="x")).text
    assert results(every) > results(page)


def test_panels_without_rows_explain_themselves(
    as_olga: Client, globex: Organization
) -> None:
    page = read(as_olga, page_of(globex))
    assert "SAML sign-in is not set up." in page
    assert "No access token was issued by hand." in page
    assert "User synchronization was never enabled." in page


def test_a_users_sessions_are_looked_at_only(as_victor: Client, bob: User) -> None:
    assert "No session in the last 30 days." in read(as_victor, page_of(bob))
    signed_in(bob)
    page = read(as_victor, page_of(bob))

    assert "192.0.2.1" in page
    assert bob.sessions.get().key_hash not in page
    assert as_victor.post(page_of(bob), {}).status_code == 403
    assert bob.sessions.get().ended_at is None


def test_the_backlog_of_a_sink_is_counted(
    as_victor: Client, full_acme: Organization
) -> None:
    AuditDelivery.objects.filter(event__action="sync.enabled").update(state="dead")
    pending = AuditDelivery.objects.filter(state="pending")
    waiting = pending.filter(sink__kind=AuditSink.Kind.LOG).count()
    page = read(as_victor, list_of(AuditSink))
    assert f'shown_waiting">{waiting}<' in page
    assert 'shown_dead">1<' in page


def test_the_history_of_anything_is_the_audit_log_of_its_organization(
    as_victor: Client, full_acme: Organization, bob: User
) -> None:
    for row, part in ((full_acme, "days=all"), (bob, f"target={bob.pk}")):
        answer = as_victor.get(page_of(row).replace("/change/", "/history/"))
        assert answer.status_code == 302
        assert f"organization={full_acme.pk}" in answer["Location"]
        assert part in answer["Location"]
        read(as_victor, answer["Location"])


def test_the_history_of_nothing_is_not_found(as_victor: Client) -> None:
    address = (
        "/support/organizations/user/0190a000-0000-7000-8000-000000000000/history/"
    )
    assert as_victor.get(address).status_code == 404


@each_model
def test_a_list_of_any_length_takes_the_same_queries(
    as_victor: Client, full_acme: Organization, globex: Organization, model: type[Model]
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        read(as_victor, f"{list_of(model)}?q=nothing-like-it")
    with CaptureQueriesContext(connection) as many:
        read(as_victor, list_of(model))
    assert len(many) <= len(few) + 1
    counts = [query["sql"] for query in many if "COUNT(*)" in query["sql"]]
    assert all("LIMIT" in sql for sql in counts)


def test_the_header_says_which_machine_this_is(as_victor: Client) -> None:
    page = read(as_victor, "/support/")
    assert f"environment-{settings.ENVIRONMENT}" in page
    assert 'class="environment"' in page


def test_the_index_says_what_one_may_do(as_olga: Client, as_victor: Client) -> None:
    assert "You are an operator" in read(as_olga, "/support/")
    assert "You are a viewer" in read(as_victor, "/support/")


def test_secrets_are_hidden_at_any_depth() -> None:
    document = {"a": [{"clientSecret": "x", "b": 1}], "Password": {"deep": "x"}}
    hidden = {"a": [{"clientSecret": "•••", "b": 1}], "Password": "•••"}
    assert without_secrets(document) == hidden


@pytest.mark.parametrize(
    ("language", "word", "shown"),
    [("en", "Search", "Show all"), ("ja", "検索", "すべて表示")],
    ids=["en", "ja"],
)
def test_the_search_of_a_list_is_named_in_the_language_of_who_reads(
    as_olga: Client, full_acme: Organization, language: str, word: str, shown: str
) -> None:
    url = "/support/organizations/user/"
    headers = {"Accept-Language": language}

    page = as_olga.get(f"{url}?q=bob@acme.test&is_active__exact=1", headers=headers)
    everything = as_olga.get(url, headers=headers).text

    assert f'alt="{word}"' in page.text
    assert f'<input type="submit" value="{word}">' in page.text
    other = {"en": "検索", "ja": "Search"}[language]
    assert f'alt="{other}"' not in page.text
    assert 'value="bob@acme.test"' in page.text
    show_all = f'<a href="?">{shown}</a>'
    assert show_all in page.text
    assert show_all not in everything
