import django.db.models.deletion
from django.db import migrations, models

# Arrivals and erasures are counted per statement: a row for row count in a bulk load
# would visit every version of its own slot again. Few updates change who counts, so
# they are counted per row, and every other update pays nothing.
FUNCTIONS = """
CREATE FUNCTION count_user_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO organizations_usercount AS kept (organization_id, slot, present, active)
    SELECT counted.organization_id, pg_backend_pid() % 16,
           sum(counted.sign), coalesce(sum(counted.sign) FILTER (WHERE counted.is_active), 0)
    FROM (VALUES (OLD.organization_id, OLD.deleted_at, OLD.is_active, -1),
                 (NEW.organization_id, NEW.deleted_at, NEW.is_active, 1)
         ) AS counted (organization_id, deleted_at, is_active, sign)
    WHERE counted.deleted_at IS NULL
    GROUP BY counted.organization_id ORDER BY counted.organization_id
    ON CONFLICT (organization_id, slot) DO UPDATE
    SET present = kept.present + excluded.present,
        active = kept.active + excluded.active;
    RETURN NULL;
END $$;
CREATE FUNCTION count_users_of_statement() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    sign CONSTANT integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO organizations_usercount AS kept (organization_id, slot, present, active)
    SELECT counted.organization_id, pg_backend_pid() % 16,
           sign * count(*), sign * count(*) FILTER (WHERE counted.is_active)
    FROM counted
    WHERE counted.deleted_at IS NULL
    GROUP BY counted.organization_id ORDER BY counted.organization_id
    ON CONFLICT (organization_id, slot) DO UPDATE
    SET present = kept.present + excluded.present,
        active = kept.active + excluded.active;
    RETURN NULL;
END $$
"""
TRIGGERS = """
CREATE TRIGGER arrivals_are_counted
    AFTER INSERT ON organizations_user
    REFERENCING NEW TABLE AS counted
    FOR EACH STATEMENT EXECUTE FUNCTION count_users_of_statement();
CREATE TRIGGER erasures_are_counted
    AFTER DELETE ON organizations_user
    REFERENCING OLD TABLE AS counted
    FOR EACH STATEMENT EXECUTE FUNCTION count_users_of_statement();
CREATE TRIGGER changes_are_counted
    AFTER UPDATE ON organizations_user
    FOR EACH ROW
    WHEN (
        (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)
        OR OLD.is_active <> NEW.is_active
        OR OLD.organization_id <> NEW.organization_id
    )
    EXECUTE FUNCTION count_user_change()
"""
WITHOUT = """
DROP TRIGGER arrivals_are_counted ON organizations_user;
DROP TRIGGER erasures_are_counted ON organizations_user;
DROP TRIGGER changes_are_counted ON organizations_user;
DROP FUNCTION count_users_of_statement();
DROP FUNCTION count_user_change()
"""
# The lock that creating a trigger takes keeps writers out until the count is stored.
BACKFILL = """
INSERT INTO organizations_usercount (organization_id, slot, present, active)
SELECT organization_id, 0, count(*), count(*) FILTER (WHERE is_active)
FROM organizations_user WHERE deleted_at IS NULL GROUP BY organization_id
"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0004_count_saml_versions")]
    operations = [
        migrations.CreateModel(
            name="UserCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization",
                        "slot",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("slot", models.SmallIntegerField()),
                ("present", models.IntegerField()),
                ("active", models.IntegerField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="user_counts",
                        to="organizations.organization",
                    ),
                ),
            ],
        ),
        migrations.RunSQL([FUNCTIONS, TRIGGERS], WITHOUT),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
    ]
