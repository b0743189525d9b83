from django.db import migrations

# Readers close others, of the size of today, when they need them.
FORGET = "DELETE FROM organizations_usersegment"


class Migration(migrations.Migration):
    dependencies = [("organizations", "0025_find_who_is_not_provisioned")]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
