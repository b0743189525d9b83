import django.db.models.functions
from django.db import migrations, models

# Of several that say the same, the one stays whose keys were found last.
TRUST_ONE = """
UPDATE authorization_workloadidentity SET removed_at = now() WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (
            PARTITION BY organization_id, client_id, issuer, subject, audience
            ORDER BY keys_fetched_at DESC NULLS LAST, id DESC
        ) AS place
        FROM authorization_workloadidentity WHERE removed_at IS NULL
    ) AS trusted
    WHERE place > 1
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("authorization", "0007_redirect_addresses_of_clients"),
    ]

    operations = [
        migrations.RunSQL(TRUST_ONE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="workloadidentity",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("client"),
                django.db.models.functions.MD5("issuer"),
                django.db.models.functions.MD5("subject"),
                django.db.models.functions.MD5("audience"),
                condition=models.Q(("removed_at", None)),
                name="a_workload_identity_is_trusted_once",
            ),
        ),
    ]
