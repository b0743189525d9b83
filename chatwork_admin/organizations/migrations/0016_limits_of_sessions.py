from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0015_recovery_codes")]

    operations = [
        migrations.AlterField(
            model_name="usersession",
            name="saml_name_id",
            field=models.CharField(blank=True, max_length=256),
        ),
        migrations.AlterField(
            model_name="usersession",
            name="ended_why",
            field=models.CharField(
                blank=True,
                choices=[
                    ("signed-out", "Signed out"),
                    ("elsewhere", "Signed out from another session"),
                    ("administrator", "Signed out by an administrator"),
                    ("identity-provider", "Signed out at Microsoft Entra ID"),
                    ("replaced", "Signed in again"),
                    ("credential", "Password or second factor changed"),
                    ("suspended", "Suspended"),
                    ("deleted", "Deleted"),
                    ("saml-off", "SAML switched off"),
                    ("idle", "Nothing done for too long"),
                    ("expired", "Its longest time is over"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddIndex(
            model_name="usersession",
            index=models.Index(
                condition=models.Q(("ended_at", None)),
                fields=["expires_at"],
                name="session_open",
            ),
        ),
    ]
