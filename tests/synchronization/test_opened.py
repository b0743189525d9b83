"""The fixture's short way to an open gate leaves what the product's own way leaves."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from chatwork_admin.organizations.models import Organization
from tests.conftest import enable, enable_step_by_step
from tests.saml_sso import builders

TABLES = (
    "saml_sso_identityprovider",
    "saml_sso_trustedcertificate",
    "saml_sso_settingsversion",
    "synchronization_usersynchronization",
    "synchronization_noticeacceptance",
    "audit_auditevent",
)
INSTANT = 1184  # PostgreSQL's number of timestamptz
OWN = {"id", "organization_id", "identity_provider_id", "request_id"}


def left(organization: Organization) -> dict[str, list[Any]]:
    """Return its rows, but for names of its own; of instants only that they are known."""
    administrator = organization.users.get()
    names = {
        str(organization.pk): "organization",
        str(administrator.pk): "administrator",
        organization.name: "name",
        administrator.user_name: "login",
        administrator.display_name: "person",
        organization.slug: "slug",
    }
    return {
        table: sorted(rows(table, organization, names), key=repr) for table in TABLES
    }


def rows(
    table: str, organization: Organization, names: dict[str, str]
) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        query = f"SELECT * FROM {table} WHERE organization_id = %s"
        cursor.execute(query, [organization.pk])
        columns = [(each.name, each.type_code) for each in cursor.description]
        return [
            {
                name: named(value, names) if kind != INSTANT else value is not None
                for (name, kind), value in zip(columns, row, strict=True)
                if name not in OWN
            }
            for row in cursor.fetchall()
        ]


def named(value: Any, names: dict[str, str]) -> str:
    said = repr(value)
    for name, general in names.items():
        said = said.replace(name, general)
    return said


def test_the_short_way_leaves_what_the_long_way_leaves(
    acme: Organization, globex: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = builders.pem()
    monkeypatch.setattr(builders, "pem", lambda: certificate)

    enable(acme)
    enable_step_by_step(globex)

    assert acme.saml_versions == globex.saml_versions == 1
    assert left(acme) == left(globex)
    assert all(left(acme).values())
