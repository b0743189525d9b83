from django.db import migrations, models
from django.db.models.functions import Lower

# Fails, and changes nothing, where two differ by capitals only: one has to be renamed.
WITHOUT_CAPITALS = """
    UPDATE organizations_organization SET slug = lower(slug) WHERE slug <> lower(slug)
"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0019_check_members_once")]

    operations = [
        migrations.RunSQL(WITHOUT_CAPITALS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(slug=Lower("slug")), name="a_slug_has_no_capitals"
            ),
        ),
    ]
