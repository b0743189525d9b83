"""Large organizations among foreign ones, made by PostgreSQL itself in one statement."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.db.backends.utils import CursorWrapper

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.attributes import lookup_key
from tests.scim.conftest import ENTERPRISE

SINCE = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
FOREIGN = 10  # organizations
ORGANIZATIONS = """
INSERT INTO organizations_organization
    (id, public_id, slug, name, plan, licences, saml_versions, created_at)
SELECT lpad(n::text, 32, '0')::uuid, 'crowd' || n, 'crowd' || n, 'Crowd', 'enterprise',
       100, 0, now()
FROM generate_series(0, %(foreign)s) AS n
"""
# Ours are spread evenly among the others, and the last of all is one of us.
USERS = """
INSERT INTO organizations_user (
    id, organization_id, role, password, user_name, user_name_key, external_id,
    is_active, display_name, title, department, organization_name, employee_number,
    work_email, display_name_key, title_key, department_key, organization_name_key,
    employee_number_key, lookup_keys, document, created_at, changed_at, version)
SELECT lpad(to_hex(n), 32, '0')::uuid, lpad(organization::text, 32, '0')::uuid,
       'member', '', login, login, 'e' || n, n %% 100 <> 0, 'Person ' || n, title, department,
       'HQ', n::text, login, 'person ' || n, title, department, 'hq', n::text,
       ' ' || left(md5('e' || n), 20) || ' ' || left(md5('m' || n / 2000), 20),
       jsonb_build_object(
           'userName', login, 'externalId', 'e' || n, 'active', n %% 100 <> 0,
           'displayName', 'Person ' || n, 'title', title,
           'name', jsonb_build_object('familyName', 'F' || n),
           'emails', jsonb_build_array(
               jsonb_build_object('type', 'work', 'value', login)),
           %(enterprise)s::text, jsonb_build_object(
               'department', department, 'organization', 'HQ',
               'employeeNumber', n::text,
               'manager', jsonb_build_object('value', 'm' || n / 2000))),
       %(since)s::timestamptz + n * interval '1 second',
       %(since)s::timestamptz + n * interval '1 second', 1
FROM (
    SELECT n, 'person' || n || '@crowd.example' AS login, 't' || n %% 50 AS title,
           'd' || n %% 200 AS department,
           CASE WHEN n * %(ours)s / %(all)s > (n - 1) * %(ours)s / %(all)s THEN 0
                ELSE n %% %(foreign)s + 1 END AS organization
    FROM generate_series(1, %(all)s::bigint) AS n
) AS people
"""

COUNTS = """
INSERT INTO organizations_usercount
    (organization_id, slot, present, active, linked, entered)
SELECT organization_id, 0, count(*), count(*) FILTER (WHERE is_active),
       count(linked_at), count(last_login) FILTER (WHERE is_active)
FROM organizations_user
WHERE organization_id IN (
    SELECT id FROM organizations_organization WHERE slug LIKE 'crowd%%'
)
GROUP BY organization_id
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'organizations_user' AND indexname LIKE 'user_%'
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
"""
VISIBLE = """
UPDATE pg_class SET relallvisible = relpages WHERE relname = 'organizations_user'
"""


def crowd(ours: int, *, everybody: int) -> Organization:
    """Make an organization of so many users, among so many of all organizations."""
    names: dict[str, int | str | datetime] = {
        "ours": ours,
        "all": everybody,
        "foreign": FOREIGN,
        "enterprise": ENTERPRISE,
        "since": SINCE,
    }
    with as_owner() as cursor:
        # Without triggers: they would look up each row's organization at the end.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        # To make them afterwards takes half the time, and nothing of other tests is left.
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for statement in (ORGANIZATIONS, USERS, COUNTS):
            cursor.execute(statement, names)
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("SET LOCAL session_replication_role = origin")
    organization = Organization.objects.get(slug="crowd0")
    _give_real_keys(organization, everybody)
    return organization


def analyze() -> None:
    """Let PostgreSQL know what is in its tables, as autovacuum does as their owner."""
    with as_owner() as cursor:
        cursor.execute("ANALYZE organizations_user")
        cursor.execute(VISIBLE)


@contextmanager
def as_owner() -> Iterator[CursorWrapper]:
    """Be the owner of the tables, and not in a hurry, for a while."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone() or ("NONE",)
        cursor.execute("SET ROLE NONE")
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield cursor
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
        cursor.execute(f"SET ROLE {role}")


def probes(last: int) -> dict[str, str]:
    """Return, by filter, which index serves it; `last` is the number of one of us."""
    moment = (SINCE + timedelta(seconds=last)).isoformat()
    early = (SINCE + timedelta(seconds=5)).isoformat()
    urn, work = f"{ENTERPRISE}:", 'emails[type eq "work"]'
    login = f"person{last}@crowd.example"
    return {
        f'id eq "{uuid.UUID(int=last)}"': "user_of_organization",
        f'userName eq "PERSON{last}@crowd.example"': "unique_login_email",
        f'externalId eq "e{last}"': "user_by_external_id",
        f'displayName eq "person {last}"': "user_by_display_name",
        f'emails.value eq "{login}"': "user_by_lookup_key",
        f'emails eq "{login}"': "user_by_lookup_key",
        f'{work}.value eq "{login}"': "user_by_lookup_key",
        f'emails[type eq "work" and value eq "{login}"]': "user_by_lookup_key",
        f'{urn}employeeNumber eq "{last}"': "user_by_employee_number",
        'title eq "T0"': "user_by_title",
        'title eq "nobody"': "user_by_title",
        "active eq false": "user_by_active",
        "active eq true": "user_by_active",
        f'{urn}department eq "d0"': "user_by_department",
        f'{urn}organization eq "hq"': "user_by_organization_name",
        f'manager eq "m{last // 2000}"': "user_by_lookup_key",
        f'{urn}manager.value eq "m{last // 2000}"': "user_by_lookup_key",
        f'userName sw "Person{last}"': "user_by_user_name",
        f'displayName sw "Person {last}"': "user_by_display_name",
        f'meta.lastModified ge "{moment}"': "user_by_change",
        f'meta.lastModified le "{early}"': "user_by_change",
        f'meta.lastModified lt "{early}"': "user_by_change",
        f'meta.lastModified eq "{moment}"': "user_by_change",
        'meta.lastModified gt "2030-01-01T00:00:00Z"': "user_by_change",
        f'meta.created ge "{moment}"': "user_by_creation",
        f'id eq "{uuid.UUID(int=last)}" and manager eq "m{last // 2000}"': "user_of_organization",
        f'userName eq "{login}" and active eq true': "unique_login_email",
    }


def _give_real_keys(organization: Organization, last: int) -> None:
    email, manager = f"person{last}@crowd.example", f"m{last // 2000}"
    keys = f" {lookup_key('emails', email)} {lookup_key('manager', manager)}"
    User.objects.filter(organization=organization, pk=uuid.UUID(int=last)).update(
        lookup_keys=keys
    )
