from django.db import migrations

# A unique index says "at most one"; this says "at least one", at commit.
FUNCTION = """
CREATE FUNCTION organization_has_an_administrator() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    subject uuid;
BEGIN
    subject := CASE TG_TABLE_NAME
        WHEN 'organizations_organization' THEN to_jsonb(NEW) ->> 'id'
        ELSE to_jsonb(OLD) ->> 'organization_id'
    END;
    IF EXISTS (SELECT 1 FROM organizations_organization WHERE id = subject)
       AND NOT EXISTS (
           SELECT 1 FROM organizations_user
           WHERE organization_id = subject AND role = 'administrator'
       )
    THEN
        RAISE EXCEPTION 'organization % has no administrator', subject
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
TRIGGERS = """
CREATE CONSTRAINT TRIGGER a_new_organization_has_an_administrator
    AFTER INSERT ON organizations_organization
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION organization_has_an_administrator();
CREATE CONSTRAINT TRIGGER the_right_is_transferred_not_dropped
    AFTER UPDATE ON organizations_user
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW
    WHEN (OLD.role = 'administrator' AND NEW.role <> 'administrator')
    EXECUTE FUNCTION organization_has_an_administrator();
CREATE CONSTRAINT TRIGGER the_administrator_is_not_erased
    AFTER DELETE ON organizations_user
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW
    WHEN (OLD.role = 'administrator')
    EXECUTE FUNCTION organization_has_an_administrator()
"""
WITHOUT = """
DROP TRIGGER a_new_organization_has_an_administrator ON organizations_organization;
DROP TRIGGER the_right_is_transferred_not_dropped ON organizations_user;
DROP TRIGGER the_administrator_is_not_erased ON organizations_user;
DROP FUNCTION organization_has_an_administrator()
"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0002_members_stay_in_their_organization")]
    operations = [
        migrations.RunSQL([FUNCTION, TRIGGERS], WITHOUT),
    ]
