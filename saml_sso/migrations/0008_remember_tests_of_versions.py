import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What came after a test and needs none of its own counted as tested with it.
FILL = """
UPDATE saml_sso_settingsversion version
SET tested_at = provider.tested_at, tested_by_id = provider.tested_by_id
FROM saml_sso_identityprovider provider
WHERE provider.organization_id = version.organization_id
    AND provider.tested_at IS NOT NULL
    AND (
        version.number = provider.tested_version
        OR (
            provider.tested_version = provider.config_version
            AND version.number > provider.tested_version
        )
    )
"""


class Migration(migrations.Migration):
    dependencies = [
        ("saml_sso", "0007_propose_certificates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "settingsversion",
            "tested_at",
            models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            "settingsversion",
            "tested_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
