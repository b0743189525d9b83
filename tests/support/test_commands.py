from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.support.models import StaffMember
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.consent import confirmed_notices
from chatwork_admin.synchronization.notices import KEYS
from saml_sso.models import TrustedCertificate

pytestmark = pytest.mark.django_db

OLGA = ("--email", "Olga@Support.test", "--name", "Olga", "--role", "operator")
SECRET = "we keep each other company"
FIELDS = {
    "scim_base",
    "scim_token",
    "saml_login",
    "saml_acs",
    "saml_metadata",
    "administrator_email",
    "administrator_password",
    "portal",
}


def printed(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def demo(*arguments: str) -> dict[str, Any]:
    output = printed("demo_organization", "--slug", "demo", "--json", *arguments)
    assert output.count("\n") == 1
    answer: dict[str, Any] = json.loads(output)
    return answer


def admitted(token: str) -> Organization:
    return tokens.admit(token, reference="", address="").organization


def test_a_demonstration_says_all_that_a_client_needs(settings: Any) -> None:
    said = demo()
    organization = Organization.objects.get(slug="demo")
    base = f"{settings.BASE_URL}/saml/{organization.public_id}"
    assert set(said) == FIELDS
    assert said["scim_base"] == f"{settings.BASE_URL}/scim/v2"
    assert said["saml_login"] == f"{base}/login"
    assert said["saml_acs"] == f"{base}/acs"
    assert said["saml_metadata"] == f"{base}/metadata"
    assert said["administrator_email"] == "administrator@demo.example.jp"
    assert said["portal"] == f"{settings.BASE_URL}/manage/"


def test_its_organization_is_ready_for_provisioning() -> None:
    demo("--name", "Démo", "--plan", "kddi")
    organization = Organization.objects.get(slug="demo")
    stored = (organization.name, organization.plan, organization.licences)
    assert stored == ("Démo", "kddi", 1000)
    assert gate.synchronization_of(organization).state == "on"
    assert confirmed_notices(organization) == KEYS
    provider = organization.identity_provider
    assert provider.entity_id.startswith("https://sts.windows.net/")
    tenant = provider.entity_id.removeprefix("https://sts.windows.net/").rstrip("/")
    login = f"https://login.microsoftonline.com/{tenant}/saml2"
    assert provider.single_sign_on_url == login
    assert TrustedCertificate.objects.get().is_valid_at(datetime.now(UTC))


def test_the_second_call_gives_another_token_and_both_work() -> None:
    first, second = demo(), demo()
    assert first["scim_token"] != second["scim_token"]
    assert admitted(first["scim_token"]) == admitted(second["scim_token"])


def test_the_second_call_changes_nothing_but_token_and_password() -> None:
    first = demo()
    certificate = TrustedCertificate.objects.get().sha256
    second = demo()
    assert Organization.objects.count() == User.objects.count() == 1
    assert TrustedCertificate.objects.get().sha256 == certificate
    assert AuditEvent.objects.filter(action="sync.enabled").count() == 1
    assert AuditEvent.objects.filter(action="saml.updated").count() == 1
    changed = {name for name in FIELDS if first[name] != second[name]}
    assert changed == {"scim_token", "administrator_password"}


def test_the_printed_password_signs_the_administrator_in() -> None:
    demo()
    said = demo()
    person = authenticate(
        RequestFactory().post("/sign-in/"),
        username=said["administrator_email"],
        password=said["administrator_password"],
    )
    assert person == User.objects.get()


def test_each_operation_is_recorded_under_the_demonstrations_name() -> None:
    demo()
    actions = set(AuditEvent.objects.values_list("action", "actor__id"))
    assert actions == {
        ("organization.founded", "demo_organization"),
        ("saml.updated", "demo_organization"),
        ("saml.tested", "demo_organization"),
        ("saml.mode_changed", "demo_organization"),
        ("sync.enabled", "demo_organization"),
        ("token.issued", "demo_organization"),
    }


def test_not_enabled_configures_nothing_and_gives_no_token() -> None:
    assert demo("--not-enabled")["scim_token"] is None
    organization = Organization.objects.get(slug="demo")
    assert gate.synchronization_of(organization).state == "off"
    assert not TrustedCertificate.objects.exists()
    assert not AccessToken.objects.exists()


def test_what_was_not_enabled_is_enabled_by_the_next_call() -> None:
    demo("--not-enabled")
    assert admitted(demo()["scim_token"]).slug == "demo"


def test_not_enabled_leaves_an_open_gate_open() -> None:
    demo()
    demo("--not-enabled")
    organization = Organization.objects.get(slug="demo")
    assert gate.synchronization_of(organization).state == "on"


def test_people_read_the_same_on_several_lines() -> None:
    lines = printed("demo_organization", "--slug", "demo").splitlines()
    assert len(lines) == len(FIELDS)
    assert any(line.startswith("scim token ") for line in lines)


def test_there_is_no_demonstration_in_production(settings: Any) -> None:
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="never on a production machine"):
        demo()
    assert not Organization.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_plan_without_synchronization_is_refused_and_nothing_is_written() -> None:
    with pytest.raises(CommandError, match="not-in-plan"):
        demo("--plan", "free")
    assert not Organization.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_slug_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="valid"):
        printed("demo_organization", "--slug", "no slug!", "--json")
    assert not Organization.objects.exists()


