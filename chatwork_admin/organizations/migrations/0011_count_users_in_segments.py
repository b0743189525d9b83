import django.db.models.deletion
from django.db import migrations, models

# Who comes or goes holds a lock in common till the end of the transaction; who closes
# segments holds it alone. So nobody is counted in a segment that was closed without
# him, nor left out of one that was closed with him. Most who come are after the last
# segment: they change nothing here, and wait for nobody.
FUNCTIONS = """
CREATE FUNCTION count_in_segment(organization uuid, came_at timestamptz, came uuid, step integer)
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
            AND last_created_at = its.last_created_at AND last_id = its.last_id;
    END IF;
END $$;
CREATE FUNCTION count_statement_in_segments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_in_segment(
        organization_id, created_at, id, CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END)
    FROM counted WHERE deleted_at IS NULL;
    RETURN NULL;
END $$;
CREATE FUNCTION count_change_in_segments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.deleted_at IS NULL THEN
        PERFORM count_in_segment(OLD.organization_id, OLD.created_at, OLD.id, -1);
    END IF;
    IF NEW.deleted_at IS NULL THEN
        PERFORM count_in_segment(NEW.organization_id, NEW.created_at, NEW.id, 1);
    END IF;
    RETURN NULL;
END $$
"""
TRIGGERS = """
CREATE TRIGGER arrivals_are_counted_in_segments
    AFTER INSERT ON organizations_user
    REFERENCING NEW TABLE AS counted
    FOR EACH STATEMENT EXECUTE FUNCTION count_statement_in_segments();
CREATE TRIGGER erasures_are_counted_in_segments
    AFTER DELETE ON organizations_user
    REFERENCING OLD TABLE AS counted
    FOR EACH STATEMENT EXECUTE FUNCTION count_statement_in_segments();
CREATE TRIGGER changes_are_counted_in_segments
    AFTER UPDATE ON organizations_user
    FOR EACH ROW
    WHEN (
        (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)
        OR (OLD.organization_id, OLD.created_at, OLD.id)
            <> (NEW.organization_id, NEW.created_at, NEW.id)
    )
    EXECUTE FUNCTION count_change_in_segments()
"""
WITHOUT = """
DROP TRIGGER arrivals_are_counted_in_segments ON organizations_user;
DROP TRIGGER erasures_are_counted_in_segments ON organizations_user;
DROP TRIGGER changes_are_counted_in_segments ON organizations_user;
DROP FUNCTION count_statement_in_segments();
DROP FUNCTION count_change_in_segments();
DROP FUNCTION count_in_segment(uuid, timestamptz, uuid, integer)
"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0010_list_sessions")]
    operations = [
        migrations.CreateModel(
            name="UserSegment",
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
                        related_name="user_segments",
                        to="organizations.organization",
                    ),
                ),
            ],
        ),
        migrations.RunSQL([FUNCTIONS, TRIGGERS], WITHOUT),
    ]
