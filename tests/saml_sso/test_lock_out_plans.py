"""Who might be locked out is found by indexes, whatever an organization's size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider
from saml_sso.sign_in import lock_out
from tests.scim.crowds import analyze, as_owner, crowd
from tests.scim.statements import plan, recorded

OURS, EVERYBODY = 3_000, 6_000
LINKED = """
INSERT INTO saml_sso_linkedidentity (id, organization_id, user_id, issuer, object_id,
    name_id, name_id_format, linked_at, last_seen_at)
SELECT gen_random_uuid(), organization_id, id, 'https://idp.test/', id::text, user_name,
    '', now(), now()
FROM organizations_user
"""
Entered = Callable[[Organization], None]


def nobody(organization: Organization) -> None:
    """None has come in: all are outside."""


def everybody(organization: Organization) -> None:
    User.objects.update(last_login=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(LINKED)


@pytest.mark.django_db
@pytest.mark.parametrize("entered", [nobody, everybody])
def test_no_statement_reads_all_people(
    entered: Entered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_out, "LOOKED_AT", 50)
    with transaction.atomic():
        organization = crowd(OURS, everybody=EVERYBODY)
        entered(organization)
        analyze()
        with as_owner() as cursor:
            cursor.execute("ANALYZE saml_sso_linkedidentity")
    provider = IdentityProvider(
        organization=organization, entity_id="https://idp.test/"
    )

    with recorded() as statements:
        found = lock_out.preflight(organization, provider)
        lock_out.dependents(organization, IdentityProvider.Mode.OPTIONAL)

    assert found.never.count == (0 if entered is everybody else 2940)
    for statement in statements:
        said = plan(statement, "custom")
        assert "Seq Scan on organizations_user " not in said, said
        if entered is everybody:
            assert "Seq Scan on saml_sso_linkedidentity " not in said, said
