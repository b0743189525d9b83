from django.db import migrations

# A large document then is as large where it lies as it is when it is read, and how large
# that is can be asked without reading it. Of who is there already, it is so when changed.
SET = "ALTER TABLE organizations_user ALTER COLUMN document SET STORAGE {}"


class Migration(migrations.Migration):
    dependencies = [("organizations", "0028_name_founders_in_documents")]
    operations = [
        migrations.RunSQL(SET.format("EXTERNAL"), SET.format("EXTENDED")),
    ]
