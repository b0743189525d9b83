from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_count_users")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="department_key",
            field=models.CharField(blank=True, db_collation="C", max_length=300),
        ),
        migrations.AddField(
            model_name="user",
            name="display_name_key",
            field=models.CharField(blank=True, db_collation="C", max_length=600),
        ),
        migrations.AddField(
            model_name="user",
            name="employee_number_key",
            field=models.CharField(blank=True, db_collation="C", max_length=300),
        ),
        migrations.AddField(
            model_name="user",
            name="lookup_keys",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="user",
            name="organization_name_key",
            field=models.CharField(blank=True, db_collation="C", max_length=300),
        ),
        migrations.AddField(
            model_name="user",
            name="title_key",
            field=models.CharField(blank=True, db_collation="C", max_length=300),
        ),
        migrations.AlterField(
            model_name="user",
            name="user_name_key",
            field=models.CharField(db_collation="C", max_length=762),
        ),
        migrations.AlterField(
            model_name="group",
            name="display_name_key",
            field=models.CharField(max_length=768),
        ),
    ]
