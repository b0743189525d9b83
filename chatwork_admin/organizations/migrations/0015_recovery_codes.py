import chatwork_admin.identifiers
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# Both ends of a recovery code carry its organization: no tenant reaches into another.
COMPOSITE_KEY = """
ALTER TABLE organizations_recoverycode
    ADD CONSTRAINT recovery_code_user_of_organization
        FOREIGN KEY (organization_id, user_id)
        REFERENCES organizations_user (organization_id, id)
        DEFERRABLE INITIALLY DEFERRED
"""
WITHOUT_COMPOSITE_KEY = """
ALTER TABLE organizations_recoverycode
    DROP CONSTRAINT recovery_code_user_of_organization
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0014_call_codes_emergency_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=chatwork_admin.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("code_hash", models.CharField(max_length=64)),
                ("issued_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "code_hash"), name="one_recovery_code"
                    )
                ],
            },
        ),
        migrations.RunSQL(COMPOSITE_KEY, WITHOUT_COMPOSITE_KEY),
    ]
