from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

KNOWN = """
    UPDATE organizations_usersession SET saml_later_indexes = ARRAY[saml_later_index]
    WHERE saml_later_index <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0020_slugs_without_capitals")]

    operations = [
        migrations.AddField(
            model_name="usersession",
            name="saml_later_indexes",
            field=ArrayField(
                models.CharField(max_length=255),
                blank=True,
                db_default=[],
                default=list,
            ),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="usersession", name="saml_later_index"),
    ]
