from django.db import migrations

# Both ends of a membership carry its organization: no tenant reaches into another.
COMPOSITE_KEYS = """
ALTER TABLE organizations_membership
    ADD CONSTRAINT membership_group_of_organization
        FOREIGN KEY (organization_id, group_id)
        REFERENCES organizations_group (organization_id, id)
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT membership_user_of_organization
        FOREIGN KEY (organization_id, user_id)
        REFERENCES organizations_user (organization_id, id)
        DEFERRABLE INITIALLY DEFERRED
"""
WITHOUT_COMPOSITE_KEYS = """
ALTER TABLE organizations_membership
    DROP CONSTRAINT membership_group_of_organization,
    DROP CONSTRAINT membership_user_of_organization
"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial")]
    operations = [migrations.RunSQL(COMPOSITE_KEYS, WITHOUT_COMPOSITE_KEYS)]
