"""What each page of the portal costs the server: for `page_times`."""

from __future__ import annotations

from statistics import median
from time import perf_counter

from django.db import transaction
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization, User
from tests.conftest import enable, signed_in
from tests.scim.crowds import as_owner, crowd

TIMES = 9
PAGES = {
    "Overview": "/manage/",
    "Users": "/manage/users/",
    "Users, a search": "/manage/users/?q=person+77",
    "A user": "/manage/users/{user}/",
    "Teams": "/manage/teams/",
    "User synchronization": "/manage/sync/",
    "Status": "/manage/sync/status/",
    "Connection": "/manage/sync/connection/",
    "SAML": "/manage/security/login/",
    "Sign-ins": "/manage/security/login/sign-ins/",
    "Versions": "/manage/security/login/versions/",
    "Match report": "/manage/security/login/matches/",
    "Match report, others": "/manage/security/login/matches/?kind=not-synchronized",
    "Match report, refused": "/manage/security/login/matches/?kind=refused",
    "Match report, found twice": "/manage/security/login/matches/?kind=found-twice",
    "Required": "/manage/security/login/required/",
    "Audit log": "/manage/audit/",
    "Audit log, a search": "/manage/audit/?text=person77",
    "Own account": "/account/",
}
EVENTS = """
INSERT INTO audit_auditevent (
    id, organization_id, occurred_at, action, schema_version, actor, target, changes,
    context, reference)
SELECT lpad(to_hex(n), 32, '0')::uuid, %s, now() - n * interval '10 seconds', %s, 1,
       '{"kind": "provisioning-client", "id": "c", "label": "Entra ID"}',
       jsonb_build_object('type', 'user', 'id', n::text, 'label', 'person' || n),
       '[]', '{}', 'R' || n
FROM generate_series(1, %s) AS n
"""
# Nearly everybody is provisioned and has come by SAML: what differs is rare.
KNOWN = """
SET LOCAL session_replication_role = replica;
UPDATE organizations_user
SET linked_at = CASE WHEN random() > 0.001 THEN now() END,
    last_login = CASE WHEN random() > 0.001 THEN now() END
WHERE organization_id = %s AND is_active;
INSERT INTO saml_sso_linkedidentity (
    id, organization_id, user_id, issuer, object_id, name_id, name_id_format, linked_at,
    last_seen_at)
SELECT id, organization_id, id, 'issuer', id::text, user_name, '', now(), now()
FROM organizations_user WHERE organization_id = %s AND last_login IS NOT NULL;
SET LOCAL session_replication_role = origin;
"""


def print_times(sizes: list[int]) -> None:
    """Print a table of milliseconds, by page and size of the organization."""
    columns = [_times(size) for size in sizes]
    print("| page |", " | ".join(f"{size:,}" for size in sizes), "|")
    print("|---|", "--:|" * len(sizes), sep="")
    for name in PAGES:
        print(f"| {name} |", " | ".join(f"{each[name]:.1f}" for each in columns), "|")


def administrator(organization: Organization) -> User:
    """Give an organization of a crowd its administrator."""
    login = "alice@crowd.example"
    return User.objects.create(
        organization=organization,
        user_name=login,
        user_name_key=fold(login),
        role=User.Role.ADMINISTRATOR,
        document={"userName": login, "active": True},
    )


def _times(size: int) -> dict[str, float]:
    with transaction.atomic(), as_owner() as cursor:
        cursor.execute("TRUNCATE organizations_organization, audit_auditevent CASCADE")
        organization = crowd(size, everybody=2 * size)
        cursor.execute(EVENTS, [organization.pk, Action.USER_CHANGED, size])
        cursor.execute(KNOWN, [organization.pk, organization.pk])
    with as_owner() as cursor:
        cursor.execute("VACUUM ANALYZE")
    client = signed_in(administrator(organization), Client(SERVER_NAME="localhost"))
    enable(organization)
    member = organization.users.filter(role=User.Role.MEMBER).earliest("pk")
    return {
        name: _milliseconds(client, address.format(user=member.pk))
        for name, address in PAGES.items()
    }


def _milliseconds(client: Client, address: str) -> float:
    return 1000 * median(_seconds(client, address) for _ in range(TIMES))


def _seconds(client: Client, address: str) -> float:
    began = perf_counter()
    answer = client.get(address)
    seconds = perf_counter() - began
    assert answer.status_code == 200, address
    return seconds
