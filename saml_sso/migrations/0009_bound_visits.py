from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("saml_sso", "0008_remember_tests_of_versions")]
    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "address",
                    models.CharField(max_length=45, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
