"""A client's codes go to its own addresses: to begin with, to where they went before."""

from django.db import migrations, models

WHERE_THEY_WENT = """
    UPDATE authorization_oauthclient c SET redirect_uris = g.redirect_uris
    FROM (
        SELECT client_id, jsonb_agg(DISTINCT redirect_uri) AS redirect_uris
        FROM authorization_grant WHERE client_id IS NOT NULL AND revoked_at IS NULL
        GROUP BY client_id
    ) g
    WHERE g.client_id = c.id
"""


class Migration(migrations.Migration):
    dependencies = [("authorization", "0006_workload_identities")]

    operations = [
        migrations.AddField(
            model_name="oauthclient",
            name="redirect_uris",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="oauthclient",
            name="may_omit_response_type",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(WHERE_THEY_WENT, migrations.RunSQL.noop),
    ]
