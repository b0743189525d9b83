"""Lists are searched and filtered; no question is an error of ours, none reveals a secret."""

from __future__ import annotations

from html import unescape

import pytest
from django.db.models import Model
from django.test import Client

from chatwork_admin.audit.models import AuditEvent, AuditSink
from chatwork_admin.organizations.models import Group, Organization, User
from chatwork_admin.synchronization.models import (
    UserSynchronization,
)
from tests.support.test_pages import (
    each_model,
    list_of,
    read,
    results,
)


@pytest.mark.parametrize(
    "guess",
    [
        "password__startswith=md5",
        "password__regex=.",
        "organization__access_tokens__digest__startswith=0",
        "last_login__isnull=True",
    ],
)
def test_a_filter_nobody_offers_is_refused_so_that_it_reveals_nothing(
    as_olga: Client, full_acme: Organization, guess: str
) -> None:
    assert as_olga.get(f"{list_of(User)}?{guess}").status_code == 400


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("BOB@acme.test", True),
        ("bob-in-entra", True),
        ("bob", False),
        ("nobody@acme.test", False),
    ],
)
def test_users_are_found_by_whole_values(
    as_victor: Client, full_acme: Organization, term: str, *, found: bool
) -> None:
    answer = as_victor.get(list_of(User), {"q": term})
    page = unescape(answer.content.decode())
    assert results(page) == int(found)
    assert ("Nothing matches." in page) is not found


@each_model
@pytest.mark.parametrize(
    "question",
    [
        "q=%00",
        "target=%00",
        "organization=%00",
        "days=99999999999",
        "state=x",
        "deleted=x",
        "plan__exact=%00",
        "p=0",
        "p=999",
        "o=1.-2",
        "all=",
    ],
)
def test_no_address_is_an_error_of_ours(
    as_victor: Client, full_acme: Organization, model: type[Model], question: str
) -> None:
    assert as_victor.get(f"{list_of(model)}?{question}").status_code in {200, 302, 400}


def test_users_are_found_by_id_and_in_the_recycle_bin(
    as_victor: Client, full_acme: Organization, bob: User
) -> None:
    bob.deleted_at = bob.created_at
    bob.save()
    for term in (str(bob.pk), "bob@acme.test"):
        assert results(read(as_victor, f"{list_of(User)}?q={term}")) == 1


@pytest.mark.parametrize("term", ["acme", "株式会社", "globex", "nothing like it"])
def test_organizations_are_found_by_name_and_login_address(
    as_victor: Client, acme: Organization, globex: Organization, term: str
) -> None:
    answer = as_victor.get(list_of(Organization), {"q": term})
    page = unescape(answer.content.decode())
    assert results(page) == (0 if "nothing" in term else 1)


@each_model
def test_every_model_is_found_by_its_id_or_its_organizations(
    as_victor: Client, full_acme: Organization, globex: Organization, model: type[Model]
) -> None:
    term = {User: full_acme.users.all()[:1].get().pk, Group: full_acme.groups.get().pk}
    answer = as_victor.get(list_of(model), {"q": str(term.get(model, full_acme.pk))})
    page = unescape(answer.content.decode())
    assert 0 < results(page) <= model._default_manager.count()
    assert "Globex" not in page


def test_audit_events_are_found_by_reference(
    as_victor: Client, full_acme: Organization
) -> None:
    page = read(as_victor, f"{list_of(AuditEvent)}?q=test-ref")
    assert results(page) == AuditEvent.objects.filter(reference="TEST-REF").count() == 2


def test_audit_events_are_filtered_by_organization_action_and_period(
    as_victor: Client, full_acme: Organization, globex: Organization
) -> None:
    everything = read(as_victor, f"{list_of(AuditEvent)}?organization={full_acme.pk}")
    assert "mallory" not in everything
    one = read(as_victor, f"{list_of(AuditEvent)}?action__exact=sync.enabled&days=1")
    assert results(one) == 1
    none = read(as_victor, f"{list_of(AuditEvent)}?organization=not-an-id")
    assert results(none) == 0


def test_an_old_event_is_in_the_whole_log_but_not_in_this_week(
    as_victor: Client, acme: Organization
) -> None:
    AuditEvent.objects.create(
        id="0190a000-0000-7000-8000-000000000000",
        organization_id=acme.pk,
        action="sync.paused",
        actor={"kind": "system", "id": "x", "label": "x"},
        target={"kind": "organization", "id": "x", "label": "x"},
    )
    assert results(read(as_victor, list_of(AuditEvent))) == 1
    assert results(read(as_victor, f"{list_of(AuditEvent)}?days=all")) == 2
    assert results(read(as_victor, f"{list_of(AuditEvent)}?days=0x1")) == 2


@pytest.mark.parametrize(
    ("model", "question", "number"),
    [
        (Organization, "state=on", 1),
        (Organization, "state=off", 1),
        (Organization, "plan__exact=free", 0),
        (UserSynchronization, "state=on", 1),
        (UserSynchronization, "state=paused", 0),
        (User, "role__exact=administrator", 2),
        (User, "deleted=yes", 1),
        (User, "linked=no", 3),
        (User, "is_active__exact=1", 4),
        (AuditSink, "backlog=yes", 3),
        (AuditSink, "is_enabled__exact=0", 0),
    ],
)
def test_lists_are_filtered(
    as_victor: Client,
    full_acme: Organization,
    globex: Organization,
    model: type[Model],
    question: str,
    number: int,
) -> None:
    page = read(as_victor, f"{list_of(model)}?{question}")
    assert results(page) == number
    assert ("Nothing matches these filters." in page) is (number == 0)
