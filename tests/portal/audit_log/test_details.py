"""What an event says has names that people know, in both languages, whatever happened.

That nothing else is recorded, a constraint of every test's database says (conftest).
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM, Target, record
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.audit_log import attribute_words, event_words
from chatwork_admin.portal.mentioned import MENTIONED
from chatwork_admin.synchronization.attributes import ENTERPRISE_USER
from scim.documents.schemas import GROUP_ATTRIBUTES, USER_ATTRIBUTES

PAGE = "/manage/audit/"
NOT_RECORDED = {"schemas", "id", "meta", ENTERPRISE_USER}
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
SAME_IN_BOTH = {"JWKS URI"}
SAID = re.compile(r"<dt>(.*?)</dt>")
NAMED = re.compile(r'<th scope="row">(.*?)(?: <small.*?)?</th>')


def happened(organization: Organization, action: Action, **said: Any) -> None:
    with transaction.atomic():
        record(
            action,
            organization_id=organization.pk,
            actor=SYSTEM,
            target=Target("user", "1", "bob@acme.test"),
            **said,
        )


def change(attribute: str, before: object, after: object) -> dict[str, object]:
    return {"attribute": attribute, "before": before, "after": after}


def page(client: Client, language: str, **query: str) -> str:
    return client.get(PAGE, query, headers={"Accept-Language": language}).text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_detail_of_any_action_shows_the_name_that_it_is_stored_under(
    as_alice: Client, acme: Organization, language: str
) -> None:
    until = "2026-11-26T15:00:00+00:00"
    details: dict[str, object] = dict.fromkeys(event_words.LABELS, "x")
    details |= {name: [str(UUID(int=1))] for name in MENTIONED} | {"until": until}
    changes = [change(name, "x", "y") for name in attribute_words.LABELS]
    for action in Action:
        happened(acme, action, context=details, changes=changes)

    newest = as_alice.get(PAGE).context["page"].after
    shown = page(as_alice, language) + page(as_alice, language, after=newest)

    said, named = SAID.findall(shown), NAMED.findall(shown)
    assert len(said) >= len(details) * len(Action)
    assert len(named) == len(changes) * len(Action)
    words = {*said, *named}
    assert not words & {*details, *attribute_words.LABELS}
    if language == "ja":
        assert {each for each in words if not JAPANESE.search(each)} <= SAME_IN_BOTH


def test_every_attribute_that_a_provisioning_client_may_send_has_a_name() -> None:
    schemas = {**USER_ATTRIBUTES, **GROUP_ATTRIBUTES}
    core = {each.path for each in schemas.values()} - NOT_RECORDED

    assert core <= set(attribute_words.LABELS)


def test_what_has_no_name_is_not_recorded_here(acme: Organization) -> None:
    for said in ({"context": {"new": 1}}, {"changes": [change("new", 1, 2)]}):
        with pytest.raises(IntegrityError, match="details_have_names"):
            happened(acme, Action.USER_CHANGED, **said)


def test_values_are_words_and_an_integrator_finds_the_path(
    as_alice: Client, acme: Organization
) -> None:
    changes = [
        change("active", True, False),  # noqa: FBT003 - the values of an event
        change("department", None, "Sales"),
        change("phoneNumbers", None, None),
        change("sign_requests", False, True),  # noqa: FBT003
        change("mode", "off", "required"),
    ]
    happened(acme, Action.USER_CHANGED, changes=changes)

    shown = page(as_alice, "en")

    assert "<bdi>In use</bdi>" in shown
    assert "<bdi>Suspended</bdi>" in shown
    assert (
        f'Department <small class="muted"><code>{ENTERPRISE_USER}:department' in shown
    )
    assert "<bdi>–</bdi>" in shown
    assert "Phone numbers <small" in shown
    assert shown.count("the log does not keep the value") == 1
    assert "Sign our requests</th>" in shown
    assert "<bdi>Yes</bdi>" in shown
    assert "<bdi>Off</bdi>" in shown


def test_a_list_of_thousands_is_cut_short_and_an_instant_is_said_in_local_time(
    as_alice: Client, acme: Organization
) -> None:
    joined = [str(UUID(int=number)) for number in range(25)]
    until = "2026-11-26T15:00:00+00:00"
    happened(acme, Action.GROUP_CHANGED, context={"joined": joined, "until": until})

    shown = page(as_alice, "en")

    assert f"{UUID(int=9)} and 15 more" in shown
    assert str(UUID(int=10)) not in shown
    assert "<bdi>2026-11-27 00:00</bdi>" in shown


def test_who_joined_and_left_a_team_is_named_as_they_are_called_now(
    as_alice: Client, acme: Organization, bob: User, carol: User
) -> None:
    erased = UUID(int=1)
    moves = {"joined": [str(bob.pk), str(erased)], "left": [str(carol.pk)]}
    happened(acme, Action.GROUP_CHANGED, context=moves)
    User.objects.filter(pk=bob.pk).update(display_name="Bob Builder")
    User.objects.filter(pk=carol.pk).update(display_name="")

    shown = page(as_alice, "en").replace("\u2068", "").replace("\u2069", "")

    assert f"<bdi>Bob Builder (bob@acme.test), {erased}</bdi>" in shown
    assert "<bdi>carol@acme.test</bdi>" in shown
    assert str(bob.pk) not in shown


def test_nobody_of_another_organization_is_named(
    as_alice: Client, acme: Organization, mallory: User
) -> None:
    happened(acme, Action.GROUP_CHANGED, context={"joined": [str(mallory.pk)]})

    shown = page(as_alice, "en")

    assert str(mallory.pk) in shown
    assert "mallory@globex.test" not in shown


def test_names_take_one_statement_for_all_events_of_a_page(
    as_alice: Client, acme: Organization, bob: User, carol: User
) -> None:
    happened(acme, Action.GROUP_CHANGED, context={"joined": [str(bob.pk)]})
    with CaptureQueriesContext(connection) as one:
        page(as_alice, "en")
    for person in (bob, carol, bob, carol):
        happened(acme, Action.GROUP_CHANGED, context={"left": [str(person.pk)]})
    with CaptureQueriesContext(connection) as many:
        page(as_alice, "en")

    assert len(many) == len(one)


@pytest.mark.parametrize("name", ["rejoined", "teams"])
def test_teams_are_named_as_they_are_called_now(
    as_alice: Client, acme: Organization, globex: Organization, name: str
) -> None:
    ours, theirs = (
        organization.groups.create(display_name="営業部", display_name_key="営業部")
        for organization in (acme, globex)
    )
    teams = [str(ours.pk), str(theirs.pk)]
    happened(acme, Action.USER_RESTORED, context={name: teams})

    shown = page(as_alice, "en").replace("\u2068", "").replace("\u2069", "")

    assert f"<bdi>営業部, {theirs.pk}</bdi>" in shown
