from datetime import timedelta

import chatwork_admin.identifiers
import django.db.models.deletion
from django.db import migrations, models

# A tombstone and its user are of one organization.
COMPOSITE_KEY = """
ALTER TABLE synchronization_tombstone
    ADD CONSTRAINT tombstone_user_of_organization
        FOREIGN KEY (organization_id, user_id)
        REFERENCES organizations_user (organization_id, id)
        DEFERRABLE INITIALLY DEFERRED
"""
WITHOUT_COMPOSITE_KEY = """
ALTER TABLE synchronization_tombstone
    DROP CONSTRAINT tombstone_user_of_organization
"""
KEPT_FOR = timedelta(days=30)


def bury(apps, schema_editor):
    """Remember those who are in the recycle bin already, as the audit log tells it."""
    tombstones = apps.get_model("synchronization", "Tombstone").objects
    events = apps.get_model("audit", "AuditEvent").objects
    users = apps.get_model("organizations", "User").objects
    for user in users.filter(deleted_at__isnull=False).order_by("deleted_at"):
        told = events.filter(
            organization_id=user.organization_id,
            action="user.deleted",
            target__id=str(user.pk),
        )
        event = told.order_by("-pk").first()
        context = event.context if event else {}
        tombstones.create(
            organization_id=user.organization_id,
            user=user,
            user_name_key=user.user_name_key,
            external_id=user.external_id,
            deleted_by=event.actor["label"] if event else "",
            erase_after=user.deleted_at + KEPT_FOR,
            teams=context.get("teams", []),
            reports={
                report: {"value": str(user.pk)}
                for report in context.get("unmanaged", [])
            },
        )


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("organizations", "0009_end_sessions"),
        ("synchronization", "0002_count_refusals"),
    ]
    operations = [
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=chatwork_admin.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("user_name_key", models.CharField(db_collation="C", max_length=762)),
                ("external_id", models.CharField(blank=True, max_length=255)),
                ("deleted_by", models.CharField(blank=True, max_length=254)),
                ("erase_after", models.DateTimeField()),
                ("teams", models.JSONField(default=list)),
                ("reports", models.JSONField(default=dict)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tombstones",
                        to="organizations.organization",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tombstone",
                        to="organizations.user",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organization", "user_name_key"],
                        name="tombstone_by_user_name",
                    ),
                    models.Index(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=["organization", "external_id"],
                        name="tombstone_by_external_id",
                    ),
                    models.Index(fields=["erase_after"], name="tombstone_by_end"),
                ],
            },
        ),
        migrations.RunSQL(COMPOSITE_KEY, WITHOUT_COMPOSITE_KEY),
        migrations.RunPython(bury, migrations.RunPython.noop),
    ]
