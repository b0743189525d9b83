from django.db import migrations, models
from django.db.models import Q

# As in migration 0005, with two more sums: who is linked, and who is active and has
# signed in. A sign-in changes the count once, the first time.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION count_user_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO organizations_usercount AS kept
        (organization_id, slot, present, active, linked, entered)
    SELECT counted.organization_id, pg_backend_pid() % 16, sum(counted.sign),
           coalesce(sum(counted.sign) FILTER (WHERE counted.is_active), 0),
           coalesce(sum(counted.sign) FILTER (WHERE counted.linked_at IS NOT NULL), 0),
           coalesce(sum(counted.sign) FILTER (
               WHERE counted.is_active AND counted.last_login IS NOT NULL), 0)
    FROM (VALUES
        (OLD.organization_id, OLD.deleted_at, OLD.is_active, OLD.linked_at,
         OLD.last_login, -1),
        (NEW.organization_id, NEW.deleted_at, NEW.is_active, NEW.linked_at,
         NEW.last_login, 1)
    ) AS counted (organization_id, deleted_at, is_active, linked_at, last_login, sign)
    WHERE counted.deleted_at IS NULL
    GROUP BY counted.organization_id ORDER BY counted.organization_id
    ON CONFLICT (organization_id, slot) DO UPDATE
    SET present = kept.present + excluded.present,
        active = kept.active + excluded.active,
        linked = kept.linked + excluded.linked,
        entered = kept.entered + excluded.entered;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION count_users_of_statement() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    sign CONSTANT integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO organizations_usercount AS kept
        (organization_id, slot, present, active, linked, entered)
    SELECT counted.organization_id, pg_backend_pid() % 16, sign * count(*),
           sign * count(*) FILTER (WHERE counted.is_active),
           sign * count(*) FILTER (WHERE counted.linked_at IS NOT NULL),
           sign * count(*) FILTER (
               WHERE counted.is_active AND counted.last_login IS NOT NULL)
    FROM counted
    WHERE counted.deleted_at IS NULL
    GROUP BY counted.organization_id ORDER BY counted.organization_id
    ON CONFLICT (organization_id, slot) DO UPDATE
    SET present = kept.present + excluded.present,
        active = kept.active + excluded.active,
        linked = kept.linked + excluded.linked,
        entered = kept.entered + excluded.entered;
    RETURN NULL;
END $$
"""
TRIGGER = """
DROP TRIGGER changes_are_counted ON organizations_user;
CREATE TRIGGER changes_are_counted
    AFTER UPDATE ON organizations_user
    FOR EACH ROW
    WHEN (
        (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)
        OR OLD.is_active <> NEW.is_active
        OR (OLD.linked_at IS NULL) <> (NEW.linked_at IS NULL)
        OR (OLD.last_login IS NULL) <> (NEW.last_login IS NULL)
        OR OLD.organization_id <> NEW.organization_id
    )
    EXECUTE FUNCTION count_user_change()
"""
# The lock on the table keeps writers out until the sums are stored.
BACKFILL = """
UPDATE organizations_usercount AS kept
SET linked = counted.linked, entered = counted.entered
FROM (
    SELECT organization_id, count(linked_at) AS linked,
           count(last_login) FILTER (WHERE is_active) AS entered
    FROM organizations_user WHERE deleted_at IS NULL GROUP BY organization_id
) AS counted
WHERE kept.organization_id = counted.organization_id AND kept.slot = (
    SELECT min(slot) FROM organizations_usercount AS every
    WHERE every.organization_id = counted.organization_id
)
"""
ENTERED = Q(deleted_at=None, is_active=True, last_login__isnull=False)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0016_limits_of_sessions")]
    operations = [
        migrations.AddField(
            "usercount", "linked", models.IntegerField(default=0, db_default=0)
        ),
        migrations.AddField(
            "usercount", "entered", models.IntegerField(default=0, db_default=0)
        ),
        migrations.RunSQL([TRIGGER, FUNCTIONS, BACKFILL], migrations.RunSQL.noop),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["organization", "user_name_key"],
                name="user_who_entered",
                condition=ENTERED,
            ),
        ),
    ]