def test_a_staff_member_is_created_with_the_password_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    said = printed("create_staff_member", *OLGA, "--password-file", str(file))
    olga = StaffMember.objects.get()
    assert (olga.email, olga.role) == ("olga@support.test", "operator")
    assert olga.check_password(SECRET)
    assert SECRET not in said


def test_a_staff_member_is_created_with_the_password_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STAFF_MEMBER_PASSWORD", SECRET)
    printed("create_staff_member", "--email", "v@support.test", "--name", "Victor")
    assert StaffMember.objects.get().role == "viewer"
    assert StaffMember.objects.get().check_password(SECRET)


@pytest.mark.parametrize(
    ("typed", "is_created"),
    [([SECRET, SECRET], True), ([SECRET, "something else"], False)],
)
def test_the_password_is_asked_for_twice(
    monkeypatch: pytest.MonkeyPatch, typed: list[str], *, is_created: bool
) -> None:
    answers = iter(typed)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))
    if is_created:
        printed("create_staff_member", *OLGA)
    else:
        with pytest.raises(CommandError, match="differ"):
            printed("create_staff_member", *OLGA)
    assert StaffMember.objects.exists() is is_created


@pytest.mark.parametrize(
    ("password", "email", "why"),
    [
        ("short", "new@support.test", "too short"),
        (SECRET, "no address", "valid email"),
        (SECRET, "OLGA@support.test", "has this e-mail address"),
        ("", "new@support.test", "--password-file"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_created(
    monkeypatch: pytest.MonkeyPatch,
    olga: StaffMember,
    password: str,
    email: str,
    why: str,
) -> None:
    monkeypatch.setenv("STAFF_MEMBER_PASSWORD", password)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    with pytest.raises(CommandError, match=why):
        printed("create_staff_member", "--email", email, "--name", "New")
    assert StaffMember.objects.get() == olga


ACME = (
    *("create_organization", "--slug", "acme", "--name", "Acme", "--licences", "9"),
    *("--administrator-email", "Alice@acme.test", "--administrator-name", "Alice"),
)


def test_a_customer_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", SECRET)
    said = printed(*ACME)

    alice = User.objects.get(user_name_key="alice@acme.test")
    assert alice.is_administrator
    assert alice.check_password(SECRET)
    assert (alice.organization.plan, alice.organization.licences) == ("enterprise", 9)
    assert SECRET not in said


@pytest.mark.parametrize("taken", ["slug", "login e-mail"])
def test_a_taken_name_lets_no_customer_in(
    acme: Organization, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", SECRET)
    other = "--slug=other" if taken == "login e-mail" else "--administrator-email=x@y"
    with pytest.raises(CommandError, match="is taken"):
        printed(*ACME, other)

    assert Organization.objects.count() == 1


def test_a_weak_password_lets_no_customer_in(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "short")
    with pytest.raises(CommandError, match="too short"):
        printed(*ACME)

    assert not Organization.objects.exists()


UNSEEN = {"bidi": "Ac\u202eme", "no-width": "Ac\u200bme", "control": "Ac\x1bme"}


@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("whose", ["organization", "administrator"])
def test_a_name_that_holds_what_is_not_seen_is_refused_as_by_pages(
    monkeypatch: pytest.MonkeyPatch, whose: str, name: str
) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", SECRET)
    names = {"organization": "Acme", "administrator": "Alice"} | {whose: name}
    with pytest.raises(CommandError, match="a character in it that cannot be seen"):
        call_command(
            "create_organization",
            slug="acme",
            name=names["organization"],
            licences=5,
            administrator_email="alice@acme.test",
            administrator_name=names["administrator"],
        )
    assert not Organization.objects.exists()


@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)
def test_nor_is_it_the_name_of_a_demonstration_or_of_staff(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("STAFF_MEMBER_PASSWORD", SECRET)
    with pytest.raises(CommandError, match="cannot be seen"):
        demo("--name", name)
    with pytest.raises(CommandError, match="cannot be seen"):
        call_command("create_staff_member", email="olga@support.test", name=name)
    assert not Organization.objects.exists()
    assert not StaffMember.objects.exists()
