import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0009_end_sessions"),
        ("saml_sso", "0005_warn_of_expiry_once"),
    ]

    operations = [
        # Completions last a minute: there is none to give an issuer to.
        migrations.RunSQL("DELETE FROM saml_sso_completion", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="completion",
            name="issuer",
            field=models.CharField(default="", max_length=1024),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="completion",
            name="name_id",
            field=models.CharField(max_length=256),
        ),
        migrations.AlterField(
            model_name="linkedidentity",
            name="name_id",
            field=models.CharField(max_length=256),
        ),
        migrations.AlterField(
            model_name="linkedidentity",
            name="object_id",
            field=models.CharField(blank=True, max_length=512),
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "address",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("address", models.CharField(max_length=45)),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RejectionCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "hour",
                        "reason",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("hour", models.DateTimeField()),
                ("reason", models.CharField(max_length=32)),
                ("count", models.PositiveIntegerField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_in_rejection_counts",
                        to="organizations.organization",
                    ),
                ),
            ],
        ),
    ]
