import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0021_know_all_later_indexes"),
        ("saml_sso", "0010_lead_back_to_long_addresses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="authenticationrequest",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("sign-in", "Sign-in"),
                    ("test", "Test sign-in"),
                    ("step-up", "Step-up"),
                    ("recheck", "Silent re-check"),
                ],
                default="sign-in",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="authenticationrequest",
            name="session",
            field=models.ForeignKey(
                blank=True,
                help_text="Which session is to be confirmed.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="organizations.usersession",
            ),
        ),
    ]
