import django.db.models.deletion
from django.db import migrations, models

# As in 0011, and whoever is in a segment may be in a block of segments, too.
COUNT = """
CREATE OR REPLACE FUNCTION count_in_segment(
    organization uuid, came_at timestamptz, came uuid, step integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    its record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(organization::text, 11));
    SELECT last_created_at, last_id INTO its FROM organizations_usersegment
    WHERE organization_id = organization AND (last_created_at, last_id) >= (came_at, came)
    ORDER BY last_created_at, last_id LIMIT 1;
    IF FOUND THEN
        UPDATE organizations_usersegment SET users = users + step
        WHERE organization_id = organization
            AND last_created_at = its.last_created_at AND last_id = its.last_id;{blocks}
    END IF;
END $$
"""
BLOCKS = """
        SELECT last_created_at, last_id INTO its FROM organizations_userblock
        WHERE organization_id = organization AND (last_created_at, last_id) >= (came_at, came)
        ORDER BY last_created_at, last_id LIMIT 1;
        IF FOUND THEN
            UPDATE organizations_userblock SET users = users + step
            WHERE organization_id = organization
                AND last_created_at = its.last_created_at AND last_id = its.last_id;
        END IF;"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0029_keep_documents_uncompressed")]
    operations = [
        migrations.CreateModel(
            name="UserBlock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization",
                        "last_created_at",
                        "last_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("last_created_at", models.DateTimeField()),
                ("last_id", models.UUIDField()),
                ("users", models.IntegerField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.AlterField(
            model_name="usersegment",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="organizations.organization",
            ),
        ),
        migrations.RunSQL(COUNT.format(blocks=BLOCKS), COUNT.format(blocks="")),
    ]
